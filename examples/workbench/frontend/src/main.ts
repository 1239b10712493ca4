/** Runs the main window: a folder's documents, and the jobs that read all of them. */

import { listen } from "@tauri-apps/api/event";
import { createDialog } from "./main/create";
import { FileList } from "./main/files";
import { folderJobs } from "./main/jobs";
import { closeWindow, type FolderChanged, listDocuments, openDocument, openTasks } from "./shared/api";
import { button, byId, setText } from "./shared/dom";
import { fillEmpty } from "./shared/empty";
import { plural } from "./shared/format";
import "./styles/base.css";
import "./styles/job.css";
import "./styles/main.css";

const count = byId("count", HTMLParagraphElement);
const empty = byId("empty", HTMLDivElement);
const folder = byId("folder", HTMLSpanElement);
const list = byId("files", HTMLUListElement);

let lastRefresh = 0;
const create = createDialog();
const files = new FileList(list, (name) => void openDocument(name).catch(report));
byId("jobs", HTMLElement).append(...folderJobs((reports) => files.annotate(reports)));
fillEmpty(
  empty,
  "No documents yet",
  "Make the first one: it opens in a window of its own.",
  button("New document", "primary", create.open),
);

byId("new", HTMLButtonElement).addEventListener("click", create.open);
byId("tasks", HTMLButtonElement).addEventListener("click", () => void openTasks().catch(report));
window.addEventListener("keydown", (event) => {
  if (!event.ctrlKey || (event.key !== "n" && event.key !== "q")) return;
  event.preventDefault();
  if (event.key === "n") create.open();
  else void closeWindow().catch(report);
});

await listen<FolderChanged>("folder-changed", ({ payload }) => {
  void refresh().then(() => {
    if (payload.change === "saved" || payload.change === "created") files.flash(payload.name);
  });
});
await refresh();
list.focus();
// Times such as "5 min ago" grow old.
setInterval(() => void refresh(), 30_000);

async function refresh(): Promise<void> {
  const turn = ++lastRefresh;
  try {
    const { path, documents } = await listDocuments();
    // A later question is out: its answer is the newer one, whichever comes first.
    if (turn !== lastRefresh) return;
    files.show(documents);
    setText(count, plural(documents.length, "document"));
    setText(folder, path);
    empty.hidden = documents.length > 0;
    list.hidden = documents.length === 0;
  } catch (error) {
    report(error);
  }
}

function report(error: unknown): void {
  setText(count, error instanceof Error ? error.message : String(error));
}

/** Runs an editor window: one document, its text, and three jobs that read it. */

import { answerClosing } from "./editor/closing";
import { Cover } from "./editor/cover";
import { textJobs } from "./editor/jobs";
import { Sheet } from "./editor/sheet";
import { closeWindow, loadDocument } from "./shared/api";
import { byId, setText } from "./shared/dom";
import { plural, time } from "./shared/format";
import "./styles/base.css";
import "./styles/job.css";
import "./styles/editor.css";

const area = byId("text", HTMLTextAreaElement);
const state = byId("state", HTMLParagraphElement);
const measure = byId("measure", HTMLSpanElement);
const saveButton = byId("save", HTMLButtonElement);

try {
  await start();
} catch (error) {
  report(error);
}

async function start(): Promise<void> {
  const { name, kind, text } = await loadDocument();
  const sheet = new Sheet(area, text, show);
  const save = (): void => void sheet.save().catch(report);

  setText(byId("name", HTMLHeadingElement), name);
  area.dataset["kind"] = kind;
  area.wrap = kind === "csv" ? "off" : "soft";
  const cover = new Cover(byId("cover", HTMLElement));
  byId("jobs", HTMLElement).append(...textJobs(() => sheet.text, cover));
  answerClosing(() => sheet.save());
  saveButton.addEventListener("click", save);
  window.addEventListener("keydown", (event) => {
    if (!event.ctrlKey || (event.key !== "s" && event.key !== "w")) return;
    event.preventDefault();
    if (event.key === "s") save();
    else void closeWindow().catch(report);
  });
  area.disabled = false;
  area.focus();
  area.setSelectionRange(0, 0);
  area.scrollTop = 0;
}

function show(sheet: Sheet): void {
  saveButton.disabled = !sheet.unsaved;
  state.classList.toggle("warn", sheet.unsaved);
  if (sheet.unsaved) setText(state, "Unsaved changes");
  else setText(state, sheet.savedAt ? `Saved at ${time(sheet.savedAt)}` : "No changes");
  const lines = sheet.text.split("\n").length;
  setText(measure, `${plural(lines, "line")} · ${plural(sheet.text.length, "character")}`);
}

function report(error: unknown): void {
  state.classList.add("warn");
  setText(state, error instanceof Error ? error.message : String(error));
}

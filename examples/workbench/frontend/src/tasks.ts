/** Runs the tasks window, which polls the live calls of all windows and the load of the app. */

import { cancelCall, killWorker, overview, type Task } from "./shared/api";
import { byId, setText } from "./shared/dom";
import { fillEmpty } from "./shared/empty";
import { plural } from "./shared/format";
import { Load } from "./tasks/load";
import { taskList } from "./tasks/rows";
import { Workers } from "./tasks/workers";
import "./styles/base.css";
import "./styles/tasks.css";

/** Between the end of one question and the next. */
const INTERVAL_MS = 250;

const count = byId("count", HTMLParagraphElement);
const empty = byId("empty", HTMLDivElement);
const list = byId("tasks", HTMLUListElement);
const tasks = taskList(list, (id) => void cancelCall(id).then(refresh).catch(report));
const load = new Load(byId("load", HTMLElement));
const workers = new Workers(
  byId("workers", HTMLElement),
  (worker) => void killWorker(worker).then(refresh).catch(report),
);

fillEmpty(empty, "Nothing is running", "Start a job in any window: it shows up here.");
void watch();

async function watch(): Promise<never> {
  for (;;) {
    await refresh().catch(report);
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
  }
}

async function refresh(): Promise<void> {
  const now = await overview();
  tasks.show(now.tasks);
  load.show(now);
  workers.show(now.pools);
  list.hidden = now.tasks.length === 0;
  empty.hidden = now.tasks.length > 0;
  setText(count, headline(now.tasks));
}

function headline(live: Task[]): string {
  const queued = live.filter(({ state }) => state === "queued").length;
  const running = plural(live.length - queued, "call");
  if (live.length === 0) return "All windows are idle";
  return queued ? `${running} running, ${queued} queued` : `${running} running`;
}

function report(error: unknown): void {
  setText(count, error instanceof Error ? error.message : String(error));
}

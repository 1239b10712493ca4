// Shows the list of live calls.

import type { Task } from "../shared/api";
import { button, el, setText } from "../shared/dom";
import { duration } from "../shared/format";
import { KeyedList } from "../shared/keyed";
import { Meter } from "../shared/meter";

/** One live call. */
class Row {
  readonly element = el("li", "task");
  readonly #state = el("span", "chip");
  readonly #time = el("span", "task-time");
  readonly #message = el("p", "task-message");
  readonly #meter: Meter;
  readonly #cancel: HTMLButtonElement;

  constructor(task: Task, cancel: (id: number) => void) {
    this.#meter = new Meter(task.command);
    this.#cancel = button("Cancel", "", () => cancel(task.id));
    this.#cancel.setAttribute("aria-label", `Cancel ${task.command}, call ${task.id}`);
    this.element.dataset["command"] = task.command;
    this.element.dataset["window"] = task.window;
    this.element.append(
      el(
        "header",
        "",
        el("code", "task-command", task.command),
        this.#state,
        this.#time,
        this.#cancel,
      ),
      this.#meter.element,
      el(
        "footer",
        "",
        el("span", "task-window", task.document ?? task.window),
        this.#message,
        el("span", "task-id", `#${task.id}`),
      ),
    );
  }

  update(task: Task): void {
    this.element.dataset["state"] = task.state;
    setText(this.#state, task.state);
    setText(this.#time, duration(task.seconds));
    setText(this.#message, task.message ?? "");
    this.#meter.set(task.done, task.total);
    this.#cancel.disabled = task.state === "cancelling";
  }
}

/** The list of live calls, in the order in which they were accepted. */
export const taskList = (
  list: HTMLElement,
  cancel: (id: number) => void,
): KeyedList<Task, Row> => new KeyedList(list, ({ id }) => id, (task) => new Row(task, cancel));

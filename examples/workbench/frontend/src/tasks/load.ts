// Shows how busy the app is.

import type { Overview, Permits, Task } from "../shared/api";
import { el, setText } from "../shared/dom";
import { number } from "../shared/format";

/** More permits than this are a figure, not dots. */
const DOTS = 12;

/** How busy the app is: calls by state, permits of the busy commands, refusals by code. */
export class Load {
  readonly #figures = el("dl", "figures");
  readonly #running = figure(this.#figures, "running", "Running");
  readonly #queued = figure(this.#figures, "queued", "Queued");
  readonly #orphans = figure(this.#figures, "orphans", "Still stopping");
  readonly #refused = figure(this.#figures, "refused", "Errors");
  readonly #permits = el("ul", "permits");
  readonly #codes = el("p", "codes");

  constructor(place: HTMLElement) {
    this.#permits.setAttribute("aria-label", "Permits");
    place.append(this.#figures, this.#permits, this.#codes);
  }

  show({ tasks, orphans, permits, refused }: Overview): void {
    const count = (state: Task["state"]): number =>
      tasks.filter((task) => task.state === state).length;
    const codes = Object.entries(refused);
    setText(this.#running, number(count("running")));
    setText(this.#queued, number(count("queued")));
    setText(this.#orphans, number(orphans));
    setText(this.#refused, number(codes.reduce((sum, [, times]) => sum + times, 0)));
    this.#permits.replaceChildren(...permits.map(permitRow));
    this.#permits.hidden = permits.length === 0;
    this.#codes.replaceChildren(
      ...codes.map(([code, times]) => {
        const chip = el("span", "chip", `${code} ${number(times)}`);
        chip.dataset["code"] = code;
        return chip;
      }),
    );
    this.#codes.hidden = codes.length === 0;
  }
}

function figure(list: HTMLElement, name: string, label: string): HTMLElement {
  const value = el("dd", "", "0");
  const item = el("div", "", value, el("dt", "", label));
  item.dataset["figure"] = name;
  list.append(item);
  return value;
}

function permitRow({ command, granted, limit, waiting }: Permits): HTMLElement {
  const dots = el("span", "dots");
  dots.setAttribute("aria-hidden", "true");
  for (let at = 0; at < limit && limit <= DOTS; at++) dots.append(el("i", at < granted ? "out" : ""));
  const row = el(
    "li",
    "",
    el("code", "", command),
    dots,
    el("span", "permits-out", `${granted} of ${number(limit)}`),
    el("span", waiting ? "chip warn" : "muted", `${number(waiting)} waiting`),
  );
  row.dataset["command"] = command;
  return row;
}

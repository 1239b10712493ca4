// Shows the worker processes of each pool.

import type { Pool, Worker } from "../shared/api";
import { button, el, setText } from "../shared/dom";
import { bytes, plural } from "../shared/format";
import { KeyedList } from "../shared/keyed";

type Kill = (worker: Worker) => void;

/** The worker processes, pool by pool. */
export class Workers {
  readonly #place: HTMLElement;
  readonly #pools: KeyedList<Pool, PoolCard>;

  constructor(place: HTMLElement, kill: Kill) {
    this.#place = place;
    this.#pools = new KeyedList(place, ({ name }) => name, (pool) => new PoolCard(pool, kill));
  }

  show(pools: Pool[]): void {
    this.#pools.show(pools);
    this.#place.hidden = pools.length === 0;
  }
}

class PoolCard {
  readonly element = el("article", "pool");
  readonly #notes = el("p", "pool-notes");
  readonly #workers: KeyedList<Worker, WorkerRow>;

  constructor({ name, size }: Pool, kill: Kill) {
    const list = el("ul", "");
    this.#workers = new KeyedList(list, ({ id }) => id, (worker) => new WorkerRow(worker, kill));
    this.element.dataset["pool"] = name;
    const about = el("span", "muted", `pool ${name}, ${plural(size, "call")} at once`);
    this.element.append(el("header", "", el("h2", "", "Workers"), about), this.#notes, list);
  }

  update({ reason, quarantined, workers }: Pool): void {
    const notes = quarantined.map((command) => `${command} is quarantined`);
    setText(this.#notes, [...(reason ? [reason] : []), ...notes].join(" · "));
    this.#workers.show(workers);
  }
}

class WorkerRow {
  readonly element = el("li", "worker");
  readonly #state = el("span", "chip");
  readonly #call = el("span", "worker-call");
  readonly #figures = el("span", "worker-figures");
  readonly #kill: HTMLButtonElement;
  /** As it was when it was looked at last: what a click is about. */
  #seen: Worker;

  constructor(worker: Worker, kill: Kill) {
    this.#seen = worker;
    this.#kill = button("Kill", "danger", () => kill(this.#seen));
    this.#kill.setAttribute("aria-label", `Kill worker ${worker.name}`);
    this.element.dataset["worker"] = worker.name;
    this.element.append(
      el("header", "", el("code", "worker-name", worker.name), this.#state, this.#call, this.#kill),
      el("footer", "", this.#figures),
    );
  }

  update(worker: Worker): void {
    const { state, command, caller, pid, memory, finished } = worker;
    this.#seen = worker;
    this.element.dataset["state"] = state;
    this.element.dataset["caller"] = caller ?? "";
    this.element.dataset["pid"] = String(pid ?? "");
    setText(this.#state, state);
    setText(this.#call, command ? [command, caller].filter(Boolean).join(" · ") : "");
    const figures = [pid && `pid ${pid}`, memory && bytes(memory), plural(finished, "call") + " done"];
    setText(this.#figures, figures.filter(Boolean).join(" · "));
    this.#kill.disabled = state === "ending";
  }
}

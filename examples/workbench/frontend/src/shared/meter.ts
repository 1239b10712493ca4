// Shows a progress bar.

import { el } from "./dom";

/** A progress bar that may not know its end. */
export class Meter {
  readonly element = el("div", "meter");
  readonly #fill = el("span", "");

  constructor(label: string) {
    this.element.append(this.#fill);
    this.element.setAttribute("role", "progressbar");
    this.element.setAttribute("aria-label", label);
    this.set(null, null);
  }

  /** Without a total the bar moves and says nothing about how far it is. */
  set(done: number | null, total: number | null): void {
    const known = done !== null && total !== null && total > 0;
    this.element.classList.toggle("unknown", !known);
    if (!known) {
      this.element.removeAttribute("aria-valuenow");
      return;
    }
    const percent = Math.min(100, (done / total) * 100);
    this.#fill.style.width = `${percent}%`;
    this.element.setAttribute("aria-valuenow", percent.toFixed(0));
  }
}

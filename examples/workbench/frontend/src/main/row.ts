// Shows one document in the list.

import type { DocumentInfo, DocumentReport } from "../shared/api";
import { el, setText } from "../shared/dom";
import { bytes, minutes, moment, plural } from "../shared/format";

const KINDS = { md: "Markdown", txt: "Plain text", csv: "Table" } as const;

/** One document of the list: updated in place, so that a refresh disturbs neither mouse nor eye. */
export class Row {
  readonly element: HTMLLIElement;
  readonly #about = el("small", "");
  readonly #mark = el("span", "chip");
  readonly #size = el("span", "file-size");
  readonly #time = el("span", "file-time");

  constructor({ name, kind }: DocumentInfo) {
    this.element = el(
      "li",
      "file",
      el("span", `kind ${kind}`, kind),
      el("span", "file-title", el("span", "file-name", name), this.#about),
      el("span", "file-marks", this.#mark),
      this.#size,
      this.#time,
    );
    this.element.id = `file-${name}`;
    this.element.dataset["name"] = name;
    this.element.setAttribute("role", "option");
    this.element.addEventListener("animationend", () => this.element.classList.remove("flash"));
  }

  update({ kind, size, modified, open, unsaved }: DocumentInfo, report?: DocumentReport): void {
    const about: string[] = [KINDS[kind]];
    if (report) about.push(plural(report.words, "word"), `${minutes(report.minutes)} to read`);
    setText(this.#about, about.join(" · "));
    this.#mark.hidden = !open;
    this.#mark.classList.toggle("warn", unsaved);
    setText(this.#mark, unsaved ? "Unsaved" : "Open");
    setText(this.#size, bytes(size));
    setText(this.#time, moment(modified));
  }

  select(selected: boolean): void {
    this.element.setAttribute("aria-selected", String(selected));
  }

  flash(): void {
    this.element.classList.add("flash");
  }
}

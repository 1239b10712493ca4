// Shows the list of documents.

import type { DocumentInfo, DocumentReport } from "../shared/api";
import { Row } from "./row";

/** The list of documents: one is selected, arrows move, Enter or a double click opens. */
export class FileList {
  readonly #list: HTMLUListElement;
  readonly #open: (name: string) => void;
  readonly #rows = new Map<string, Row>();
  #documents: DocumentInfo[] = [];
  #reports = new Map<string, DocumentReport>();
  #selected: string | null = null;

  constructor(list: HTMLUListElement, open: (name: string) => void) {
    this.#list = list;
    this.#open = open;
    list.addEventListener("keydown", (event) => this.#onKey(event));
    list.addEventListener("click", (event) => this.#select(nameOf(event.target)));
    list.addEventListener("dblclick", (event) => {
      const name = nameOf(event.target);
      if (name) open(name);
    });
  }

  show(documents: DocumentInfo[]): void {
    this.#documents = documents;
    const names = new Set(documents.map(({ name }) => name));
    for (const [name, row] of this.#rows) {
      if (names.has(name)) continue;
      row.element.remove();
      this.#rows.delete(name);
    }
    documents.forEach((each, at) => {
      const row = this.#rows.get(each.name) ?? new Row(each);
      this.#rows.set(each.name, row);
      row.update(each, this.#reports.get(each.name));
      const there = this.#list.children[at];
      if (there !== row.element) this.#list.insertBefore(row.element, there ?? null);
    });
    if (!this.#selected || !names.has(this.#selected)) this.#selected = documents[0]?.name ?? null;
    this.#mark();
  }

  /** Adds what "Analyse all" found out. */
  annotate(reports: DocumentReport[]): void {
    this.#reports = new Map(reports.map((report) => [report.name, report]));
    this.show(this.#documents);
  }

  /** Draws the eye to a document that has just changed. */
  flash(name: string): void {
    this.#rows.get(name)?.flash();
  }

  #select(name: string | null): void {
    if (!name) return;
    this.#selected = name;
    this.#mark();
    this.#rows.get(name)?.element.scrollIntoView({ block: "nearest" });
  }

  #mark(): void {
    for (const [name, row] of this.#rows) row.select(name === this.#selected);
    const selected = this.#selected && this.#rows.get(this.#selected);
    this.#list.setAttribute("aria-activedescendant", selected ? selected.element.id : "");
  }

  #onKey(event: KeyboardEvent): void {
    const last = this.#documents.length - 1;
    const at = this.#documents.findIndex(({ name }) => name === this.#selected);
    const moves = { ArrowDown: Math.min(at + 1, last), ArrowUp: Math.max(at - 1, 0), Home: 0, End: last };
    if (event.key === "Enter" && this.#selected) this.#open(this.#selected);
    else if (event.key in moves)
      this.#select(this.#documents[moves[event.key as keyof typeof moves]]?.name ?? null);
    else return;
    event.preventDefault();
  }
}

function nameOf(target: EventTarget | null): string | null {
  const row = target instanceof Element ? target.closest<HTMLElement>("[data-name]") : null;
  return row?.dataset["name"] ?? null;
}

import type { DocumentInfo, DocumentReport } from "../shared/api";
import { el } from "../shared/dom";
import { bytes, minutes, moment, plural } from "../shared/format";

const KINDS = { md: "Markdown", txt: "Plain text", csv: "Table" } as const;

/** The list of documents: one is selected, arrows move, Enter or a double click opens. */
export class FileList {
  readonly #list: HTMLUListElement;
  readonly #open: (name: string) => void;
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
    if (!documents.some(({ name }) => name === this.#selected)) {
      this.#selected = documents[0]?.name ?? null;
    }
    this.#list.replaceChildren(...documents.map((each) => this.#row(each)));
    this.#mark();
  }

  /** Adds what "Analyse all" found out. */
  annotate(reports: DocumentReport[]): void {
    this.#reports = new Map(reports.map((report) => [report.name, report]));
    this.show(this.#documents);
  }

  /** Draws the eye to a row that has just changed. */
  flash(name: string): void {
    this.#rowOf(name)?.classList.add("flash");
  }

  #row({ name, kind, size, modified, open, unsaved }: DocumentInfo): HTMLLIElement {
    const report = this.#reports.get(name);
    const about: string[] = [KINDS[kind]];
    if (report) about.push(plural(report.words, "word"), `${minutes(report.minutes)} to read`);
    const title = el("span", "file-name", name);
    const marks = unsaved ? [el("span", "chip warn", "Unsaved")] : open ? [el("span", "chip", "Open")] : [];
    const row = el(
      "li",
      "file",
      el("span", `kind ${kind}`, kind),
      el("span", "file-title", title, el("small", "", about.join(" · "))),
      el("span", "file-marks", ...marks),
      el("span", "file-size", bytes(size)),
      el("span", "file-time", moment(modified)),
    );
    row.id = `file-${name}`;
    row.dataset["name"] = name;
    row.setAttribute("role", "option");
    return row;
  }

  #rowOf(name: string | null): HTMLElement | undefined {
    return [...this.#list.children].find(
      (row): row is HTMLElement => row instanceof HTMLElement && row.dataset["name"] === name,
    );
  }

  #select(name: string | null): void {
    if (!name) return;
    this.#selected = name;
    this.#mark();
    this.#rowOf(name)?.scrollIntoView({ block: "nearest" });
  }

  #mark(): void {
    for (const row of this.#list.children) row.setAttribute("aria-selected", "false");
    const row = this.#rowOf(this.#selected);
    row?.setAttribute("aria-selected", "true");
    this.#list.setAttribute("aria-activedescendant", row?.id ?? "");
  }

  #onKey(event: KeyboardEvent): void {
    const last = this.#documents.length - 1;
    const at = this.#documents.findIndex(({ name }) => name === this.#selected);
    const next = { ArrowDown: Math.min(at + 1, last), ArrowUp: Math.max(at - 1, 0), Home: 0, End: last };
    if (event.key === "Enter" && this.#selected) this.#open(this.#selected);
    else if (event.key in next)
      this.#select(this.#documents[next[event.key as keyof typeof next]]?.name ?? null);
    else return;
    event.preventDefault();
  }
}

function nameOf(target: EventTarget | null): string | null {
  const row = target instanceof Element ? target.closest<HTMLElement>("[data-name]") : null;
  return row?.dataset["name"] ?? null;
}

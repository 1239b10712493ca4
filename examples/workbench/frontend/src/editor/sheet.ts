// Edits the text of a document, and tracks unsaved changes.

import { saveDocument, setUnsaved } from "../shared/api";

/** The text of this window against the text on disk. */
export class Sheet {
  readonly #area: HTMLTextAreaElement;
  readonly #onChange: (sheet: Sheet) => void;
  #onDisk: string;
  #unsaved = false;
  #savedAt: Date | null = null;

  /** `onChange` hears of the first text, every edit and every save. */
  constructor(area: HTMLTextAreaElement, text: string, onChange: (sheet: Sheet) => void) {
    this.#area = area;
    this.#onChange = onChange;
    area.value = text;
    // The area may have changed the line endings: compare with what it holds.
    this.#onDisk = area.value;
    area.addEventListener("input", () => this.#compare());
    onChange(this);
  }

  get text(): string {
    return this.#area.value;
  }

  get unsaved(): boolean {
    return this.#unsaved;
  }

  /** When this window last wrote to disk. */
  get savedAt(): Date | null {
    return this.#savedAt;
  }

  /** Writes the text to disk; typing may go on meanwhile. */
  async save(): Promise<void> {
    const text = this.text;
    await saveDocument(text);
    this.#onDisk = text;
    this.#savedAt = new Date();
    this.#compare();
  }

  #compare(): void {
    const unsaved = this.text !== this.#onDisk;
    if (unsaved !== this.#unsaved) {
      this.#unsaved = unsaved;
      void setUnsaved(unsaved);
    }
    this.#onChange(this);
  }
}

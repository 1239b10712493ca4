// Updates a list in place when its items change.

/** What shows one item of a list. */
export interface Shown<Item> {
  readonly element: HTMLElement;
  update(item: Item): void;
}

/** A list whose rows are updated in place, so that focus and animation survive each poll. */
export class KeyedList<Item, Row extends Shown<Item>> {
  readonly #list: HTMLElement;
  readonly #key: (item: Item) => unknown;
  readonly #make: (item: Item) => Row;
  readonly #rows = new Map<unknown, Row>();

  constructor(list: HTMLElement, key: (item: Item) => unknown, make: (item: Item) => Row) {
    this.#list = list;
    this.#key = key;
    this.#make = make;
  }

  /** New items come last. */
  show(items: Item[]): void {
    const there = new Set(items.map(this.#key));
    for (const [key, row] of this.#rows) {
      if (there.has(key)) continue;
      row.element.remove();
      this.#rows.delete(key);
    }
    for (const item of items) {
      const key = this.#key(item);
      let row = this.#rows.get(key);
      if (!row) {
        row = this.#make(item);
        this.#rows.set(key, row);
        this.#list.append(row.element);
      }
      row.update(item);
    }
  }
}

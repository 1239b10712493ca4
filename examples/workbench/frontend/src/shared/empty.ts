// Fills a part of a page that has nothing to show.

import { el } from "./dom";

/** What a page shows where it has nothing to show. */
export function fillEmpty(into: HTMLElement, title: string, text: string, ...more: Node[]): void {
  const mark = el("span", "empty-mark");
  mark.setAttribute("aria-hidden", "true");
  into.replaceChildren(mark, el("h2", "", title), el("p", "muted", text), ...more);
}

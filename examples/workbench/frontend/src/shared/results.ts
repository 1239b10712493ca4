// Shows the results of jobs.

import type { Term } from "./api";
import { el } from "./dom";

/** Words as chips, with how often each stands. */
export function termList(terms: Term[]): HTMLUListElement {
  return el(
    "ul",
    "terms",
    ...terms.map(({ word, count }) => el("li", "", word, el("small", "", String(count)))),
  );
}

/** Figures with what they count. */
export function figures(...pairs: [figure: string, what: string][]): HTMLElement {
  return el(
    "dl",
    "figures",
    ...pairs.map(([figure, what]) => el("div", "", el("dd", "", figure), el("dt", "", what))),
  );
}

// Defines the jobs of an editor window.

import { countWords, summarise, type Summary, type WordCount } from "../shared/api";
import { el } from "../shared/dom";
import { duration, number } from "../shared/format";
import { JobCard } from "../shared/job";
import { figures, termList } from "../shared/results";
import { type Cover, type Drawn } from "./cover";

/** The three jobs that read this window's text, saved or not. */
export function textJobs(text: () => string, cover: Cover): HTMLElement[] {
  const render = new JobCard<Drawn>({
    title: "Render",
    about: "A cover for the text, in plain Python.",
    runsOn: "process",
    command: "render_cover",
    start: (options) => cover.render(text(), options),
    show: ({ tiles, pixels, seconds }) => [
      figures(
        [number(pixels), "pixels"],
        [number(tiles), "tiles"],
        [duration(seconds), "of Python"],
      ),
    ],
  });
  const summary = new JobCard<Summary>({
    title: "Summarise",
    about: "The sentences that say most.",
    runsOn: "async",
    command: "summarise",
    start: (options) => summarise(text(), options),
    show: ({ sentences, of }) =>
      sentences.length === 0
        ? [el("p", "muted", "There is nothing to summarise yet.")]
        : [
            ...sentences.map((sentence) => el("blockquote", "", sentence)),
            el("p", "muted", `${sentences.length} of ${of} sentences`),
          ],
  });
  const count = new JobCard<WordCount>({
    title: "Count words",
    about: "How many there are, and which.",
    runsOn: "thread",
    command: "count_words",
    start: (options) => countWords(text(), options),
    show: ({ words, distinct, sentences, top }) => [
      figures(
        [number(words), "words"],
        [number(distinct), "different"],
        [number(sentences), "sentences"],
      ),
      termList(top),
    ],
  });
  return [render.element, summary.element, count.element];
}

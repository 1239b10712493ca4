import type { Summary, WordCount } from "../shared/api";
import { el } from "../shared/dom";
import { number } from "../shared/format";
import { JobCard } from "../shared/job";
import { figures, termList } from "../shared/results";

/** The two jobs that read this window's text, saved or not. */
export function textJobs(text: () => string): HTMLElement[] {
  const summarise = new JobCard<Summary>({
    title: "Summarise",
    about: "The sentences that say most.",
    runsOn: "async",
    command: "summarise",
    body: () => ({ text: text() }),
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
    body: () => ({ text: text() }),
    show: ({ words, distinct, sentences, top }) => [
      figures(
        [number(words), "words"],
        [number(distinct), "different"],
        [number(sentences), "sentences"],
      ),
      termList(top),
    ],
  });
  return [summarise.element, count.element];
}

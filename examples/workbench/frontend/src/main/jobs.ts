// Defines the jobs that read the whole folder.

import {
  analyseAll,
  buildIndex,
  type DocumentReport,
  type FolderReport,
  type IndexReport,
} from "../shared/api";
import { el } from "../shared/dom";
import { minutes, number } from "../shared/format";
import { JobCard } from "../shared/job";
import { figures, termList } from "../shared/results";

/** The two jobs that read the whole folder. */
export function folderJobs(onReport: (reports: DocumentReport[]) => void): HTMLElement[] {
  const analyse = new JobCard<FolderReport>({
    title: "Analyse all",
    about: "Length and reading ease of each.",
    runsOn: "async",
    command: "analyse_all",
    start: analyseAll,
    show: ({ documents, words, minutes: total }) => {
      onReport(documents);
      const prose = documents.filter(({ name }) => !name.endsWith(".csv"));
      const hardest = prose.reduce((a, b) => (b.ease < a.ease ? b : a), prose[0] ?? NOTHING);
      return [
        figures([number(words), "words"], [minutes(total), "to read"]),
        ...(hardest.name ? [el("p", "muted", `Hardest to read: ${hardest.name}`)] : []),
      ];
    },
  });
  const index = new JobCard<IndexReport>({
    title: "Build index",
    about: "Which words stand in how many lines.",
    runsOn: "thread",
    command: "build_index",
    start: buildIndex,
    show: ({ lines, distinct, top }) => [
      figures([number(lines), "lines"], [number(distinct), "different words"]),
      termList(top),
    ],
  });
  return [analyse.element, index.element];
}

const NOTHING: DocumentReport = { name: "", words: 0, minutes: 0, ease: 100 };

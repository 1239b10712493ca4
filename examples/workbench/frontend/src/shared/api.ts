/**
 * Defines every call that a page makes, with its types. `workbench/models.py` is the other side.
 */

import { pyInvoke, pyStream, type InvokeOptions, type PyStream } from "tauri-plugin-transom-api";

export type Kind = "md" | "txt" | "csv";

export interface DocumentInfo {
  name: string;
  kind: Kind;
  /** Bytes. */
  size: number;
  /** Seconds since 1970. */
  modified: number;
  open: boolean;
  unsaved: boolean;
}

export interface Folder {
  path: string;
  documents: DocumentInfo[];
}

/** Payload of the event `folder-changed`. */
export interface FolderChanged {
  name: string;
  change: "created" | "saved" | "opened" | "closed" | "edited";
}

export interface LoadedDocument {
  name: string;
  kind: Kind;
  text: string;
}

export interface DocumentReport {
  name: string;
  words: number;
  minutes: number;
  /** Flesch reading ease: 0 is hard, 100 is easy. */
  ease: number;
}

export interface FolderReport {
  documents: DocumentReport[];
  words: number;
  minutes: number;
}

export interface Term {
  word: string;
  count: number;
}

export interface IndexReport {
  lines: number;
  distinct: number;
  top: Term[];
}

export interface Summary {
  sentences: string[];
  /** How many sentences the text has. */
  of: number;
  keywords: string[];
}

export interface WordCount {
  words: number;
  distinct: number;
  sentences: number;
  longest: string;
  top: Term[];
}

/** A picture to render, in pixels. */
export interface CoverOrder {
  /** What it is a picture of. */
  text: string;
  width: number;
  height: number;
}

/** One live call of any window. */
export interface Task {
  id: number;
  command: string;
  window: string;
  /** What the calling editor shows; `null` for the other windows. */
  document: string | null;
  state: "queued" | "running" | "cancelling";
  /** Since the call was accepted. */
  seconds: number;
  done: number | null;
  total: number | null;
  message: string | null;
}

/** A command that runs so many calls at once and no more. */
export interface Permits {
  command: string;
  /** Permits out. */
  granted: number;
  limit: number;
  /** Calls that wait for one. */
  waiting: number;
}

/** One worker process. */
export interface Worker {
  pool: string;
  id: number;
  name: string;
  pid: number | null;
  state: "starting" | "idle" | "busy" | "cancelling" | "ending";
  /** The calls that it runs. */
  calls: number[];
  /** Of its call. */
  command: string | null;
  /** The document or the window from which that call came. */
  caller: string | null;
  /** Resident bytes. */
  memory: number | null;
  /** Calls that it has run to their end. */
  finished: number;
}

/** A pool of worker processes that has been used. */
export interface Pool {
  name: string;
  /** How many calls run at once. */
  size: number;
  /** Why it is unavailable. */
  reason: string | null;
  /** Commands that rest because their calls killed workers. */
  quarantined: string[];
  workers: Worker[];
}

export interface Overview {
  /** Oldest first. */
  tasks: Task[];
  /** Calls that were answered and whose code still runs. */
  orphans: number;
  /** The busy ones. */
  permits: Permits[];
  pools: Pool[];
  /** How many calls ended with an error since the start, by its code. */
  refused: Record<string, number>;
}

export const listDocuments = (): Promise<Folder> => pyInvoke("list_documents");
export const newDocument = (name: string): Promise<null> => pyInvoke("new_document", { name });
export const openDocument = (name: string): Promise<null> => pyInvoke("open_document", { name });
export const openTasks = (): Promise<null> => pyInvoke("open_tasks");

export const loadDocument = (): Promise<LoadedDocument> => pyInvoke("load_document");
export const saveDocument = (text: string): Promise<null> => pyInvoke("save_document", { text });
export const setUnsaved = (unsaved: boolean): Promise<null> =>
  pyInvoke("set_unsaved", { unsaved });
export const closeWindow = (): Promise<null> => pyInvoke("close_window");

/** The long jobs: all of them tell their progress, and end with the signal. */
export type JobOptions = Pick<InvokeOptions, "signal" | "onProgress">;
export const analyseAll = (options: JobOptions): Promise<FolderReport> =>
  pyInvoke("analyse_all", undefined, options);
export const buildIndex = (options: JobOptions): Promise<IndexReport> =>
  pyInvoke("build_index", undefined, options);
export const summarise = (text: string, options: JobOptions): Promise<Summary> =>
  pyInvoke("summarise", { text }, options);
export const countWords = (text: string, options: JobOptions): Promise<WordCount> =>
  pyInvoke("count_words", { text }, options);
/** The tiles in the order in which they are drawn; see `Cover.draw` for what is in one. */
export const renderCover = (order: CoverOrder, options: JobOptions): PyStream<ArrayBuffer> =>
  pyStream("render_cover", order, options);

export const overview = (): Promise<Overview> => pyInvoke("overview");
export const cancelCall = (id: number): Promise<boolean> => pyInvoke("cancel_call", { id });
/** Ends the process, unless it has another call by now: then `false`. */
export const killWorker = ({ pool, id, calls }: Worker): Promise<boolean> =>
  pyInvoke("kill_worker", { pool, id, calls });

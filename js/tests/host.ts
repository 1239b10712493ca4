// Imitates the host for the tests of the client.

import { webcrypto } from "node:crypto";
import { vi } from "vitest";
import type { Control, Down, Limits } from "../src/session/wire.js";

// Every webview has it, Node only since version 20.
if (!("crypto" in globalThis)) Object.defineProperty(globalThis, "crypto", { value: webcrypto });

/** One `plugin:transom|call` that reached the host, with what the page sent. */
export interface HostCall {
  readonly head: { e: string; i: number; c: string; a?: number; b?: string; p?: boolean; t?: number; q?: string; s?: { n?: number; c?: true } };
  readonly bytes: Uint8Array;
  readonly headers: Record<string, string>;
  answer(value: unknown): void;
  refuse(reason: unknown): void;
}

interface Next {
  readonly epoch: string;
  readonly id: number;
  readonly received: number;
  readonly taken: number;
}

/** A pull of a stream's items that reached the host. */
export interface HostNext {
  readonly frame: Next;
  answer(value: unknown): void;
  refuse(reason: unknown): void;
}

interface Deferred<T> {
  resolve(value: T): void;
  reject(reason: unknown): void;
}

export interface HostOptions {
  limits?: Partial<Limits>;
  version?: number;
  /** Answer hellos as they come? If not, `answerHello` does. Default: yes. */
  greets?: boolean;
  /** How long the messages may be that it takes. Default: none are taken. */
  messages?: number;
}

/** A script message that reached the host. */
export interface HostMessage {
  readonly text: string;
  /** The answer of a call by message: a text. */
  answer(text: string): void;
  refuse(reason: unknown): void;
}

/** The other end of docs/internals/protocol.md, in memory: a `window` with a `__TAURI_INTERNALS__` whose `invoke` ends here. */
export class Host {
  readonly window = Object.assign(new EventTarget(), { __TAURI_INTERNALS__: {} as Record<string, unknown> });
  readonly calls: HostCall[] = [];
  readonly controls: Control[] = [];
  /** Script messages, in order. */
  readonly messages: HostMessage[] = [];
  /** Pulls of streams, in order. */
  readonly nexts: HostNext[] = [];
  /** The `now` of each pull, in order. */
  readonly pulls: boolean[] = [];
  /** What else each of them said. */
  readonly said: { calls: number; again: boolean }[] = [];
  /** Every epoch that said hello, in order. */
  readonly epochs: string[] = [];
  /** Frames of an epoch that is not live: there must be none. */
  strays = 0;
  /** What the next hellos (pulls, replies) reject with, before the host answers again. */
  readonly helloFailures: unknown[] = [];
  readonly pullFailures: unknown[] = [];
  readonly replyFailures: unknown[] = [];
  /** Answers those who ask how a call ended. */
  onReleased: (frame: Extract<Control, { op: "released" }>) => unknown = () => "finished";
  /** Answers those who ask for the jobs. */
  onJobs: () => unknown = () => [];
  /** What holds up the next pulls on their way to the host; `undefined` for one that goes straight. */
  readonly delays: (Promise<void> | undefined)[] = [];
  private readonly waitingHellos: Deferred<unknown>[] = [];
  private parked: Deferred<Down[]> | undefined;
  private frames: Down[] = [];

  constructor(private readonly options: HostOptions = {}) {
    this.window.__TAURI_INTERNALS__["invoke"] = (command: string, payload: unknown, more: unknown) =>
      this.invoke(command, payload, more as { headers?: Record<string, string> } | undefined);
    const postMessage = (text: string): Promise<string> =>
      new Promise((_, refuse) => this.messages.push({ text, answer: (answer) => refuse(new Error(answer)), refuse }));
    if (options.messages !== undefined) Object.assign(this.window, { webkit: { messageHandlers: { transom: { postMessage } } } });
    vi.stubGlobal("window", this.window);
  }

  get cancels(): number[] {
    return this.controls.flatMap((frame) => (frame.op === "cancel" ? [frame.id] : []));
  }

  /** Whom the page has asked about. */
  get asked(): number[] {
    return this.controls.flatMap((frame) => (frame.op === "released" ? [frame.id] : []));
  }

  get replies(): Extract<Control, { op: "reply" }>[] {
    return this.controls.filter((frame) => frame.op === "reply");
  }

  get hasParkedPull(): boolean {
    return this.parked !== undefined;
  }

  call(index: number): HostCall {
    const call = this.calls[index];
    if (call === undefined) throw new Error(`the host has had ${this.calls.length} calls, not ${index + 1}`);
    return call;
  }

  json(index: number): unknown {
    return JSON.parse(new TextDecoder().decode(this.call(index).bytes));
  }

  /** Frames for the page: to the parked pull, else to the next one. */
  push(...frames: Down[]): void {
    this.keep(...frames);
    this.release();
  }

  /** Frames that came too late for the parked pull. */
  keep(...frames: Down[]): void {
    this.frames.push(...frames);
  }

  /** Answers the parked pull with what there is, as the host does after 25 s. */
  release(): void {
    const parked = this.parked;
    this.parked = undefined;
    if (parked !== undefined) parked.resolve(this.frames.splice(0));
  }

  /** Loses the parked pull: it is neither answered nor rejected. */
  lose(): void {
    this.parked = undefined;
  }

  answerHello(): void {
    for (const waiting of this.waitingHellos.splice(0)) waiting.resolve(this.helloAnswer());
  }

  comeBackFromCache(): void {
    this.window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
  }

  private helloAnswer(): unknown {
    const limits = { callsPerWindow: 256, maxBody: 1 << 20, ...this.options.limits };
    const { version = 1, messages } = this.options;
    return { version, window: "main", limits, ...(messages !== undefined && { messages }) };
  }

  private invoke(command: string, payload: unknown, more?: { headers?: Record<string, string> }): Promise<unknown> {
    switch (command) {
      case "plugin:transom|call":
        return this.called(payload as Uint8Array, more?.headers ?? {});
      case "plugin:transom|control":
        return this.controlled((payload as { frame: Control }).frame);
      case "plugin:transom|next":
        return this.next(payload as Next);
      case "plugin:transom|pull":
        return this.pulled(payload as { epoch: string; now: boolean; calls: number; again: boolean });
      default:
        return Promise.reject(`Command ${command} not found`);
    }
  }

  private called(payload: Uint8Array, headers: Record<string, string>): Promise<unknown> {
    const head = JSON.parse(headers["transom"] ?? "null") as HostCall["head"];
    this.expectEpoch(head.e);
    return new Promise((answer, refuse) => {
      // fetch and postMessage both read the payload at the call
      this.calls.push({ head, bytes: payload.slice(), headers, answer, refuse });
    });
  }

  private controlled(frame: Control): Promise<unknown> {
    if (frame.op !== "hello") this.expectEpoch(frame.epoch);
    this.controls.push(frame);
    if (frame.op === "jobs") return Promise.resolve(this.onJobs());
    if (frame.op === "released") return Promise.resolve(this.onReleased(frame));
    if (frame.op === "reply" && this.replyFailures.length > 0) return Promise.reject(this.replyFailures.shift());
    if (frame.op !== "hello") return Promise.resolve(null);
    if (this.helloFailures.length > 0) return Promise.reject(this.helloFailures.shift());
    this.epochs.push(frame.epoch);
    if (this.options.greets !== false) return Promise.resolve(this.helloAnswer());
    return new Promise((resolve, reject) => this.waitingHellos.push({ resolve, reject }));
  }

  private next(frame: Next): Promise<unknown> {
    this.expectEpoch(frame.epoch);
    return new Promise((answer, refuse) => this.nexts.push({ frame, answer, refuse }));
  }

  private async pulled({ epoch, now, calls, again }: { epoch: string; now: boolean; calls: number; again: boolean }): Promise<Down[]> {
    await this.delays.shift();
    this.expectEpoch(epoch);
    this.pulls.push(now);
    this.said.push({ calls, again });
    if (this.pullFailures.length > 0) throw this.pullFailures.shift();
    this.release();
    if (now || this.frames.length > 0) {
      const frames = this.frames.splice(0);
      await task(); // the answer to the older pull went out before
      return frames;
    }
    return new Promise((resolve, reject) => {
      this.parked = { resolve, reject };
    });
  }

  private expectEpoch(epoch: string): void {
    if (epoch === this.epochs.at(-1)) return;
    this.strays++;
    throw new Error("a frame of an epoch that is not live");
  }
}

/** A second copy of the package, as another bundle on the page would bring one. */
export async function secondCopy(): Promise<typeof import("../src/index.js")> {
  vi.resetModules();
  return import("../src/index.js");
}

/** Lets everything that is ready run, answers that come a task later included. */
export async function settled(): Promise<void> {
  for (let round = 0; round < 4; round++) await task();
}

function task(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** What a promise rejects with; fails if it does not. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (reason) {
    return reason;
  }
  throw new Error("expected a rejection");
}

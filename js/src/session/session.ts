// Runs the calls of one document: says hello to the host, sends calls, and settles them.

import { Aborts } from "../call/aborts.js";
import { ownBody, sizeOf } from "../call/body.js";
import type { Call } from "../call/call.js";
import { hostKeepsTime } from "../call/deadline.js";
import { Carrier } from "./carrier.js";
import type { ErrorCode } from "../codes.js";
import { InvokeError, fromRejection, type ErrorDetails } from "../errors.js";
import { describe } from "../thrown.js";
import { thrown, type Exposures } from "./expose.js";
import type { Job } from "../call/jobs.js";
import { Places } from "./places.js";
import { PullLoop } from "./pull.js";
import { endingOf, type Released } from "../call/released.js";
import { Requests } from "../call/requests.js";
import {
  CONTROL,
  PROTOCOL_VERSION,
  answerValue,
  callHead,
  type Control,
  type DownCall,
  type HelloAnswer,
  type Limits,
} from "./wire.js";

/** When to try a full host again, in milliseconds, if it does not say so. */
const RETRY_AFTER = 50;
/** How long after its deadline a call waits for the host's answer, in milliseconds. */
const GRACE = 1_000;

/** The scopes of limits that make a call wait on the page. */
const HOST_SCOPES: ReadonlySet<unknown> = new Set(["window", "app", "queued-bytes"]);

/** The calls of one epoch, from its hello to its end. */
export class Session {
  readonly epoch = newEpoch();
  retired = false;

  readonly requests = new Requests();
  private readonly pulls = new PullLoop(this);
  private readonly carrier = new Carrier(this.epoch, this.requests);
  private window: string | null = null;
  /** The host's limits. Unknown until the hello is answered; until then every call is held. */
  private limits: Limits | undefined;
  private hello: Promise<void> | undefined;
  private lastId = 0;
  private lastPlace = 0;
  /** Every call that has not settled. */
  private readonly pending = new Set<Call>();
  private readonly places = new Places();
  private readonly aborts = new Aborts((call, reason) => this.end(call, reason));
  /** The timer that runs while the host takes fewer calls than it says and some wait. */
  private retry: ReturnType<typeof setTimeout> | undefined;
  /** Resolves when this session retires. The host may not answer what it was asked before. */
  private readonly farewells = new Set<() => void>();

  /**
   * Creates it. `current` returns the session of the document now: this one, until it is retired.
   */
  constructor(
    private readonly exposures: Exposures,
    private readonly current: () => Session,
  ) {}

  submit(call: Call): void {
    call.place = ++this.lastPlace;
    this.pending.add(call);
    this.aborts.watch(call);
    call.deadline?.set(() => this.expire(call));
    if (this.limits === undefined) {
      this.hold(call);
      this.ready().catch(() => {}); // refused() has told the held calls
      return;
    }
    this.places.hold(call);
    this.sendHeld();
    if (call.phase !== "held") return;
    if (call.rejectsWhenFull) this.refuse(call);
    else call.body = ownBody(call.body);
  }

  /** Resolves when the host knows this epoch. A hello that failed is tried again. */
  ready(): Promise<void> {
    this.hello ??= this.control<HelloAnswer>({ op: "hello", epoch: this.epoch, version: PROTOCOL_VERSION })
      .then(checkVersion)
      .then(
        (answer) => this.welcomed(answer),
        (reason: unknown) => this.refused(reason),
      );
    return this.hello;
  }

  /** The jobs that this window may see, oldest first. */
  async jobs(): Promise<Job[]> {
    await this.ready();
    return this.control<Job[]>({ op: "jobs", epoch: this.epoch }).catch((reason: unknown) => {
      throw fromRejection(reason, null, this.window);
    });
  }

  /** Starts to pull frames from the host, if there is a reason to. */
  listen(): void {
    this.pulls.start();
  }

  /** Sends requests in progress again, because they may be lost. */
  sendAgain(): void {
    this.pulls.mayHaveMissed();
    this.requests.sendAgain();
  }

  /**
   * Ends the session, because the host has forgotten this epoch. Its calls reject with this error.
   */
  retire(code: ErrorCode, message: string): void {
    this.retired = true;
    clearTimeout(this.retry);
    this.places.clear();
    for (const call of this.pending) {
      const details = call.phase === "held" ? { started: false } : {};
      this.fail(call, code, message, { retryable: code === "window-closed", details });
    }
    for (const call of this.places.taken) call.end(() => this.released(call.id));
    for (const tell of this.farewells) tell();
  }

  /** Whether there is anything except a call's progress to pull for. */
  exposesAny(): boolean {
    return this.exposures.size > 0;
  }

  /** Runs a function that the page exposed, for the host. */
  async calledBack(frame: DownCall): Promise<void> {
    const outcome = await this.exposures.run(frame.name, frame.arg);
    if (this.retired) return;
    const reply = { op: "reply", epoch: this.epoch, call: frame.n } as const;
    await this.control({ ...reply, ...outcome }).catch((reason: unknown) =>
      // Python must not wait for what cannot be sent.
      this.control({ ...reply, ...thrown({ name: "Error", message: `The reply was not taken: ${describe(reason).message}` }) }),
    );
  }

  private control<T>(frame: Control): Promise<T> {
    return this.requests.send<T>(CONTROL, () => ({ args: { frame } }));
  }

  private welcomed(answer: HelloAnswer): void {
    this.window = answer.window;
    this.limits = answer.limits;
    this.places.open(answer.limits.callsPerWindow);
    if (answer.messages !== undefined) this.carrier.offer(answer.messages);
    this.sendHeld();
    for (const call of this.places) {
      if (call.rejectsWhenFull) this.refuse(call);
    }
    this.pulls.start();
  }

  private refused(reason: unknown): never {
    this.hello = undefined;
    const error = fromRejection(reason, null, this.window);
    const { code, message, window, retryable } = error;
    const details = { ...error.details, started: false };
    const waiting = [...this.places];
    this.places.clear();
    for (const call of waiting) {
      this.settle(call, false, new InvokeError(code, message, { command: call.command, window, retryable, details, cause: reason }));
    }
    throw error;
  }

  private hold(call: Call): void {
    call.body = ownBody(call.body);
    this.places.hold(call);
  }

  /**
   * Queues a call again that the host refused because it was full. The call never ran, and keeps
   * its place in the queue.
   */
  private holdAgain(call: Call, full: InvokeError): void {
    if (this.retired) return;
    this.pulls.forget(call.id);
    call.id = 0;
    call.phase = "held";
    call.body = ownBody(call.body);
    this.places.holdAgain(call);
    this.places.shrink();
    this.retryLater(Number(full.details.retryAfterMs ?? RETRY_AFTER));
  }

  /** Tries now and then to send a few more calls, until the host takes as many as it says. */
  private retryLater(after: number): void {
    this.retry ??= setTimeout(() => {
      this.retry = undefined;
      this.places.grow();
      this.sendHeld();
      if (this.places.isShort) this.retryLater(after);
    }, after);
  }

  private sendHeld(): void {
    if (this.limits === undefined) return;
    for (let call = this.places.next(); call !== undefined; call = this.places.next()) this.send(call, this.limits);
  }

  private send(call: Call, limits: Limits): void {
    const size = sizeOf(call.body, limits.maxBody);
    if (size > limits.maxBody) {
      const message = `The body for "${call.command}" has ${size} bytes, the host takes ${limits.maxBody}.`;
      return this.fail(call, "payload-too-large", message, { details: { started: false, limit: limits.maxBody } });
    }
    const { onProgress, deadline, background } = call;
    const left = deadline?.left;
    if (left !== undefined && left <= 0) return this.expire(call);
    // Of a stream it is the wait for each item, which the host watches.
    const timeout = call.stream === undefined ? left : deadline?.timeout;
    if (call.stream !== undefined) deadline?.clear();
    call.id = ++this.lastId;
    call.phase = "sent";
    this.places.take(call);
    const target = call.job ?? call.command;
    const head = callHead(this.epoch, call.id, target, call.body.kind, { progress: onProgress !== undefined, background, timeout, stream: call.stream });
    this.carrier.call(call, head).then(
      (value) => this.answered(call, true, value),
      (reason: unknown) => this.answered(call, false, reason),
    );
    if (onProgress !== undefined) this.pulls.watch(call.id, onProgress);
    call.stream?.sent();
  }

  private answered(call: Call, ok: boolean, answer: unknown): void {
    this.places.leave(call);
    const result = ok ? answerValue(answer, this.epoch) : fromRejection(answer, call.command, this.window);
    if (call.phase === "sent" && !call.rejectsWhenFull && isFullHost(result)) return this.holdAgain(call, result);
    call.end(endingOf(ok, result) ?? (() => this.released(call.id)));
    this.sendHeld();
    if (call.phase === "settled") return;
    if (ok && call.bytesOnly && !(result instanceof ArrayBuffer)) return this.notBytes(call);
    if (call.onProgress === undefined) return this.settle(call, ok, result);
    call.phase = "answered";
    void this.pulls.finish(call.id).then(() => this.settle(call, ok, result));
  }

  /** Ends a stream for the page. */
  giveUp(call: Call): void {
    this.end(call, undefined);
  }

  private end(call: Call, reason: unknown): void {
    const sent = call.phase === "sent";
    this.places.drop(call);
    this.pulls.forget(call.id);
    this.settle(call, false, reason);
    if (sent) this.carrier.cancel(call.id);
  }

  /**
   * Waits a moment for the host's answer to an expired call, because the host knows whether it
   * started.
   */
  private expire(call: Call): void {
    const { deadline, phase } = call;
    if (deadline === undefined || phase === "answered") return;
    if (phase === "sent" && hostKeepsTime()) return;
    if (phase === "sent" && deadline.left > -GRACE) return deadline.set(() => this.expire(call), GRACE);
    this.places.drop(call);
    this.pulls.forget(call.id);
    const details = { timeoutMs: deadline.timeout, ...(phase === "held" ? { started: false } : {}) };
    this.fail(call, "deadline-exceeded", `The call took longer than ${deadline.timeout} ms.`, { retryable: true, details });
    if (phase === "sent") this.carrier.cancel(call.id);
  }

  /** Asks the host how the work of a call ended; resolves when it has. */
  private async released(id: number): Promise<Released> {
    for (;;) {
      const session = this.current();
      try {
        await session.ready();
        return await session.askReleased(id, this.epoch);
      } catch {
        if (session === this.current()) return "abandoned"; // the host cannot be asked
      }
    }
  }

  /**
   * Asks the host how the work ended. `of` is the epoch of the call: this session's, or an earlier
   * one.
   */
  private askReleased(id: number, of: string): Promise<Released> {
    const { epoch } = this;
    const frame: Control = of === epoch ? { op: "released", epoch, id } : { op: "released", epoch, id, of };
    return new Promise((resolve, reject) => {
      const farewell = (): void => reject(new Error("the session retired"));
      this.farewells.add(farewell);
      this.control<Released>(frame).then(resolve, reject).finally(() => this.farewells.delete(farewell));
    });
  }

  private notBytes(call: Call): void {
    const message = `The command "${call.command}" returned JSON, not bytes: call it with pyInvoke.`;
    this.pulls.forget(call.id);
    this.fail(call, "invalid-argument", message, { details: { started: true } });
  }

  private refuse(call: Call): void {
    const limit = this.limits?.callsPerWindow;
    const { isFull, taken } = this.places;
    this.places.drop(call);
    this.fail(call, "overloaded", `${taken.size} calls of this window are in flight already, and the host takes no more.`, {
      retryable: true,
      details: { started: false, scope: isFull ? "window" : "app", limit, retryAfterMs: RETRY_AFTER },
    });
  }

  private fail(call: Call, code: ErrorCode, message: string, rest: { retryable?: boolean; details: ErrorDetails }): void {
    this.settle(call, false, new InvokeError(code, message, { command: call.command, window: this.window, ...rest }));
  }

  private settle(call: Call, ok: boolean, result: unknown): void {
    if (call.phase === "settled") return;
    call.phase = "settled";
    this.pending.delete(call);
    call.deadline?.clear();
    this.aborts.forget(call);
    if (call.id === 0) call.end("cancelled"); // never sent
    if (ok) call.resolve(result);
    else call.reject(result);
  }
}

/**
 * Whether a call was refused because the host is full, so that it may wait. A busy command is the
 * caller's concern.
 */
function isFullHost(result: unknown): result is InvokeError {
  if (!(result instanceof InvokeError) || result.code !== "overloaded") return false;
  return HOST_SCOPES.has(result.details.scope) && result.details.started !== true;
}

function checkVersion(answer: HelloAnswer): HelloAnswer {
  if (answer.version === PROTOCOL_VERSION) return answer;
  throw new InvokeError(
    "protocol-error",
    `The host speaks version ${answer.version} of Transom's protocol, the page ${PROTOCOL_VERSION}: ` +
      "use the same version of transom and tauri-plugin-transom-api.",
  );
}

function newEpoch(): string {
  const random = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

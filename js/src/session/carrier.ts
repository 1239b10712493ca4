// Sends calls to the host, as script messages or as requests.

import { payloadOf } from "../call/body.js";
import type { Call } from "../call/call.js";
import type { Requests } from "../call/requests.js";
import { CALL, CONTROL, HEAD, type Control } from "./wire.js";

/**
 * The webview's port for script messages. Each message is answered to the document that sent it:
 * the promise rejects with an error whose message is the answer.
 */
interface Port {
  postMessage(message: string): Promise<unknown>;
}

/** The first character of an answer: an answer of the host's, a value, an error. */
const ANSWER = /^[0-4]/;
const VALUE = "0";
const ERROR = "1";
/** How many calls one cancel frame may name. */
const MOST_CANCELS = 1000;
/** The whole answers to a call whose page the host took for gone: not started, and started. */
const GONE = ["3", "4"];

/**
 * Sends the calls of one session to the host. Small calls go as script messages, if the host takes
 * them, which takes a third of the time of a request. All others go as requests, by Tauri's
 * `invoke`.
 */
export class Carrier {
  /** Set once the host takes messages. */
  private port: Port | undefined;
  private limit = 0;
  /** Requests that the host has not answered. A message would overtake them. */
  private underWay = 0;
  /** Calls that the page has given up, and of which the host does not know yet. */
  private readonly givenUp: number[] = [];
  /** Commands whose calls the host wants as requests. */
  private readonly requested = new Set<string>();

  constructor(
    private readonly epoch: string,
    private readonly requests: Requests,
  ) {}

  /**
   * Sets how long a message may be, as the host says. The host takes them from documents whose
   * calls Tauri has let through.
   */
  offer(limit: number): void {
    this.limit = limit;
  }

  /** Sends a call. Rejects with what the host rejects it with. */
  call(call: Call, head: string): Promise<unknown> {
    const { port } = this;
    const text = port === undefined ? undefined : this.messageOf(call, head);
    return port === undefined || text === undefined ? this.request(call, head) : this.post(port, text, call, head);
  }

  /**
   * Tells the host that the page has given a call up. If that is lost, the command merely runs to
   * its end. The calls that one signal ends are sent together, so that none of them gets the place
   * of another and starts.
   */
  cancel(id: number): void {
    if (this.givenUp.push(id) > 1) return;
    queueMicrotask(() => {
      while (this.givenUp.length > 0) this.sendCancel(this.givenUp.splice(-MOST_CANCELS)).catch(() => {});
    });
  }

  private async sendCancel([id, ...and]: number[]): Promise<void> {
    const frame: Control = { op: "cancel", epoch: this.epoch, id: id!, ...(and.length > 0 ? { and } : {}) };
    // Not behind the requests before it: the host knows a cancel that comes before its call.
    if (this.port !== undefined) await this.port.postMessage(`x${JSON.stringify(frame)}`);
    else await this.requests.send(CONTROL, () => ({ args: { frame } }));
  }

  private messageOf(call: Call, head: string): string | undefined {
    const { body, command } = call;
    if (this.underWay > 0 || call.headers !== undefined || call.stream !== undefined || call.job !== undefined) return undefined;
    if (this.requested.has(command) || body.kind === "raw") return undefined;
    const text = body.kind === "json" ? body.text : "";
    return text.length > this.limit ? undefined : `c${head}\n${text}`;
  }

  private async post(port: Port, text: string, call: Call, head: string): Promise<unknown> {
    const answer = await port.postMessage(text).then(() => undefined, answerIn);
    if (answer === undefined) {
      this.port = undefined;
      this.limit = 0; // nobody is there any more
    } else {
      if (answer.startsWith(VALUE)) return JSON.parse(answer.slice(1));
      if (answer.startsWith(ERROR)) throw JSON.parse(answer.slice(1));
      if (GONE.includes(answer)) throw windowClosed(answer === GONE[1]);
      this.requested.add(call.command);
    }
    return this.request(call, head); // with the same id: the host takes it once
  }

  private request(call: Call, head: string): Promise<unknown> {
    const headers = call.headers === undefined ? { [HEAD]: head } : { ...call.headers, [HEAD]: head };
    const { body } = call;
    const answer = this.requests.send(CALL, () => ({ args: payloadOf(body), options: { headers } }));
    const answered = (): void => {
      this.underWay--;
      if (this.limit > 0) this.port ??= portOf(window);
    };
    this.underWay++;
    answer.then(answered, answered);
    return answer;
  }
}

/** The host's answer, if it is one: WebKit's own errors begin with a word. */
function answerIn(error: unknown): string | undefined {
  const { message } = (error ?? {}) as { message?: unknown };
  return typeof message === "string" && ANSWER.test(message) ? message : undefined;
}

/** The host's error, which its short answer leaves out. */
function windowClosed(started: boolean): object {
  return { code: "window-closed", message: "the window or page that called is gone", details: { started } };
}

function portOf(page: object): Port | undefined {
  return (page as { webkit?: { messageHandlers?: { transom?: Port } } }).webkit?.messageHandlers?.transom;
}

// Tests calls that are sent as script messages, and those that need a request.

import { beforeEach, describe, expect, test } from "vitest";
import { pyAttach, pyInvoke, pyStream, type PyCall } from "../src/index.js";
import { Host, rejection, settled } from "./host.js";

const LIMIT = 40;

let host: Host;

/** A document whose first call, by request, was answered. */
async function begun(messages: number | null = LIMIT): Promise<Host> {
  const host = new Host(messages === null ? {} : { messages });
  const first = pyInvoke("first");
  await settled();
  host.call(0).answer(null);
  await first;
  return host;
}

/** The head and the body of a message with a call. */
function read(text: string): [unknown, string] {
  expect(text[0]).toBe("c");
  const end = text.indexOf("\n");
  return [JSON.parse(text.slice(1, end)), text.slice(end + 1)];
}

describe("a host that takes messages", () => {
  beforeEach(async () => {
    host = await begun();
  });

  test("gets small calls as messages, once Tauri has let a request through", async () => {
    const call = pyInvoke("greet", { name: "grüße\n" });
    expect(host.calls).toHaveLength(1);
    const [head, body] = read(host.messages[0]!.text);
    expect(head).toEqual({ e: host.epochs[0], i: 2, c: "greet", b: "json" });
    expect(JSON.parse(body)).toEqual({ name: "grüße\n" });
    host.messages[0]!.answer('0{"message":"hi"}');
    expect(await call).toEqual({ message: "hi" });
    expect(await call.released).toBe("finished");
  });

  test("gets calls without a body, too", async () => {
    const call = pyInvoke("now");
    const [head, body] = read(host.messages[0]!.text);
    expect([head, body]).toEqual([{ e: host.epochs[0], i: 2, c: "now" }, ""]);
    host.messages[0]!.answer("0null");
    expect(await call).toBeNull();
  });

  test("rejects them with its errors", async () => {
    const call = pyInvoke("greet", 1);
    host.messages[0]!.answer('1{"code":"command-error","message":"m","details":{"started":true}}');
    expect(await rejection(call)).toMatchObject({ code: "command-error", message: "m", command: "greet" });
  });

  test.each([
    ["3", false],
    ["4", true],
  ])("tells with %s that it takes the page for gone", async (answer, started) => {
    const call = pyInvoke("greet", 1);
    host.messages[0]!.answer(answer);
    const error = await rejection(call);
    expect(error).toMatchObject({ code: "window-closed", command: "greet", retryable: false, details: { started } });
    expect(host.calls).toHaveLength(1);
  });

  test("answers with bytes as JSON, marked by the epoch", async () => {
    const call = pyInvoke("read", 1);
    host.messages[0]!.answer(`0{"transom":"${host.epochs[0]!}","bytes":[1,2]}`);
    expect(new Uint8Array((await call) as ArrayBuffer)).toEqual(new Uint8Array([1, 2]));
  });

  test("sends a call back whose command needs a request, and gets no message for that one again", async () => {
    const call = pyInvoke("read", 1);
    host.messages[0]!.answer("2");
    await settled();
    expect(host.call(1).head).toMatchObject({ i: 2, c: "read" });
    host.call(1).answer(7);
    expect(await call).toBe(7);
    void pyInvoke("read", 2);
    expect(host.call(2).head).toMatchObject({ i: 3 });
    expect(host.messages).toHaveLength(1);
  });

  test.each<[string, () => PyCall<unknown> | AsyncIterator<unknown>]>([
    ["bytes", () => pyInvoke("c", new Uint8Array(1))],
    ["headers", () => pyInvoke("c", 1, { headers: { x: "1" } })],
    ["a body over the limit", () => pyInvoke("c", "x".repeat(LIMIT))],
    ["a stream", () => pyStream("c")[Symbol.asyncIterator]()],
    ["a job", () => pyAttach(7)],
  ])("gets %s as a request", async (_, send) => {
    void send();
    await settled();
    expect(host.messages).toEqual([]);
    expect(host.calls).toHaveLength(2);
  });

  test("gets no message that would overtake a request", async () => {
    void pyInvoke("save", new Uint8Array(1));
    pyInvoke("save", 2).catch(() => {});
    expect(host.calls.map((call) => call.head.i)).toEqual([1, 2, 3]);
    host.call(1).answer(null);
    host.call(2).refuse({ code: "command-error", message: "m", details: {} });
    await settled();
    void pyInvoke("save", 3).catch(() => {});
    expect(host.messages).toHaveLength(1);
  });

  test("hears of a cancel by message", async () => {
    const abort = new AbortController();
    const call = pyInvoke("wait", 1, { signal: abort.signal });
    abort.abort();
    await rejection(call);
    expect(JSON.parse(host.messages[1]!.text.slice(1))).toEqual({ op: "cancel", epoch: host.epochs[0], id: 2 });
    expect(host.messages[1]!.text[0]).toBe("x");
    expect(host.cancels).toEqual([]);
  });

  test("hears of the cancels of one signal at once", async () => {
    const abort = new AbortController();
    const calls = [1, 2, 3].map((body) => pyInvoke("wait", body, { signal: abort.signal }));
    abort.abort();
    await Promise.all(calls.map(rejection));
    const { id, and } = JSON.parse(host.messages[3]!.text.slice(1)) as { id: number; and: number[] };
    expect([id, ...and].sort()).toEqual([2, 3, 4]);
    expect(host.messages).toHaveLength(4);
  });

  test("that is gone gets the same call as a request", async () => {
    const call = pyInvoke("c", 1);
    host.messages[0]!.refuse(new Error("nobody"));
    await settled();
    host.call(1).answer(5);
    expect(host.call(1).head.i).toBe(2);
    expect(await call).toBe(5);
    void pyInvoke("c", 2);
    expect(host.calls).toHaveLength(3);
  });
});

test("a document out of the back/forward cache asks anew", async () => {
  host = await begun();
  host.comeBackFromCache();
  await settled();
  void pyInvoke("c", 1);
  await settled();
  expect(host.messages).toEqual([]);
  expect(host.calls).toHaveLength(2);
});

test("a host that takes no messages gets none", async () => {
  host = await begun(null);
  const port = { postMessage: () => Promise.reject(new Error("nobody asked for this")) };
  Object.assign(host.window, { webkit: { messageHandlers: { transom: port } } });
  void pyInvoke("c", 1);
  expect(host.messages).toEqual([]);
  expect(host.calls).toHaveLength(2);
});

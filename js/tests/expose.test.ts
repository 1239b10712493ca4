// Tests functions that a page exposes to Python.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { expose, pyInvoke } from "../src/index.js";
import { Host, rejection, settled } from "./host.js";

let host: Host;
beforeEach(() => {
  host = new Host();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** What the page replies to a call from Python. */
async function called(name: string, arg: unknown = null): Promise<object> {
  const n = host.replies.length + 1;
  host.push({ t: "call", n, name, arg });
  await settled();
  expect(host.replies).toHaveLength(n);
  const { op, epoch, call, ok, json } = host.replies[n - 1]!;
  expect([op, epoch, call]).toEqual(["reply", host.epochs.at(-1), n]);
  return ok ? { ok, value: JSON.parse(json) as unknown } : { ok, error: JSON.parse(json) as unknown };
}

const cycle: Record<string, unknown> = {};
cycle["self"] = cycle;

const broken = Object.defineProperty(new Error(), "message", {
  get() {
    throw new Error("broken");
  },
});

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

describe("an exposed function", () => {
  test("is called with its argument and answered with its result, async or not", async () => {
    expose("double", (n: number) => n * 2);
    expose("later", async (text: string) => `${await Promise.resolve(text)}!`);
    expect(await called("double", 21)).toEqual({ ok: true, value: 42 });
    expect(await called("later", "hi")).toEqual({ ok: true, value: "hi!" });
  });

  test("starts the hello and the pull at the first expose", async () => {
    expect(host.controls).toEqual([]);
    expose("f", () => 1);
    await settled();
    expect(host.epochs).toHaveLength(1);
    expect(host.hasParkedPull).toBe(true);
  });

  test.each([
    ["undefined", undefined, null],
    ["what has a JSON form of its own", { at: new Date(0), nothing: {} }, { at: "1970-01-01T00:00:00.000Z", nothing: {} }],
    ["half a character", { "\ud800": "\udfff" }, { "\ud800": "\udfff" }],
    ["a boxed number, beside an empty object", [new Number(5), {}], [5, {}]],
  ])("that returns %s", async (_, value, expected) => {
    expose("f", () => value);
    expect(await called("f")).toEqual({ ok: true, value: expected });
  });

  test.each([
    ["a BigInt", 1n],
    ["a function", () => 1],
    ["a symbol", Symbol("s")],
    ["bytes", new Uint8Array(1)],
    ["bytes in a list", [new Uint8Array(1)]],
    ["a buffer in an object", { buffer: new ArrayBuffer(1) }],
    ["a Map", new Map([[1, 2]])],
    ["a Set in an object", { set: new Set([1]) }],
    ["a promise in a list", [Promise.resolve(1)]],
    ["an error in an object", { error: new Error("lost") }],
    ["a cycle", cycle],
  ])("that returns %s: a TypeError", async (_, value) => {
    expose("f", () => value);
    expect(await called("f")).toMatchObject({ ok: false, error: { name: "TypeError" } });
  });

  test("that returns what is nested deep: its text, in order", async () => {
    let deep: unknown = { b: 1, a: 2 };
    for (let i = 0; i < 2000; i++) deep = [deep];
    expose("f", () => deep);
    await called("f");
    expect(host.replies[0]?.json).toBe(`${"[".repeat(2000)}{"b":1,"a":2}${"]".repeat(2000)}`);
  });

  test("whose reply the host does not take says so instead", async () => {
    expose("f", () => "lost");
    await settled();
    host.replyFailures.push("malformed");
    host.push({ t: "call", n: 1, name: "f", arg: null });
    await settled();
    expect(host.replies.map(({ ok }) => ok)).toEqual([true, false]);
    expect(host.replies[1]?.json).toContain("malformed");
  });

  test.each([
    ["an error", new RangeError("too far"), { name: "RangeError", message: "too far" }],
    ["text", "no", { name: "Error", message: "no" }],
    ["undefined", undefined, { name: "Error", message: "undefined" }],
    ["an object without a text", Object.create(null), { name: "Error", message: "{}" }],
    ["a BigInt", 1n, { name: "Error", message: "1" }],
    ["half a character", new Error("\ud800"), { name: "Error", message: "\ud800" }],
    ["a cycle", cycle, { name: "Error", message: "[object Object]" }],
    ["an error that breaks", broken, { name: "Error", message: "[object Error]" }],
    ["a proxy that is revoked", revoked(), { name: "Error", message: "what was thrown cannot be described" }],
  ])("that throws %s", async (_, thrown, error) => {
    expose("sync", () => {
      throw thrown;
    });
    expose("async", () => Promise.reject(thrown));
    expect(await called("sync")).toEqual({ ok: false, error });
    expect(await called("async")).toEqual({ ok: false, error });
  });

  test.each(["missing", "constructor", "__proto__", "toString"])("%s that nobody exposed", async (name) => {
    expose("f", () => 1);
    const reply = await called(name);
    expect(reply).toMatchObject({ ok: false, error: { name: "NotExposed" } });
    expect(JSON.stringify(reply)).toContain(name);
  });

  test.each(["constructor", "__proto__"])("%s is a name like any other", async (name) => {
    expose(name, () => "mine");
    expect(await called(name)).toEqual({ ok: true, value: "mine" });
  });

  test("is replaced by another of its name, and taken back only by its own undo", async () => {
    const undoFirst = expose("f", () => "first");
    const undoSecond = expose("f", () => "second");
    undoFirst();
    expect(await called("f")).toEqual({ ok: true, value: "second" });
    undoSecond();
    expect(await called("f")).toMatchObject({ ok: false });
    await settled();
    expect(host.hasParkedPull).toBe(false); // nothing left to pull for
  });

  test("that takes long holds up neither others nor the pull", async () => {
    let finish: (value: string) => void = () => {};
    expose("slow", () => new Promise((resolve) => (finish = resolve)));
    expose("quick", () => "quick");
    host.push({ t: "call", n: 1, name: "slow", arg: null }, { t: "call", n: 2, name: "quick", arg: null });
    await settled();
    expect(host.replies.map((reply) => reply.call)).toEqual([2]);
    finish("slow");
    await settled();
    expect(host.replies.map((reply) => reply.call)).toEqual([2, 1]);
  });

  test("sees nothing of the client as its `this`", async () => {
    let self: unknown = "not called";
    expose("f", function (this: unknown) {
      self = this;
    });
    await called("f");
    expect(self).toBe(undefined);
  });

  test.each<[unknown, unknown]>([["", () => 1], ["f", 1], [7, () => 1]])("needs a name and a function: %j, %s", (name, fn) => {
    expect(() => expose(name as string, fn as () => unknown)).toThrow(TypeError);
    expect(host.controls).toEqual([]);
  });

  test("goes on in the new epoch after the back/forward cache; answers for the old one are dropped", async () => {
    let finish: () => void = () => {};
    expose("slow", () => new Promise<void>((resolve) => (finish = resolve)));
    expose("f", () => 1);
    host.push({ t: "call", n: 1, name: "slow", arg: null });
    await settled();
    host.comeBackFromCache();
    await settled();
    finish();
    await settled();
    expect(host.replies).toEqual([]);
    expect(host.strays).toBe(0);
    expect(await called("f")).toEqual({ ok: true, value: 1 });
    expect(host.epochs).toHaveLength(2);
  });
});

test("a call from Python to the document of before the back/forward cache is not run", async () => {
  const run = vi.fn();
  expose("f", run);
  await settled();
  host.comeBackFromCache();
  host.push({ t: "call", n: 1, name: "f", arg: null }); // answers the old pull
  await settled();
  expect(run).not.toHaveBeenCalled();
});

describe("a page that may not call Python", () => {
  test("asks once, says so, and asks again when a call got through", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    host.helloFailures.push("transom.control not allowed. Permissions associated with this command: …");
    expose("f", () => 1);
    await settled();
    await vi.advanceTimersByTimeAsync(60_000);
    await settled();
    expect(host.controls).toHaveLength(1);
    expect(warn).toHaveBeenCalledTimes(1);
    void pyInvoke("c");
    await settled();
    expect(host.hasParkedPull).toBe(true);
  });

  test("a host that is not up yet is asked again, without an end", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    vi.spyOn(console, "warn").mockImplementation(() => {});
    host.helloFailures.push("plugin transom not found", "plugin transom not found");
    expose("f", () => 1);
    expect(await rejection(pyInvoke("c"))).toMatchObject({ code: "unavailable" });
    await vi.advanceTimersByTimeAsync(300);
    await settled();
    expect(host.hasParkedPull).toBe(true);
  });
});

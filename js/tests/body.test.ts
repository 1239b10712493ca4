// Tests the bodies of calls: what is sent as bytes, what as JSON, and what is refused.

import { Channel } from "@tauri-apps/api/core";
import { beforeEach, describe, expect, test } from "vitest";
import { InvokeError, pyInvoke, rawPyInvoke } from "../src/index.js";
import { Host, rejection, settled } from "./host.js";

let host: Host;
beforeEach(async () => {
  host = new Host();
  void pyInvoke("first"); // after it the hello is done, and calls are sent at once
  await settled();
});

describe("bodies", () => {
  test.each([
    ["an object", { a: [1, "ü", null] }, { a: [1, "ü", null] }],
    ["null", null, null],
    ["text", "a\u2028\ud83d\ude00", "a\u2028\ud83d\ude00"],
    ["an array of numbers, which is not bytes", [1, 2], [1, 2]],
    ["an object of a class without fields", new (class Empty {})(), {}],
    ["what writes itself as nothing", Object.assign(new Map(), { toJSON: () => ({}) }), {}],
    ["a date", new Date(0), "1970-01-01T00:00:00.000Z"],
    ["boxes beside an empty object", [new String("a"), new Boolean(true), {}], ["a", true, {}]],
  ])("%s travels as JSON", (_, body, expected) => {
    void pyInvoke("c", body);
    expect(host.call(1).head.b).toBe("json");
    expect(host.json(1)).toEqual(expected);
  });

  test.each([
    ["bytes", Uint8Array.from({ length: 70_000 }, (_, at) => at % 256)],
    ["a part of a buffer", new Uint8Array([9, 250, 251, 252, 9]).subarray(1, 4)],
    ["JSON", { a: "ü" }],
  ])("where a payload travels as JSON, %s is base64", (_, body) => {
    const invoke = host.window.__TAURI_INTERNALS__["invoke"] as (...all: unknown[]) => unknown;
    let sent: unknown;
    host.window.__TAURI_INTERNALS__["invoke"] = (command: string, payload: unknown, more: unknown) => {
      sent = JSON.parse(JSON.stringify({ payload })).payload;
      return invoke(command, payload, more);
    };
    void pyInvoke("c", body);
    const bytes = body instanceof Uint8Array ? body : new TextEncoder().encode(JSON.stringify(body));
    expect(sent).toBe(Buffer.from(bytes).toString("base64"));
  });

  test("undefined is no body", () => {
    void pyInvoke("c");
    expect(host.call(1).head).not.toHaveProperty("b");
    expect(host.call(1).bytes).toEqual(new Uint8Array(0));
  });

  const memory = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]).buffer;
  test.each([
    ["a buffer", memory, [1, 2, 3, 4, 5, 6, 7, 8]],
    ["part of a buffer", new Uint8Array(memory, 2, 3), [3, 4, 5]],
    ["a view of wider elements", new Uint16Array(memory, 2, 2), [3, 4, 5, 6]],
    ["a DataView", new DataView(memory, 7), [8]],
    ["a subclass that JSON would rewrite", Buffer.from([9, 10]), [9, 10]],
    ["shared memory", new Uint8Array(new SharedArrayBuffer(2)), [0, 0]],
    ["no bytes at all", new ArrayBuffer(0), []],
  ])("%s travels as bytes", (_, body, expected) => {
    void pyInvoke("c", body);
    expect(host.call(1).head.b).toBe("raw");
    expect([...host.call(1).bytes]).toEqual(expected);
    expect(host.call(1).bytes.constructor).toBe(Uint8Array);
  });

  test("a Channel goes as its id, alone and inside a body", () => {
    host.window.__TAURI_INTERNALS__["transformCallback"] = () => 42;
    const channel = new Channel();
    void pyInvoke("c", channel);
    void pyInvoke("c", { onEvent: channel });
    expect(host.json(1)).toBe("__CHANNEL__:42");
    expect(host.json(2)).toEqual({ onEvent: "__CHANNEL__:42" });
  });

  const cycle: Record<string, unknown> = {};
  cycle["self"] = cycle;
  test.each([
    ["a BigInt", { n: 1n }, /BigInt/],
    ["a cycle", cycle, /circular/],
    ["a function", () => 1, /it is a function/],
    ["a symbol", Symbol("s"), /it is a symbol/],
    ["a Blob", new Blob(["a"]), /nothing of a Blob.*ArrayBuffer/],
    ["a Map", new Map([[1, 2]]), /nothing of a Map/],
    ["a Set", new Set([1]), /nothing of a Set/],
    ["a promise", Promise.resolve(1), /nothing of a Promise/],
    ["a Map in an object", { map: new Map([[1, 2]]) }, /nothing of a Map/],
    ["bytes in a list", [new Uint8Array([1])], /holds bytes/],
    ["a BigInt alone", 2n ** 60n, /BigInt.*text/],
  ])("%s is refused with its reason", async (_, body, why) => {
    const error = await rejection(pyInvoke("c", body));
    expect(error).toBeInstanceOf(InvokeError);
    expect(error).toMatchObject({ code: "invalid-argument", command: "c", details: { started: false } });
    expect((error as Error).message).toMatch(why);
    expect(host.calls).toHaveLength(1);
  });

  test("a held body is as it was at the call", async () => {
    host = new Host({ greets: false });
    const bytes = Uint8Array.of(1, 2);
    const order = { n: 1 };
    void pyInvoke("raw", bytes);
    void pyInvoke("json", order);
    bytes[0] = 99;
    order.n = 99;
    host.answerHello();
    await settled();
    expect([...host.call(0).bytes]).toEqual([1, 2]);
    expect(host.json(1)).toEqual({ n: 1 });
  });

  test("a body over the host's limit is not sent", async () => {
    host = new Host({ limits: { maxBody: 3 } });
    const error = await rejection(pyInvoke("c", new Uint8Array(4)));
    expect(error).toMatchObject({ code: "payload-too-large", details: { started: false, limit: 3 } });
    const fits = pyInvoke("c", new Uint8Array(3));
    host.call(0).answer("ok");
    expect(await fits).toBe("ok");
  });
});

describe("rawPyInvoke", () => {
  test("gives bytes for bytes", async () => {
    const result = rawPyInvoke("flip", Uint8Array.of(1, 2));
    host.call(1).answer(Uint8Array.of(2, 1).buffer);
    expect(new Uint8Array(await result)).toEqual(Uint8Array.of(2, 1));
  });

  test("refuses a body that is not binary", async () => {
    const error = await rejection(rawPyInvoke("flip", [1, 2] as unknown as ArrayBuffer));
    expect(error).toBeInstanceOf(InvokeError);
    expect(error).toMatchObject({ code: "invalid-argument", command: "flip", details: { started: false } });
    expect(host.calls).toHaveLength(1);
  });

  test("refuses a result that is not binary", async () => {
    const result = rawPyInvoke("greet");
    host.call(1).answer({ hello: "you" });
    expect(await rejection(result)).toMatchObject({ code: "invalid-argument", details: { started: true } });
  });

  test("gets bytes back where only JSON can carry them", async () => {
    const marked = { transom: host.epochs[0], bytes: [0, 255] };
    const raw = rawPyInvoke("flip");
    const plain = pyInvoke<ArrayBuffer>("flip");
    host.call(1).answer(marked);
    host.call(2).answer(marked);
    expect(new Uint8Array(await raw)).toEqual(Uint8Array.of(0, 255));
    expect(new Uint8Array(await plain)).toEqual(Uint8Array.of(0, 255));
  });

  test("leaves JSON alone that only looks like such bytes", async () => {
    const result = pyInvoke("c");
    host.call(1).answer({ transom: "guess", bytes: [1] });
    expect(await result).toEqual({ transom: "guess", bytes: [1] });
  });
});

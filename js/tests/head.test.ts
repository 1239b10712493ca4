// Tests the heads and headers of calls.

import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { InvokeError, pyInvoke } from "../src/index.js";
import { callHead } from "../src/session/wire.js";
import { Host, rejection, settled } from "./host.js";

const plain = { progress: false, background: false, timeout: undefined };

let host: Host;
beforeEach(async () => {
  host = new Host();
  void pyInvoke("first");
  await settled();
});

describe("the head of a call", () => {
  test("is ASCII and says what it was given, for any command", () => {
    const unit = fc.nat(0xffff).map((code) => String.fromCharCode(code)); // halves of pairs included
    const kind = fc.constantFrom("json" as const, "raw" as const, "none" as const);
    const timeout = fc.option(fc.double({ min: 0.001, max: 1e9, noNaN: true }), { nil: undefined });
    const more = fc.record({ progress: fc.boolean(), background: fc.boolean(), timeout });
    fc.assert(
      fc.property(fc.string({ unit }), fc.nat(), kind, more, (command, id, body, options) => {
        const head = callHead("0".repeat(32), id, command, body, options);
        expect(/^[\x20-\x7e]*$/.test(head)).toBe(true);
        const { progress, background, timeout } = options;
        const expected = {
          ...{ e: "0".repeat(32), i: id, c: command },
          ...(body !== "none" && { b: body }),
          ...(progress && { p: true }),
          ...(timeout !== undefined && { t: Math.ceil(timeout) }),
          ...(background && { q: "b" }),
        };
        expect(JSON.parse(head)).toEqual(expected);
      }),
    );
  });

  test("is plain text where there is nothing to escape", () => {
    expect(callHead("ab", 7, "greet", "json", { ...plain, progress: true })).toBe('{"e":"ab","i":7,"c":"greet","b":"json","p":true}');
    expect(callHead("ab", 7, "grüß\x7f", "none", plain)).toBe('{"e":"ab","i":7,"c":"gr\\u00fc\\u00df\\u007f"}');
  });

  test.each([[""], ["x".repeat(257)], [7 as unknown as string]])("no call without a proper name: %j", async (command) => {
    expect(await rejection(pyInvoke(command))).toMatchObject({ code: "invalid-argument" });
    expect(host.calls).toHaveLength(1);
  });

  test.each(["__proto__", "constructor", "toString"])("%s is a name like any other", async (command) => {
    const result = pyInvoke(command);
    expect(host.call(1).head.c).toBe(command);
    host.call(1).answer(1);
    expect(await result).toBe(1);
  });

  test("ids count from 1, the epoch is 32 hexadecimal digits and stays", () => {
    void pyInvoke("a");
    void pyInvoke("b");
    expect(host.calls.map((call) => call.head.i)).toEqual([1, 2, 3]);
    expect(new Set(host.calls.map((call) => call.head.e))).toEqual(new Set(host.epochs));
    expect(host.epochs[0]).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe("user headers", () => {
  test.each([
    ["an object", { "X-One": "1", "x-two": "é" }],
    ["pairs", [["X-One", "1"], ["x-two", "é"]] as [string, string][]],
    ["Headers", new Headers({ "X-One": "1", "x-two": "é" })],
  ])("come as %s and go as a plain object of strings", (_, headers) => {
    void pyInvoke("c", undefined, { headers });
    const { transom, ...rest } = host.call(1).headers;
    expect(JSON.parse(transom ?? "")).toMatchObject({ c: "c" });
    expect(rest).toEqual({ "x-one": "1", "x-two": "é" });
    expect(Object.getPrototypeOf(host.call(1).headers)).toBe(Object.prototype);
  });

  test("values of one name are joined, names of the bridge left out", () => {
    const headers: [string, string][] = [["x", "1"], ["X", "2"], ["Transom", "{}"], ["Tauri-Callback", "1"], ["__proto__", "p"]];
    void pyInvoke("c", undefined, { headers });
    expect(Object.keys(host.call(1).headers).sort()).toEqual(["__proto__", "transom", "x"]);
    expect(host.call(1).headers["x"]).toBe("1, 2");
    expect(host.call(1).head.c).toBe("c");
  });

  test.each([
    ["not Latin-1", { x: "日本" }],
    ["a line break", { x: "a\nb" }],
    ["a control character", { x: "a\x01b" }],
    ["a bad name", { "a b": "1" }],
  ])("%s is refused before anything is sent", async (_, headers) => {
    const error = await rejection(pyInvoke("c", undefined, { headers }));
    expect(error).toBeInstanceOf(InvokeError);
    expect(error).toMatchObject({ code: "invalid-argument", command: "c" });
    expect(host.calls).toHaveLength(1);
  });
});

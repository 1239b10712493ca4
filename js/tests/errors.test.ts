// Tests the errors that calls reject with.

import { beforeEach, describe, expect, test } from "vitest";
import { ERROR_CODES, InvokeError, configure, pyInvoke } from "../src/index.js";
import { pyInvoke as asInPyTauri } from "../src/pytauri.js";
import { Host, rejection, secondCopy, settled } from "./host.js";

let host: Host;
beforeEach(async () => {
  host = new Host();
  void pyInvoke("first");
  await settled();
});

async function refusedWith(reason: unknown): Promise<InvokeError> {
  const result = pyInvoke("greet");
  host.call(1).refuse(reason);
  return (await rejection(result)) as InvokeError;
}

describe("what a call rejects with", () => {
  test.each(ERROR_CODES)("the host's frame with the code %s", async (code) => {
    const details = { started: true, scope: "app" };
    const frame = { code, message: "text", command: "greet", window: "main", retryable: true, details };
    const error = await refusedWith(frame);
    expect(error).toBeInstanceOf(InvokeError);
    expect({ ...error }).toEqual({ ...frame, name: error.name, message: undefined });
    expect(error.message).toBe("text");
    const names: Record<string, string> = { aborted: "AbortError", "deadline-exceeded": "TimeoutError" };
    expect(error.name).toBe(names[code] ?? "InvokeError");
  });

  test("a code of a newer host is internal, and kept", async () => {
    const error = await refusedWith({ code: "brand-new", message: "m", details: { started: true } });
    expect(error).toMatchObject({ code: "internal", message: "m", details: { started: true, code: "brand-new" } });
  });

  test.each([
    ["transom.call not allowed on window \"editor\", webview \"editor\", URL: local", "permission-denied"],
    ["transom.call not allowed. Plugin not found", "permission-denied"],
    ["Command plugin:transom|call not allowed by ACL", "permission-denied"],
    ["plugin transom not found", "unavailable"],
    ["missing Origin header", "internal"],
  ])("Tauri's own text %j", async (text, code) => {
    expect(await refusedWith(text)).toMatchObject({ code, message: text, command: "greet", window: "main", retryable: false });
  });

  test("Tauri's text for a document without an origin is given a code, and says what to do", async () => {
    const error = await refusedWith("Origin header is not a valid URL");
    expect(error).toMatchObject({ code: "permission-denied", command: "greet", window: "main" });
    expect(error.message).toContain("give its frame `allow-same-origin`");
  });

  test.each([[new TypeError("Load failed"), "Load failed"], [null, "null"], [{ odd: 1 }, '{"odd":1}'], [7, "7"]])(
    "anything else: %s",
    async (reason, text) => {
      const error = await refusedWith(reason);
      expect(error).toBeInstanceOf(InvokeError);
      expect(error.code).toBe("internal");
      expect(error.message).toContain(text);
      expect(error.cause).toBe(reason);
    },
  );

  test("outside Tauri: unavailable, at once", async () => {
    Reflect.deleteProperty(host.window, "__TAURI_INTERNALS__");
    expect(await rejection(pyInvoke("greet"))).toMatchObject({ code: "unavailable", details: { started: false } });
  });
});

describe("errors as strings", () => {
  const frame = { code: "command-error", message: "ValueError('boom')", retryable: false, details: {} };

  test("for the document, by configure", async () => {
    configure({ errors: "string" });
    const result = pyInvoke("greet");
    host.call(1).refuse(frame);
    expect(await rejection(result)).toBe("ValueError('boom')");
    expect(await rejection(pyInvoke("c", 1n))).toMatch(/^The body for "c" cannot be written as JSON/);
    configure({ errors: "object" });
    expect(await rejection(pyInvoke("c", 1n))).toBeInstanceOf(InvokeError);
  });

  test("for one entry, by the pytauri module, without changing the other", async () => {
    const strings = asInPyTauri("greet");
    const objects = pyInvoke("greet");
    host.call(1).refuse(frame);
    host.call(2).refuse(frame);
    expect(await rejection(strings)).toBe("ValueError('boom')");
    expect(await rejection(objects)).toBeInstanceOf(InvokeError);
  });
});

describe("two copies of the package in one document", () => {
  test("share one epoch, one counter and one kind of error", async () => {
    const other = await secondCopy();
    expect(other.InvokeError).not.toBe(InvokeError);
    const result = other.pyInvoke("greet");
    await settled();
    expect(host.epochs).toHaveLength(1);
    expect(host.call(1).head.i).toBe(2);
    host.call(1).refuse({ code: "dropped", message: "m" });
    const error = await rejection(result);
    expect(error).toBeInstanceOf(InvokeError);
    expect(error).toBeInstanceOf(other.InvokeError);
  });

  test("leave nothing on the window that can be enumerated or holds the epoch", () => {
    expect(Object.keys(host.window)).toEqual(["__TAURI_INTERNALS__"]);
    const slot = Symbol.for("tauri-plugin-transom-api/client/2");
    const shared = Object.getOwnPropertyDescriptor(host.window, slot);
    expect(shared).toMatchObject({ enumerable: false, writable: false, configurable: false });
    expect(Object.values(shared?.value as object).every((member) => typeof member === "function")).toBe(true);
  });

  test("a subclass is not every InvokeError", () => {
    class Special extends InvokeError {}
    expect(new Special("internal", "m")).toBeInstanceOf(Special);
    expect(new InvokeError("internal", "m")).not.toBeInstanceOf(Special);
    expect(new Error("m")).not.toBeInstanceOf(InvokeError);
    expect(null).not.toBeInstanceOf(InvokeError);
  });
});

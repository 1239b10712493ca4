// Tests the hello of a document, and documents that return from the back/forward cache.

import { describe, expect, test } from "vitest";
import { InvokeError, pyInvoke } from "../src/index.js";
import { Host, rejection, settled } from "./host.js";

describe("the hello", () => {
  test("is said once, before the first call and not before", async () => {
    const host = new Host({ greets: false });
    expect(host.controls).toHaveLength(0);
    void pyInvoke("a");
    void pyInvoke("b");
    await settled();
    expect(host.controls).toEqual([{ op: "hello", epoch: host.epochs[0], version: 1 }]);
    expect(host.calls).toHaveLength(0);
    host.answerHello();
    await settled();
    expect(host.calls.map((call) => call.head.c)).toEqual(["a", "b"]);
    void pyInvoke("c");
    expect(host.call(2).head.c).toBe("c");
    expect(host.controls).toHaveLength(1);
  });

  test("that fails ends every call that waited for it, each with its own error; the next call tries again", async () => {
    const host = new Host();
    const text = "transom.control not allowed on window \"editor\", webview \"editor\", URL: local";
    host.helloFailures.push(text);
    const errors = (await Promise.all([rejection(pyInvoke("a")), rejection(pyInvoke("b"))])) as InvokeError[];
    expect(errors.map((error) => error.command)).toEqual(["a", "b"]);
    for (const error of errors) {
      expect(error).toBeInstanceOf(InvokeError);
      expect(error).toMatchObject({ code: "permission-denied", message: text, details: { started: false } });
    }
    expect(host.calls).toHaveLength(0);
    const again = pyInvoke("a");
    await settled();
    host.call(0).answer("fine");
    expect(await again).toBe("fine");
    expect(host.epochs).toHaveLength(1);
  });

  test("keeps what the host says about its refusal", async () => {
    const host = new Host();
    host.helloFailures.push({ code: "shutting-down", message: "m", retryable: false, window: "w", details: { at: 1 } });
    expect(await rejection(pyInvoke("a"))).toMatchObject({ code: "shutting-down", window: "w", details: { at: 1, started: false } });
  });

  test("with a host of another version says what to do", async () => {
    new Host({ version: 2 });
    const error = await rejection(pyInvoke("a"));
    expect(error).toMatchObject({ code: "protocol-error", command: "a" });
    expect((error as Error).message).toMatch(/same version of transom and tauri-plugin-transom-api/);
  });
});

describe("a document that comes back from the back/forward cache", () => {
  test("gives up its calls and starts anew", async () => {
    const host = new Host({ limits: { callsPerWindow: 1 } });
    const sent = pyInvoke("sent");
    const held = pyInvoke("held");
    await settled();
    host.comeBackFromCache();
    expect(await rejection(sent)).toMatchObject({ code: "window-closed", command: "sent", details: {} });
    expect(await rejection(held)).toMatchObject({ code: "window-closed", command: "held", details: { started: false } });
    const fresh = pyInvoke("fresh");
    await settled();
    expect(new Set(host.epochs).size).toBe(2);
    expect(host.calls.map((call) => [call.head.c, call.head.i, call.head.e])).toEqual([
      ["sent", 1, host.epochs[0]],
      ["fresh", 1, host.epochs[1]],
    ]);
    host.call(0).answer("late"); // must free no place in the new epoch
    void pyInvoke("waits");
    await settled();
    expect(host.calls).toHaveLength(2);
    host.call(1).answer("ok");
    expect(await fresh).toBe("ok");
    expect(host.strays).toBe(0);
  });

  test("an ordinary pageshow changes nothing", async () => {
    const host = new Host();
    const call = pyInvoke("c");
    await settled();
    host.window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: false }));
    host.call(0).answer(1);
    expect(await call).toBe(1);
    expect(host.epochs).toHaveLength(1);
  });
});

describe("a document that the host has lost", () => {
  const SLOT = Symbol.for("tauri-plugin-transom-api/client/2");
  const beginAnew = (host: Host, epoch: string): void => {
    (host.window as unknown as { [SLOT]: { beginAnew(epoch: string): void } })[SLOT].beginAnew(epoch);
  };

  test("rejects its calls and says hello as another one", async () => {
    const host = new Host();
    const sent = pyInvoke("sent");
    await settled();
    beginAnew(host, host.epochs[0] ?? "");
    expect(await rejection(sent)).toMatchObject({ code: "internal", command: "sent", retryable: false });
    const fresh = pyInvoke("fresh");
    await settled();
    expect(new Set(host.epochs).size).toBe(2);
    host.call(1).answer("ok");
    expect(await fresh).toBe("ok");
  });

  test("stays when another document is meant", async () => {
    const host = new Host();
    const sent = pyInvoke("sent");
    await settled();
    beginAnew(host, "0".repeat(32));
    host.call(0).answer(1);
    expect(await sent).toBe(1);
    expect(host.epochs).toHaveLength(1);
  });
});

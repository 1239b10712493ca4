// Tests what pages import that were written for PyTauri.

import { beforeEach, describe, expect, test } from "vitest";
import { Channel, pyInvoke, rawPyInvoke } from "../src/pytauri.js";
import { Host, settled } from "./host.js";

let host: Host;
beforeEach(async () => {
  host = new Host();
  void pyInvoke("first"); // after it the hello is done, and calls are sent at once
  await settled();
});

describe("tauri-plugin-transom-api/pytauri", () => {
  test("pyInvoke rejects with a text", async () => {
    const call = pyInvoke("fails");
    host.call(1).refuse({ code: "command-error", message: "no", command: "fails", window: "main", retryable: false, details: {} });
    await expect(call).rejects.toBe("no");
  });

  test("rawPyInvoke gives bytes, whatever the command returns", async () => {
    const text = async (result: unknown): Promise<string> => {
      const call = rawPyInvoke("raw", new Uint8Array([1]));
      host.call(host.calls.length - 1).answer(result);
      return new TextDecoder().decode(await call);
    };
    expect(await text(new TextEncoder().encode("bytes").buffer)).toBe("bytes");
    expect(await text({ a: [1, null] })).toBe('{"a":[1,null]}');
    expect(await text(null)).toBe("null");
  });

  test("a Channel reads each message as JSON, and the last listener gets it", () => {
    let receive = (_: unknown): void => {};
    host.window.__TAURI_INTERNALS__["transformCallback"] = (callback: typeof receive) => {
      receive = callback;
      return 42;
    };
    const channel = new Channel<unknown>();
    const [first, got]: unknown[][] = [[], []];
    channel.addJsonListener((message) => first?.push(message));
    channel.addJsonListener((message) => got?.push(message));
    const bytes = new TextEncoder().encode('{"n":1}').buffer;
    [bytes, { n: 2 }, "three"].forEach((message, index) => receive({ index, message }));
    expect([first, got]).toEqual([[], [{ n: 1 }, { n: 2 }, "three"]]);
    void pyInvoke("start", channel);
    expect(host.json(1)).toBe("__CHANNEL__:42");
  });
});

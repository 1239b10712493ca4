// Tests the progress of calls.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { expose, pyInvoke, type Progress } from "../src/index.js";
import type { Down } from "../src/session/wire.js";
import { Host, rejection, settled } from "./host.js";

function progress(i: number, done: number): Down {
  return { t: "progress", i, done, total: 10, message: null };
}

let host: Host;
let seen: unknown[];
const onProgress = (it: Progress): void => void seen.push(it.done);

beforeEach(() => {
  host = new Host();
  seen = [];
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("progress", () => {
  test("arrives as it comes, and the last before the result", async () => {
    const result = pyInvoke("c", undefined, { onProgress });
    void result.then((value) => seen.push(value));
    await settled();
    expect(host.call(0).head.p).toBe(true);
    host.push({ t: "progress", i: 1, done: 1, total: null, message: "one" });
    await settled();
    expect(seen).toEqual([1]);
    expect(host.pulls).toEqual([false, false]);

    host.call(0).answer("result");
    host.keep(progress(1, 10)); // reported just before the result: nothing has carried it yet
    await settled();
    expect(seen).toEqual([1, 10, "result"]);
    expect(host.pulls).toEqual([false, false, true]);
    expect(host.hasParkedPull).toBe(false);
  });

  test("has the shape it is documented with", async () => {
    const got: Progress[] = [];
    void pyInvoke("c", undefined, { onProgress: (it) => got.push(it) });
    await settled();
    host.push({ t: "progress", i: 1, done: 2, total: null, message: "two" });
    await settled();
    expect(got).toEqual([{ done: 2, total: null, message: "two" }]);
  });

  test("comes before an error too", async () => {
    const result = pyInvoke("c", undefined, { onProgress });
    await settled();
    host.keep(progress(1, 9));
    host.call(0).refuse({ code: "command-error", message: "m" });
    expect(await rejection(result)).toMatchObject({ code: "command-error" });
    expect(seen).toEqual([9]);
  });

  test("goes to its own call only, and nothing is pulled for calls without it", async () => {
    void pyInvoke("plain");
    await settled();
    expect(host.pulls).toEqual([]);
    const other: number[] = [];
    void pyInvoke("a", undefined, { onProgress });
    void pyInvoke("b", undefined, { onProgress: (it) => other.push(it.done) });
    await settled();
    host.push(progress(1, 1), progress(2, 2), progress(3, 3), progress(99, 99));
    await settled();
    expect([seen, other]).toEqual([[2], [3]]);
    expect(host.pulls).toEqual([false, false]); // one loop for both
  });

  test("stops at an abort", async () => {
    const controller = new AbortController();
    const result = pyInvoke("c", undefined, { onProgress, signal: controller.signal });
    await settled();
    controller.abort("stop");
    expect(await rejection(result)).toBe("stop");
    host.push(progress(1, 1));
    await settled();
    expect(seen).toEqual([]);
    expect(host.pulls).toEqual([false]);
    host.call(0).refuse({ code: "aborted", message: "m" });
    await settled();
    expect(host.pulls).toEqual([false]);
  });

  test("an abort between the answer and the last progress rejects, but there is nothing to cancel", async () => {
    host.delays.push(undefined, new Promise(() => {}));
    const controller = new AbortController();
    const result = pyInvoke("c", undefined, { onProgress, signal: controller.signal });
    await settled();
    host.call(0).answer("result");
    await settled();
    controller.abort("stop");
    expect(await rejection(result)).toBe("stop");
    expect(host.cancels).toEqual([]);
  });

  test("a handler that throws is reported and breaks nothing", async () => {
    const report = vi.fn();
    vi.stubGlobal("reportError", report);
    const result = pyInvoke("c", undefined, {
      onProgress: () => {
        throw new Error("in the handler");
      },
    });
    await settled();
    host.push(progress(1, 1));
    await settled();
    expect(report.mock.calls).toEqual([[new Error("in the handler")]]);
    host.call(0).answer("result");
    expect(await result).toBe("result");
    vi.unstubAllGlobals();
  });

  test("a now pull that overtook the loop's: another one releases it, and the result comes", async () => {
    let first = (): void => {};
    let third = (): void => {};
    host.delays.push(new Promise((resolve) => (first = resolve)), undefined, new Promise((resolve) => (third = resolve)));
    const result = pyInvoke("c", undefined, { onProgress });
    await settled();
    host.call(0).answer("result");
    await settled();
    expect(host.pulls).toEqual([true]);
    first();
    await settled();
    expect(host.hasParkedPull).toBe(true);
    third();
    expect(await result).toBe("result");
    expect(host.pulls).toEqual([true, false, true]);
    expect(host.hasParkedPull).toBe(false);
  });

  test("an answer that was overtaken by a newer one does not turn progress back", async () => {
    void pyInvoke("a", undefined, { onProgress });
    const other = pyInvoke("b", undefined, { onProgress: () => {} });
    await settled();
    let arrive = (): void => {};
    const internals = host.window.__TAURI_INTERNALS__ as { invoke: (...args: unknown[]) => Promise<unknown> };
    const straight = internals.invoke;
    internals.invoke = async (...args) => {
      const answer = await straight(...args);
      if (Array.isArray(answer) && answer.length === 1) await new Promise<void>((resolve) => (arrive = resolve));
      return answer;
    };
    host.push(progress(1, 1)); // brings the loop to its second pull, through the slow way from here on
    await settled();
    host.push(progress(1, 2)); // its answer is under way …
    await settled();
    host.keep(progress(1, 3), progress(2, 1));
    host.call(1).answer("b"); // … when a now pull brings newer progress
    expect(await other).toBe("b");
    expect(seen).toEqual([1, 3]);
    arrive();
    await settled();
    expect(seen).toEqual([1, 3]);
  });

  test("failing pulls: the result still comes; pauses double to 5 s and go back when it works", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    host.pullFailures.push(..."12345678".split("").map((n) => `failure ${n}`));
    const result = pyInvoke("c", undefined, { onProgress });
    await settled();
    for (const pause of [100, 200, 400, 800, 1600, 3200, 5000, 5000]) {
      const before = host.pulls.length;
      await vi.advanceTimersByTimeAsync(pause - 1);
      await settled();
      expect(host.pulls).toHaveLength(before);
      await vi.advanceTimersByTimeAsync(1);
      await settled();
      expect(host.pulls).toHaveLength(before + 1);
    }
    expect(warn).toHaveBeenCalledTimes(1);
    host.push(progress(1, 5));
    await settled();
    expect(seen).toEqual([5]);
    host.pullFailures.push("failure after it worked");
    host.release(); // the next pull fails, the pause is short again
    await settled();
    const before = host.pulls.length;
    await vi.advanceTimersByTimeAsync(100);
    await settled();
    expect(host.pulls).toHaveLength(before + 1);
    host.pullFailures.push("failure of the now pull");
    host.call(0).answer("result");
    expect(await result).toBe("result");
  });

  test("a new epoch ends the loop of the old one", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    vi.spyOn(console, "warn").mockImplementation(() => {});
    host.pullFailures.push("failure");
    const result = pyInvoke("c", undefined, { onProgress });
    await settled();
    host.comeBackFromCache();
    expect(await rejection(result)).toMatchObject({ code: "window-closed" });
    await vi.advanceTimersByTimeAsync(60_000);
    await settled();
    expect(host.pulls).toEqual([false]);
    expect(host.strays).toBe(0);
  });

  test("an epoch that ended before its hello was answered never pulls", async () => {
    host = new Host({ greets: false });
    expose("f", () => 1);
    await settled();
    host.comeBackFromCache();
    await settled();
    host.answerHello(); // both of them
    await settled();
    expect(host.pulls).toEqual([false]);
    expect(host.strays).toBe(0);
  });
});

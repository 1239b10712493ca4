// Tests the timeouts of calls.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { InvokeError, pyInvoke } from "../src/index.js";
import { Host, rejection } from "./host.js";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

/** Lets everything that is ready run, and time pass. */
const pass = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

function expectExpired(error: unknown, details: Record<string, unknown>): void {
  expect(error).toBeInstanceOf(InvokeError);
  expect(error).toMatchObject({ code: "deadline-exceeded", name: "TimeoutError", retryable: true });
  expect((error as InvokeError).details).toEqual(details);
}

describe("a timeout", () => {
  test("counts from the call, also while the hello is not answered; the call is never sent", async () => {
    const host = new Host({ greets: false });
    const error = rejection(pyInvoke("c", undefined, { timeout: 100 }));
    await pass(99);
    let settled = false;
    void error.then(() => (settled = true));
    await pass();
    expect(settled).toBe(false);
    await pass(1);
    expectExpired(await error, { started: false, timeoutMs: 100 });
    host.answerHello();
    await pass();
    expect(host.calls).toHaveLength(0);
  });

  test("of nothing never starts", async () => {
    const host = new Host();
    const error = rejection(pyInvoke("c", undefined, { timeout: 0 }));
    await pass();
    expectExpired(await error, { started: false, timeoutMs: 0 });
    expect(host.calls).toHaveLength(0);
  });

  test("counts the time on hold, and the host is told what is left", async () => {
    const host = new Host({ limits: { callsPerWindow: 1 } });
    void pyInvoke("first");
    const second = pyInvoke("second", undefined, { timeout: 1000 });
    const third = rejection(pyInvoke("third", undefined, { timeout: 500 }));
    await pass(400);
    host.call(0).answer(1);
    await pass();
    expect(host.call(1).head).toMatchObject({ c: "second", t: 600 });
    await pass(100);
    expectExpired(await third, { started: false, timeoutMs: 500 });
    host.call(1).answer(2);
    expect(await second).toBe(2);
    expect(host.calls).toHaveLength(2);
  });

  test("of a call that the host has is the host's to tell, who knows whether it started", async () => {
    const host = new Host();
    const call = rejection(pyInvoke("c", undefined, { timeout: 100 }));
    await pass(150);
    host.call(0).refuse({ code: "deadline-exceeded", message: "m", retryable: true, details: { started: true } });
    expectExpired(await call, { started: true });
    expect(host.cancels).toEqual([]);
  });

  test("holds without the host's word, which is then told to stop the call", async () => {
    const host = new Host();
    const call = rejection(pyInvoke("c", undefined, { timeout: 100 }));
    await pass(1200);
    expectExpired(await call, { timeoutMs: 100 });
    expect(host.cancels).toEqual([1]);
  });

  test("is the host's alone where a debugger may stop the host", async () => {
    vi.stubGlobal("__transomDebugged", true);
    try {
      const host = new Host();
      const call = pyInvoke("c", undefined, { timeout: 100 });
      await pass(5000);
      host.call(0).answer(1);
      expect(await call).toBe(1);
      expect(host.call(0).head.t).toBe(100);
      expect(host.cancels).toEqual([]);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test("leaves no timer behind", async () => {
    const host = new Host();
    const controller = new AbortController();
    const done = pyInvoke("a", undefined, { timeout: 1e6 });
    const aborted = rejection(pyInvoke("b", undefined, { timeout: 1e6, signal: controller.signal }));
    await pass();
    host.call(0).answer(1);
    controller.abort("enough");
    expect([await done, await aborted]).toEqual([1, "enough"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test.each([1e12, Infinity])("of %d ms is no short one", async (timeout) => {
    const host = new Host();
    const call = pyInvoke("c", undefined, { timeout });
    await pass(2 ** 31 + 10);
    host.call(0).answer(1);
    expect(await call).toBe(1);
    expect(Number.isSafeInteger(host.call(0).head.t)).toBe(true);
  });

  test("of nothing expires before it is sent", async () => {
    const host = new Host();
    const call = rejection(pyInvoke("c", undefined, { timeout: 0 }));
    await pass();
    expectExpired(await call, { started: false, timeoutMs: 0 });
    expect(host.calls).toHaveLength(0);
  });

  test.each([-1, NaN, "5" as unknown as number, null as unknown as number])("is a number from 0: %j", async (timeout) => {
    new Host();
    expect(await rejection(pyInvoke("c", undefined, { timeout }))).toMatchObject({ code: "invalid-argument" });
  });
});

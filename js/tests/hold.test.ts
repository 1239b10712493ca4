// Tests calls that wait on the page because the host takes no more.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvokeError, pyInvoke } from "../src/index.js";
import { Host, rejection, settled } from "./host.js";

type Step = { do: "call"; overflow: "wait" | "reject"; progress: boolean } | { do: "abort" | "answer" | "refuse"; which: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant("call" as const), overflow: fc.constantFrom("wait" as const, "wait" as const, "reject" as const), progress: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("abort" as const, "answer" as const, "answer" as const, "refuse" as const), which: fc.nat() }) },
);

/** A call as the caller sees it. */
interface Seen {
  readonly controller: AbortController;
  readonly settlements: unknown[];
  listeners: number;
}

function place(name: string, options: { overflow: "wait" | "reject"; progress: boolean }): Seen {
  const controller = new AbortController();
  const seen: Seen = { controller, settlements: [], listeners: 0 };
  const { signal } = controller;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => (seen.listeners++, add(...args));
  signal.removeEventListener = (...args: Parameters<typeof remove>) => (seen.listeners--, remove(...args));
  const onProgress = options.progress ? () => {} : undefined;
  pyInvoke(name, undefined, { signal, overflow: options.overflow, onProgress }).then(
    (value) => seen.settlements.push(value),
    (reason: unknown) => seen.settlements.push(reason),
  );
  return seen;
}

describe("the hold", () => {
  test("keeps the limit, the order and its word, whatever happens", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 40 }), async (limit, steps) => {
        const host = new Host({ limits: { callsPerWindow: limit } });
        const calls: Seen[] = [];
        const expected: unknown[] = [];
        const unanswered = new Set<number>(); // indices into host.calls
        const aborted: number[] = []; // calls that were in flight then
        let known = 0;
        const sentNames = (): number[] => host.calls.map((call) => Number(call.head.c));

        for (const next of steps) {
          if (next.do === "call") {
            // before the hello is answered even a call that may not wait does
            const full = known > 0 && unanswered.size === limit;
            calls.push(place(String(calls.length), next));
            expected.push(full && next.overflow === "reject" ? "overloaded" : undefined);
          } else if (next.do === "abort" && calls.length > 0) {
            const index = next.which % calls.length;
            const open = calls[index]?.settlements.length === 0;
            calls[index]?.controller.abort(`abort ${index}`);
            if (open) {
              expected[index] = `abort ${index}`;
              if (sentNames().includes(index)) aborted.push(index);
            }
          } else if (next.do !== "abort" && unanswered.size > 0) {
            const pick = [...unanswered][next.which % unanswered.size] as number;
            unanswered.delete(pick);
            const index = Number(host.call(pick).head.c);
            expected[index] ??= next.do === "answer" ? `value ${index}` : "command-error";
            if (next.do === "answer") host.call(pick).answer(`value ${index}`);
            else host.call(pick).refuse({ code: "command-error", message: "m" });
          }
          await settled();
          for (; known < host.calls.length; known++) unanswered.add(known);
          const held = calls.filter((call, index) => call.settlements.length === 0 && !sentNames().includes(index));
          expect(unanswered.size).toBeLessThanOrEqual(limit);
          if (held.length > 0) expect(unanswered.size).toBe(limit);
        }

        while (unanswered.size > 0) {
          for (const pick of [...unanswered]) {
            unanswered.delete(pick);
            const index = Number(host.call(pick).head.c);
            expected[index] ??= `value ${index}`;
            host.call(pick).answer(`value ${index}`);
          }
          await settled();
          for (; known < host.calls.length; known++) unanswered.add(known);
        }

        const got = calls.map(({ settlements }) => settlements.map((it) => (it instanceof InvokeError ? it.code : it)));
        expect(got).toEqual(expected.map((it) => [it]));
        expect(sentNames()).toEqual([...sentNames()].sort((a, b) => a - b));
        expect(new Set(sentNames()).size).toBe(host.calls.length);
        expect(host.calls.map((call) => call.head.i)).toEqual(host.calls.map((_, index) => index + 1));
        expect(host.cancels.map((id) => sentNames()[id - 1])).toEqual(aborted);
        expect(calls.map((call) => call.listeners)).toEqual(calls.map(() => 0));
      }),
      { numRuns: 300 },
    );
  });

  test("a call that may not wait is refused before it is sent", async () => {
    const host = new Host({ limits: { callsPerWindow: 1 } });
    void pyInvoke("first");
    await settled();
    const error = await rejection(pyInvoke("second", undefined, { overflow: "reject" }));
    expect(error).toMatchObject({ code: "overloaded", retryable: true, command: "second", window: "main" });
    expect((error as InvokeError).details).toEqual({ started: false, scope: "window", limit: 1, retryAfterMs: 50 });
    expect(host.calls).toHaveLength(1);
  });

  test("the same while the limit was not known yet", async () => {
    const host = new Host({ limits: { callsPerWindow: 1 }, greets: false });
    void pyInvoke("first", undefined, { overflow: "reject" });
    const second = pyInvoke("second", undefined, { overflow: "reject" });
    const third = pyInvoke("third");
    host.answerHello();
    expect(await rejection(second)).toMatchObject({ code: "overloaded" });
    host.call(0).answer(1);
    await settled();
    host.call(1).answer(3);
    expect(await third).toBe(3);
  });

  test("an aborted call keeps its place until the host has answered it", async () => {
    const host = new Host({ limits: { callsPerWindow: 1 } });
    const controller = new AbortController();
    const first = pyInvoke("first", undefined, { signal: controller.signal });
    void pyInvoke("second");
    await settled();
    controller.abort("enough");
    expect(await rejection(first)).toBe("enough");
    expect(host.cancels).toEqual([1]);
    await settled();
    expect(host.calls).toHaveLength(1);
    host.call(0).refuse({ code: "aborted", message: "m" });
    await settled();
    expect(host.call(1).head.c).toBe("second");
  });
});

describe("a signal", () => {
  test("that is aborted already: nothing is sent", async () => {
    const host = new Host();
    const reason = new Error("before");
    expect(await rejection(pyInvoke("c", undefined, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    await settled();
    expect(host.calls).toHaveLength(0);
    expect(host.controls).toHaveLength(0);
  });

  test("ends a call that waits for the hello", async () => {
    const host = new Host({ greets: false });
    const controller = new AbortController();
    const call = pyInvoke("c", undefined, { signal: controller.signal });
    controller.abort();
    expect(await rejection(call)).toBe(controller.signal.reason);
    host.answerHello();
    await settled();
    expect(host.calls).toHaveLength(0);
    expect(host.cancels).toEqual([]);
  });

  test("rejects with any reason, null included", async () => {
    new Host();
    const controller = new AbortController();
    const call = pyInvoke("c", undefined, { signal: controller.signal });
    controller.abort(null);
    expect(await rejection(call)).toBe(null);
  });
});

describe("a host that is full before the page thinks so", () => {
  const full = { code: "overloaded", message: "full", retryable: true, details: { started: false, scope: "window", retryAfterMs: 1 } };

  test.each(["window", "app", "queued-bytes"])("gets the call again, in its place and under a new id: %s", async (scope) => {
    const full = { code: "overloaded", message: "full", retryable: true, details: { started: false, scope, retryAfterMs: 1 } };
    const host = new Host({ limits: { callsPerWindow: 2 } });
    const first = pyInvoke("first");
    const second = pyInvoke("second");
    const third = pyInvoke("third");
    await settled();
    host.call(1).refuse(full);
    await settled();
    host.call(0).answer("one");
    expect(await first).toBe("one");
    await expect.poll(() => host.calls.map((call) => call.head.c)).toEqual(["first", "second", "second", "third"]);
    expect(new Set(host.calls.map((call) => call.head.i)).size).toBe(4);
    host.call(2).answer("two");
    host.call(3).answer("three");
    expect(await Promise.all([second, third])).toEqual(["two", "three"]);
  });

  test("refuses a call that may not wait, and one that failed for another reason", async () => {
    const host = new Host();
    const impatient = rejection(pyInvoke("a", undefined, { overflow: "reject" }));
    const busy = rejection(pyInvoke("b"));
    await settled();
    host.call(0).refuse(full);
    host.call(1).refuse({ ...full, details: { scope: "command" } });
    expect(await impatient).toMatchObject({ code: "overloaded" });
    expect(await busy).toMatchObject({ code: "overloaded" });
    expect(host.calls).toHaveLength(2);
  });

  test("is asked for a few places more now and then, and gets all calls in the end", async () => {
    const places = 20; // of the app, which other windows share
    const host = new Host();
    const results = Promise.all([...Array(300).keys()].map((name) => pyInvoke(String(name))));
    await settled();
    let [known, refusals] = [0, 0];
    const taken: number[] = [];
    while (known < host.calls.length || taken.length > 0) {
      for (; known < host.calls.length; known++) {
        if (taken.length < places) {
          taken.push(known);
          continue;
        }
        host.call(known).refuse({ ...full, details: { ...full.details, scope: "app" } });
        refusals++;
      }
      const done = taken.shift();
      if (done !== undefined) host.call(done).answer(Number(host.call(done).head.c));
      await settled();
      if (taken.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await results).toEqual([...Array(300).keys()]);
    expect(refusals).toBeLessThan(256 + 300); // the first burst, and then no storm
  });
});

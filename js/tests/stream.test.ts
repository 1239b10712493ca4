// Tests streams: order, credit, and how they end.

import { beforeEach, describe, expect, test, vi } from "vitest";
import { configure, pyStream } from "../src/index.js";
import { Host, rejection, settled } from "./host.js";

let host: Host;
beforeEach(() => {
  host = new Host();
});

/** Answers the pull of this number with items that follow `n` others. */
function give(index: number, n: number, items: unknown[]): Promise<void> {
  host.nexts[index]?.answer({ n, items });
  return settled();
}

function counts(index: number): number[] {
  const frame = host.nexts[index]?.frame;
  return [frame?.received ?? -1, frame?.taken ?? -1];
}

async function collect(stream: AsyncIterable<unknown>, into: unknown[]): Promise<void> {
  for await (const item of stream) into.push(item);
}

describe("a stream", () => {
  test("is called at once and says what it wants", async () => {
    pyStream("s", 1, { buffer: 4, conflate: true, timeout: 50 });
    pyStream("s");
    await settled();
    expect(host.call(0).head).toMatchObject({ c: "s", b: "json", s: { n: 4, c: true }, t: 50 });
    expect(host.call(1).head.s).toEqual({});
  });

  test("gives the items in order, then ends", async () => {
    const got: unknown[] = [];
    const loop = collect(pyStream("s"), got);
    await settled();
    await give(0, 0, [1, 2]);
    await give(1, 2, [3]);
    host.call(0).answer(null);
    host.nexts.at(-1)?.answer(null);
    await loop;
    expect(got).toEqual([1, 2, 3]);
  });

  test("has one pull open, and none while the loop has half of its items before it", async () => {
    const stream = pyStream("s");
    await settled();
    expect(host.nexts).toHaveLength(1);
    await give(0, 0, [1, 2, 3, 4]);
    await stream.next();
    await settled();
    expect(host.nexts).toHaveLength(1);
    await stream.next();
    await settled();
    expect(counts(1)).toEqual([4, 2]);
    for (let n = 0; n < 2; n++) await stream.next();
    await settled();
    expect(host.nexts).toHaveLength(2);
    await give(1, 4, []); // the generator waits for credit
    expect(counts(2)).toEqual([4, 4]);
  });

  test("ends when its page was left and came back, though its pull is never answered", async () => {
    const got: unknown[] = [];
    const loop = rejection(collect(pyStream("s"), got));
    await settled();
    await give(0, 0, [1]);
    expect(host.nexts).toHaveLength(2);
    host.comeBackFromCache();
    expect(await loop).toMatchObject({ code: "window-closed" });
    expect(got).toEqual([1]);
  });

  test("drops items that come a second time", async () => {
    const stream = pyStream("s");
    await settled();
    await give(0, 0, [1, 2]);
    expect([(await stream.next()).value, (await stream.next()).value]).toEqual([1, 2]);
    await settled();
    await give(1, 1, [2, 3]);
    expect((await stream.next()).value).toBe(3);
  });

  test("waits with its end for the items under way", async () => {
    const got: unknown[] = [];
    const failure = rejection(collect(pyStream("s"), got));
    await settled();
    host.call(0).refuse({ code: "command-error", message: "m" });
    await settled();
    await give(0, 0, [1]);
    expect(await failure).toMatchObject({ code: "command-error" });
    expect(got).toEqual([1]);
  });

  test("asks again when its pull overtook its call", async () => {
    const stream = pyStream("s");
    await settled();
    host.nexts[0]?.answer(null);
    await vi.waitFor(() => expect(host.nexts).toHaveLength(2));
    await give(1, 0, ["late"]);
    expect((await stream.next()).value).toBe("late");
  });

  test("reads bytes, also where they come as numbers", async () => {
    const frame = Uint8Array.from([...[0, 0, 0, 0, 0, 0, 0, 0], ...[2, 0, 0, 0], 7, 8, ...[0, 0, 0, 0]]);
    for (const answer of [frame.buffer, [...frame]]) {
      const stream = pyStream<ArrayBuffer>("s");
      await settled();
      host.nexts.at(-1)?.answer(answer);
      const items = [await stream.next(), await stream.next()];
      expect(items.map(({ value }) => [...new Uint8Array(value as ArrayBuffer)])).toEqual([[7, 8], []]);
      await stream.return();
    }
  });

  test("is cancelled by break, and by a throw in the loop", async () => {
    for (const leave of [(): "break" => "break", (): never => { throw new Error("mine"); }]) {
      const stream = pyStream("s");
      await settled();
      void give(host.nexts.length - 1, 0, [1, 2]);
      const loop = (async () => { for await (const _ of stream) if (leave() === "break") break; })();
      await loop.catch((error: unknown) => expect(error).toMatchObject({ message: "mine" }));
      await settled();
      expect(await stream.next()).toEqual({ value: undefined, done: true });
    }
    expect(host.cancels).toEqual([1, 2]);
  });

  test("throws the reason of an abort at once, and drops what the loop has not taken", async () => {
    const controller = new AbortController();
    const stream = pyStream("s", undefined, { signal: controller.signal });
    await settled();
    await give(0, 0, [1, 2]);
    controller.abort("why");
    expect(await rejection(stream.next())).toBe("why");
    expect(await stream.next()).toEqual({ value: undefined, done: true });
    expect(host.cancels).toEqual([1]);
  });

  test("that is left before it was sent is never sent", async () => {
    host = new Host({ greets: false });
    const stream = pyStream("s");
    await stream.return();
    host.answerHello();
    await settled();
    expect(host.calls).toHaveLength(0);
  });

  test("pulls only when the loop asks, if it is conflated", async () => {
    const stream = pyStream("s", undefined, { conflate: true });
    await settled();
    expect(host.nexts).toHaveLength(0);
    const next = stream.next();
    await give(0, 0, [9]);
    expect((await next).value).toBe(9);
    await settled();
    expect(host.nexts).toHaveLength(1);
  });

  test("ends after its totalTimeout", async () => {
    const stream = pyStream("s", undefined, { totalTimeout: 5 });
    const error = await rejection(stream.next());
    expect(error).toMatchObject({ code: "deadline-exceeded", name: "TimeoutError" });
    await settled();
    expect(host.cancels).toEqual([1]);
  });

  test("of wrong options is not called", async () => {
    for (const options of [{ buffer: 0 }, { buffer: 1025 }, { totalTimeout: -1 }]) {
      const error = await rejection(pyStream("s", undefined, options).next());
      expect(error).toMatchObject({ code: "invalid-argument", details: { started: false } });
    }
    await settled();
    expect(host.calls).toHaveLength(0);
  });

  test("throws as configured", async () => {
    configure({ errors: "string" });
    const stream = pyStream("s");
    await settled();
    host.nexts[0]?.answer(null);
    host.call(0).refuse({ code: "command-error", message: "bare" });
    expect(await rejection(stream.next())).toBe("bare");
  });
});

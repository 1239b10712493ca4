// Tests that requests which the webview has lost are sent again.

import { beforeEach, describe, expect, test, vi } from "vitest";
import { expose, pyInvoke, pyJobs, pyStream } from "../src/index.js";
import { Host, rejection, settled } from "./host.js";

let host: Host;

/** What the host does when the webview may have lost what was under way. */
function mayBeLost(): void {
  const slots = host.window as unknown as { [SLOT: symbol]: { sendAgain(): void } };
  slots[Symbol.for("tauri-plugin-transom-api/client/2")]?.sendAgain();
}

beforeEach(() => {
  host = new Host();
});

describe("what is lost on its way", () => {
  test("a call goes again as it was, and either answer counts", async () => {
    const result = pyInvoke("c", [1], { headers: { mine: "1" }, timeout: 60_000 });
    await settled();
    mayBeLost();
    expect(host.calls).toHaveLength(2);
    expect(host.call(1)).toMatchObject({ head: host.call(0).head, headers: host.call(0).headers });
    expect(host.json(1)).toEqual([1]);
    host.call(1).answer("value");
    expect(await result).toBe("value");
    mayBeLost();
    expect(host.calls).toHaveLength(2);
  });

  test("a refusal of what came twice waits for the answer to the first", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const calls = [pyInvoke("answered"), pyInvoke("lost")] as const;
    const lost = rejection(calls[1]);
    await settled();
    mayBeLost();
    const made = { code: "protocol-error", message: "a call with this id was made before", details: { started: true } };
    host.call(2).refuse(made);
    host.call(3).refuse(made);
    await settled();
    host.call(0).answer("value");
    expect(await calls[0]).toBe("value");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await lost).toMatchObject({ code: "protocol-error", details: { started: true } });
    vi.useRealTimers();
  });

  test("an order of the page that hangs goes again", async () => {
    const hello = new Host({ greets: false });
    host = hello;
    const jobs = pyJobs();
    await settled();
    mayBeLost();
    expect(hello.controls.map(({ op }) => op)).toEqual(["hello", "hello"]);
    hello.answerHello();
    expect(await jobs).toEqual([]);
  });

  test("a pull of items goes again with the same counts", async () => {
    const items = pyStream<number>("s");
    const first = items.next();
    await settled();
    mayBeLost();
    expect(host.nexts.map(({ frame }) => [frame.received, frame.taken])).toEqual([[0, 0], [0, 0]]);
    host.nexts[1]?.answer({ n: 0, items: [7] });
    expect(await first).toEqual({ value: 7, done: false });
  });

  test("a stream whose last items are lost for good says so, after those that came", async () => {
    const items = pyStream<number>("s");
    const first = items.next();
    await settled();
    host.nexts[0]?.answer({ n: 0, items: [7] });
    expect(await first).toEqual({ value: 7, done: false });
    const next = rejection(items.next());
    await settled();
    mayBeLost();
    host.nexts[2]?.answer(null); // the call was answered when the host had handed over all
    host.call(0).answer(3);
    expect(await next).toMatchObject({ code: "internal", details: { started: true, items: 3 } });
    expect(await items.next()).toEqual({ value: undefined, done: true });
  });

  test("a call from Python that was lost with its pull comes, and one that came is not run twice", async () => {
    const run = vi.fn((arg: number) => arg);
    expose("f", run);
    await settled();
    const frame = (k: number) => ({ t: "call", k, n: k + 10, name: "f", arg: k }) as const;
    host.push(frame(0));
    await settled();
    expect(host.said.at(-1)).toEqual({ calls: 1, again: false });
    host.lose(); // the pull that waits
    mayBeLost();
    await settled();
    expect(host.said.at(-1)).toEqual({ calls: 1, again: true });
    host.push(frame(0), frame(1));
    await settled();
    expect(run.mock.calls).toEqual([[0], [1]]);
    expect(host.replies.map(({ call }) => call)).toEqual([10, 11]);
    expect(host.said.at(-1)).toEqual({ calls: 2, again: false });
  });

  test("a pull that the host does not answer in time goes again", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    expose("g", () => 1);
    await settled();
    host.lose();
    await vi.advanceTimersByTimeAsync(40_000);
    await settled();
    expect(host.pulls).toHaveLength(2);
    host.push({ t: "call", k: 0, n: 1, name: "g", arg: null });
    await settled();
    expect(host.replies).toMatchObject([{ call: 1, ok: true }]);
    vi.useRealTimers();
  });
});

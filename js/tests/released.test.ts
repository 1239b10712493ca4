// Tests `released`, which tells how the work of a call ended.

import { describe, expect, test } from "vitest";
import { configure, pyInvoke, rawPyInvoke, type Released } from "../src/index.js";
import { Host, rejection, settled } from "./host.js";

const error = (code: string, started?: boolean): object => ({ code, message: "m", details: started === undefined ? {} : { started } });

/** A promise and what settles it. */
function deferred(): { promise: Promise<Released>; resolve: (how: Released) => void } {
  let resolve!: (how: Released) => void;
  const promise = new Promise<Released>((done) => (resolve = done));
  return { promise, resolve };
}

describe("released", () => {
  test("of an answered call is known without asking", async () => {
    const host = new Host();
    const answers: [(index: number) => void, Released][] = [
      [(i) => host.call(i).answer(1), "finished"],
      [(i) => host.call(i).refuse(error("command-error", true)), "finished"],
      [(i) => host.call(i).refuse(error("permission-denied", false)), "cancelled"],
      [(i) => host.call(i).refuse(error("deadline-exceeded", false)), "cancelled"],
      [(i) => host.call(i).refuse(error("worker-lost", true)), "killed"],
      [(i) => host.call(i).refuse('transom.call not allowed on window "main"'), "cancelled"],
    ];
    for (const [index, [answer, how]] of answers.entries()) {
      const call = pyInvoke("c");
      call.catch(() => {});
      await settled();
      answer(index);
      expect(await call.released).toBe(how);
    }
    expect(host.asked).toEqual([]);
  });

  test.each(["aborted", "deadline-exceeded", "superseded", "shutting-down"])(
    "of a running call that ended with %s is asked of the host, once, when somebody reads it",
    async (code) => {
      const host = new Host();
      host.onReleased = () => "cancelled";
      const call = pyInvoke("c");
      await settled();
      host.call(0).refuse(error(code, true));
      await rejection(call);
      expect(host.asked).toEqual([]);
      expect(await call.released).toBe("cancelled");
      expect(await call.released).toBe("cancelled");
      expect(host.asked).toEqual([1]);
    },
  );

  test("of an aborted call waits for the end of its work", async () => {
    const host = new Host();
    const end = deferred();
    host.onReleased = () => end.promise;
    const controller = new AbortController();
    const call = pyInvoke("c", undefined, { signal: controller.signal });
    await settled();
    controller.abort("enough");
    expect(await rejection(call)).toBe("enough");
    let how: Released | undefined;
    void call.released.then((value) => (how = value));
    host.call(0).refuse(error("aborted", true));
    await settled();
    expect(how).toBeUndefined();
    end.resolve("abandoned");
    expect(await call.released).toBe("abandoned");
  });

  test("of an aborted call that had finished already is what its answer says", async () => {
    const host = new Host();
    const controller = new AbortController();
    const call = pyInvoke("c", undefined, { signal: controller.signal });
    await settled();
    controller.abort("enough");
    await rejection(call);
    host.call(0).answer("too late");
    expect(await call.released).toBe("finished");
    expect(host.asked).toEqual([]);
  });

  test("of a call that never left the page is cancelled", async () => {
    const host = new Host({ limits: { callsPerWindow: 1 } });
    void pyInvoke("first");
    const controller = new AbortController();
    const held = pyInvoke("held", undefined, { signal: controller.signal });
    const refused = [
      pyInvoke("c", undefined, { signal: AbortSignal.abort() }),
      pyInvoke(""),
      pyInvoke("c", 1n),
      rawPyInvoke("c", "text" as unknown as ArrayBuffer),
    ];
    for (const call of [held, ...refused]) call.catch(() => {});
    await settled();
    const full = pyInvoke("full", undefined, { overflow: "reject" });
    controller.abort();
    for (const call of [held, full, ...refused]) {
      await rejection(call);
      expect(await call.released).toBe("cancelled");
    }
    expect(host.calls).toHaveLength(1);
  });

  test("of a call that a full host sent back and that was aborted then is cancelled", async () => {
    const host = new Host();
    const controller = new AbortController();
    const call = pyInvoke("c", undefined, { signal: controller.signal });
    await settled();
    host.call(0).refuse({ code: "overloaded", message: "m", details: { started: false, scope: "window", retryAfterMs: 1e6 } });
    await settled();
    controller.abort();
    await rejection(call);
    expect(await call.released).toBe("cancelled");
  });

  test("of a call from before the back/forward cache is asked by the document as it is now", async () => {
    const host = new Host();
    host.onReleased = () => "cancelled";
    const call = pyInvoke("c");
    await settled();
    const [old] = host.epochs;
    host.comeBackFromCache();
    await rejection(call);
    expect(await call.released).toBe("cancelled");
    expect(host.controls.at(-1)).toEqual({ op: "released", epoch: host.epochs[1], id: 1, of: old });
    expect(host.strays).toBe(0);
  });

  test("asked before the back/forward cache and without an answer is asked again after it", async () => {
    const host = new Host();
    host.onReleased = () => new Promise(() => {});
    const call = pyInvoke("c");
    await settled();
    host.call(0).refuse(error("aborted", true));
    await rejection(call);
    const { released } = call;
    await settled();
    host.onReleased = () => "finished";
    host.comeBackFromCache();
    expect(await released).toBe("finished");
    expect(host.asked).toEqual([1, 1]);
  });

  test("never rejects: where the host cannot be asked, nobody waits any more", async () => {
    const host = new Host();
    host.onReleased = () => Promise.reject({ code: "window-closed", message: "m" });
    const call = pyInvoke("c");
    await settled();
    host.call(0).refuse(error("aborted", true));
    await rejection(call);
    expect(await call.released).toBe("abandoned");
  });

  test("is there when calls reject with bare strings, and stays unread without a complaint", async () => {
    const host = new Host();
    configure({ errors: "string" });
    const call = pyInvoke("c");
    await settled();
    host.call(0).refuse(error("command-error", true));
    expect(await rejection(call)).toBe("m");
    expect(await call.released).toBe("finished");
  });
});

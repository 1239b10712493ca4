// Tests listing jobs and attaching to them.

import { describe, expect, test } from "vitest";
import { pyAttach, pyJobs } from "../src/index.js";
import { Host, rejection, settled } from "./host.js";

describe("jobs", () => {
  test("are asked of the host after the hello", async () => {
    const host = new Host();
    const jobs = [{ id: 7, command: "save", window: "main", state: "running", progress: null, startedAt: 1 }];
    host.onJobs = () => jobs;
    expect(await pyJobs()).toEqual(jobs);
    expect(host.controls.map((frame) => frame.op)).toEqual(["hello", "jobs"]);
    host.onJobs = () => Promise.reject({ code: "protocol-error", message: "m" });
    expect(await rejection(pyJobs())).toMatchObject({ code: "protocol-error" });
  });

  test("are attached to as calls are made, by id in the place of a name", async () => {
    const host = new Host();
    const seen: number[] = [];
    const call = pyAttach(7, { onProgress: ({ done }) => seen.push(done) });
    await settled();
    const { e, ...head } = host.call(0).head;
    expect(head).toEqual({ i: 1, a: 7, p: true });
    expect(e).toBe(host.epochs[0]);
    host.push({ t: "progress", i: 1, done: 3, total: null, message: null });
    await settled();
    host.call(0).answer({ saved: true });
    expect(await call).toEqual({ saved: true });
    expect(await call.released).toBe("finished");
    expect(seen).toEqual([3]);
  });

  test("are cancelled by the signal of who attached", async () => {
    const host = new Host();
    const controller = new AbortController();
    const call = pyAttach(7, { signal: controller.signal });
    await settled();
    controller.abort("enough");
    expect(await rejection(call)).toBe("enough");
    expect(host.cancels).toEqual([1]);
  });

  test("need an id", async () => {
    const host = new Host();
    for (const id of [0, -1, 1.5, NaN, "7", undefined]) {
      const call = pyAttach(id as number);
      expect(await rejection(call)).toMatchObject({ code: "invalid-argument", details: { started: false } });
      expect(await call.released).toBe("cancelled");
    }
    expect(host.calls).toHaveLength(0);
  });
});

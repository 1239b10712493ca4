// Tests which calls a full page sends first.

import { describe, expect, test } from "vitest";
import { pyInvoke, type InvokeOptions } from "../src/index.js";
import { Host, settled } from "./host.js";

const background: InvokeOptions = { priority: "background" };

/** Answers every call that the host has, until there are none; gives the names in the order of their coming. */
async function serve(host: Host, from: number): Promise<string[]> {
  for (let next = from; next < host.calls.length; next++) {
    host.call(next).answer(next);
    await settled();
  }
  return host.calls.slice(from).map((call) => call.head.c);
}

describe("a page that is full", () => {
  test("sends the background behind the rest, but for one in ten", async () => {
    const host = new Host({ limits: { callsPerWindow: 1 } });
    void pyInvoke("first");
    await settled();
    for (let n = 0; n < 5; n++) void pyInvoke("late", n, background);
    for (let n = 0; n < 30; n++) void pyInvoke("soon", n);
    const names = await serve(host, 0);
    expect(names).toHaveLength(36);
    const lates = names.flatMap((name, at) => (name === "late" ? [at] : []));
    expect(lates.slice(0, 3)).toEqual([10, 20, 30]);
    expect(names.slice(-2)).toEqual(["late", "late"]);
  });

  test("keeps an eighth of its places from the background", async () => {
    const host = new Host({ limits: { callsPerWindow: 16 } });
    for (let n = 0; n < 20; n++) void pyInvoke("late", n, background);
    await settled();
    expect(host.calls).toHaveLength(14);
    void pyInvoke("soon");
    await settled();
    expect(host.calls.at(-1)?.head).toMatchObject({ c: "soon" });
    expect(host.calls[0]?.head.q).toBe("b");
    expect(host.calls.at(-1)?.head.q).toBeUndefined();
  });
});

// Tests the checks of command names and options.

import { beforeEach, describe, expect, test } from "vitest";
import { InvokeError, pyAttach, pyInvoke, pyStream } from "../src/index.js";
import { Host, rejection, settled } from "./host.js";

let host: Host;
beforeEach(() => {
  host = new Host();
});

async function expectRefused(error: Promise<unknown>, message: RegExp): Promise<void> {
  const reason = await error;
  expect(reason).toBeInstanceOf(InvokeError);
  expect(reason).toMatchObject({ code: "invalid-argument", details: { started: false } });
  expect((reason as InvokeError).message).toMatch(message);
  await settled();
  expect(host.calls).toEqual([]);
}

describe("the name of a command", () => {
  test.each([
    ["nothing", ""],
    ["more than 256 bytes", "é".repeat(129)],
    ["half a character", "a\ud83d"],
    ["no text", { toString: (): string => "c" }],
  ])("is not %s", async (_, name) => {
    await expectRefused(rejection(pyInvoke(name as string)), /name of a command/);
  });

  test("may have 256 bytes of any characters", async () => {
    void pyInvoke("é".repeat(126) + "😀");
    await settled();
    expect(host.call(0).head.c).toBe("é".repeat(126) + "😀");
  });
});

describe("options that cannot be meant", () => {
  test.each([
    [null, /options/],
    [{ signal: {} }, /AbortSignal/],
    [{ signal: null }, /AbortSignal/],
    [{ timeout: -1 }, /timeout is a number/],
    [{ timeout: "5" }, /timeout is a number/],
    [{ priority: "high" }, /priority/],
    [{ overflow: "drop" }, /overflow/],
    [{ onProgress: 5 }, /onProgress/],
    [{ timeOut: 5 }, /^"timeOut" is no option of py\w+\. Its options are .*timeout/],
    [{ bufer: 5 }, /^"bufer" is no option/],
  ])("%o are refused, by a stream too", async (options, message) => {
    await expectRefused(rejection(pyInvoke("c", 1, options as object)), message);
    await expectRefused(rejection(pyStream("c", 1, options as object).next()), message);
  });

  test.each([{ buffer: 0 }, { buffer: 1.5 }, { totalTimeout: NaN }, { conflate: "yes" }])("%o are refused by a stream", async (options) => {
    await expectRefused(rejection(pyStream("c", 1, options as object).next()), /buffer|totalTimeout|conflate/);
  });

  test.each([{ buffer: 1 }, { totalTimeout: 5 }, { conflate: true }])("%o are for a stream alone", async (options) => {
    await expectRefused(rejection(pyInvoke("c", 1, options as object)), /is no option of pyInvoke, it is one of pyStream\. Its options are signal/);
  });

  test("a job takes a signal and a listener of its progress", async () => {
    await expectRefused(rejection(pyAttach(1, { timeout: 5 } as object)), /"timeout" is no option of pyAttach, it is one of pyInvoke/);
  });

  test("what is undefined is not given, and headers alone are the options of PyTauri", async () => {
    void pyInvoke("c", 1, { headers: { "x-a": "b" }, buffer: undefined } as object);
    await settled();
    expect(host.call(0).headers["x-a"]).toBe("b");
  });
});

test("a buffer that was transferred is refused", async () => {
  const buffer = new ArrayBuffer(8);
  structuredClone(buffer, { transfer: [buffer] });
  await expectRefused(rejection(pyInvoke("c", buffer)), /transferred/);
});

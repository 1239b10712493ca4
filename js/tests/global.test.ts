// Tests `api-iife.js`, the script that provides the package as `window.__TAURI__.transom`.

import { readFile } from "node:fs/promises";
import { createContext, runInContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { evaluationScript, globalScript } from "../build-global.js";
import * as api from "../src/index.js";
import { Host, settled } from "./host.js";

const committed = await readFile(new URL("../../api-iife.js", import.meta.url), "utf8");

/** The names a script of a page has, and no others. */
function page(host: Host): object {
  const { crypto, TextEncoder, Headers, DOMException, console, setTimeout } = globalThis;
  return createContext({ window: host.window, crypto, TextEncoder, Headers, DOMException, console, setTimeout });
}

describe("api-iife.js", () => {
  test("is what the sources give: else run `npm run build`", async () => {
    expect(committed === (await globalScript())).toBe(true);
  });

  test("puts every export on window.__TAURI__.transom, and works there", async () => {
    const host = new Host();
    const tauri: { transom?: typeof api; core: string } = { core: "stays" };
    Object.assign(host.window, { __TAURI__: tauri });
    runInContext(committed, page(host));
    expect(Object.keys(tauri).sort()).toEqual(["core", "pytauri", "transom"]);
    expect(Object.keys(tauri.transom ?? {}).sort()).toEqual(Object.keys(api).sort());
    expect(host.controls).toEqual([]); // nothing is sent before the first use

    const greeting = tauri.transom?.pyInvoke("greet", { name: "Ada" });
    await settled();
    expect(host.json(0)).toEqual({ name: "Ada" });
    host.call(0).answer("Hello, Ada");
    expect(await greeting).toBe("Hello, Ada");
  });

  test("answers a page by PyTauri's name, with texts for errors, and says so once", async () => {
    const host = new Host();
    const tauri: { pytauri?: { pyInvoke: typeof api.pyInvoke } } = {};
    Object.assign(host.window, { __TAURI__: tauri });
    const told: string[] = [];
    const console = { warn: (text: string) => told.push(text) };
    runInContext(committed, Object.assign(page(host), { console }));

    const calls = [1, 2].map((n) => tauri.pytauri?.pyInvoke("fails", n));
    await settled();
    const error = { code: "command-error", message: "no", command: "fails", window: "main" };
    for (const n of [0, 1]) host.call(n).refuse({ ...error, retryable: false, details: {} });
    for (const call of calls) await expect(call).rejects.toBe("no");
    expect(told).toEqual([expect.stringContaining("window.__TAURI__.transom")]);
  });

  test("leaves a page without the global API alone", () => {
    const host = new Host();
    runInContext(committed, page(host));
    expect(Object.keys(host.window)).toEqual(["__TAURI_INTERNALS__"]);
  });
});

describe("evaluation-iife.js", () => {
  type Evaluation = { evaluated(script: () => unknown): Promise<string>; evaluatedAtOnce(script: () => unknown): string };

  test("is what the sources give: else run `npm run build`", async () => {
    const text = await readFile(new URL("../../evaluation-iife.js", import.meta.url), "utf8");
    expect(text === (await evaluationScript())).toBe(true);
  });

  test("runs whatever a page has put into the prototypes of its objects", async () => {
    const sandbox: { evaluation?: Evaluation } = createContext({});
    runInContext("Object.prototype.extend = 'by the page'", sandbox);
    runInContext(`${await evaluationScript()}; globalThis.evaluation = transom`, sandbox);
    expect(sandbox.evaluation?.evaluatedAtOnce(() => [1])).toBe("v[1]");
  });

  test("gives values and errors as text", async () => {
    const sandbox: { evaluation?: Evaluation } = createContext({
      document: { readyState: "complete" },
      setInterval,
      clearInterval,
    });
    runInContext(`${await evaluationScript()}; globalThis.evaluation = transom`, sandbox);
    const { evaluation } = sandbox;
    const outcome = (script: string) => evaluation?.evaluated(runInContext(`() => (${script})`, sandbox) as () => unknown);
    expect(await outcome("Promise.resolve({a: [1, NaN, undefined]})")).toBe('v{"a":[1,null,null]}');
    expect(await outcome("undefined")).toBe("vnull");
    expect(await outcome("nobody")).toBe('t{"name":"ReferenceError","message":"nobody is not defined"}');
    expect(await outcome("Promise.reject(7)")).toBe('t{"name":"Error","message":"7"}');
    const lost = ["new Map([[1, 2]])", "1n", "() => 1", "new ArrayBuffer(3)", "(() => {const a = []; a.push(a); return a})()"];
    for (const script of lost) expect(await outcome(script), script).toMatch(/^t\{"name":"TypeError"/);
    expect(await outcome("'x'.repeat(2 ** 26)")).toMatch(/^t\{"name":"RangeError"/);
    expect(evaluation?.evaluatedAtOnce(() => 1)).toBe("v1");
    expect(evaluation?.evaluatedAtOnce(() => Promise.resolve(1))).toMatch(/^t\{"name":"TypeError"/);
  });
});

// Writes the scripts that the host brings along: ../api-iife.js, which `withGlobalTauri` runs in
// every window, and ../evaluation-iife.js, in which scripts of `window.evaluate` run.
import { build } from "esbuild";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

async function bundle(outfile, options) {
  const result = await build({
    outfile: here(outfile),
    bundle: true,
    format: "iife",
    target: "es2020",
    minify: true,
    legalComments: "none",
    write: false,
    ...options,
  });
  return result.outputFiles[0].text;
}

/** The text of `api-iife.js`, with nothing left to import. */
export function globalScript() {
  return bundle("../api-iife.js", { entryPoints: [here("src/global.ts")] });
}

/**
 * The text of `evaluation-iife.js`, which declares `transom`. It comes into pages that have run. What
 * esbuild writes for exports fails there once a page has put something into `Object.prototype`.
 */
export function evaluationScript() {
  const contents = `
    import { evaluated, evaluatedAtOnce } from "./src/session/evaluation.js";
    transom = { evaluated, evaluatedAtOnce };
  `;
  return bundle("../evaluation-iife.js", {
    stdin: { contents, resolveDir: here("."), loader: "ts" },
    banner: { js: '"use strict";let transom;' },
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { writeFile } = await import("node:fs/promises");
  await writeFile(here("../api-iife.js"), await globalScript());
  await writeFile(here("../evaluation-iife.js"), await evaluationScript());
}

// Writes the scripts that the host brings along: ../api-iife.js, which `withGlobalTauri` runs in
// every window, and ../evaluation-iife.js, in which scripts of `window.evaluate` run.
import { build } from "esbuild";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

async function bundle(entry, outfile, options = {}) {
  const result = await build({
    entryPoints: [here(entry)],
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
  return bundle("src/global.ts", "../api-iife.js");
}

/** The text of `evaluation-iife.js`: one statement, which declares `transom`. */
export function evaluationScript() {
  return bundle("src/session/evaluation.ts", "../evaluation-iife.js", { globalName: "transom" });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { writeFile } = await import("node:fs/promises");
  await writeFile(here("../api-iife.js"), await globalScript());
  await writeFile(here("../evaluation-iife.js"), await evaluationScript());
}

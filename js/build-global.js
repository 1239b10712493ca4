// Writes ../api-iife.js, the script that `withGlobalTauri` runs in every window.
import { build } from "esbuild";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The text of the script, with nothing left to import. */
export async function globalScript() {
  const result = await build({
    entryPoints: [here("src/global.ts")],
    outfile: here("../api-iife.js"),
    bundle: true,
    format: "iife",
    target: "es2020",
    minify: true,
    legalComments: "none",
    write: false,
  });
  return result.outputFiles[0].text;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { writeFile } = await import("node:fs/promises");
  await writeFile(here("../api-iife.js"), await globalScript());
}

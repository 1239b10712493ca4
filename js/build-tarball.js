// Writes ../python/transom/_client.tgz, the npm package that the wheel carries: `transom.migrate`
// gives it to apps, so that both sides have the same version.
import { execSync } from "node:child_process";
import { mkdtempSync, copyFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "transom-client-"));
try {
  // A line of a shell: `npm` is a script on Windows.
  execSync(`npm pack --silent --pack-destination "${folder}"`, { cwd: here });
  const [name] = readdirSync(folder);
  copyFileSync(join(folder, name), join(here, "../python/transom/_client.tgz"));
} finally {
  rmSync(folder, { recursive: true });
}

// `node web/build.ts [--if-stale]`: builds the UI into web/dist, with a list of its files and compressed copies.
// `causeway serve` and the quickstart do it by themselves when it is not there, or made from older sources.
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";

const WEB = fileURLToPath(new URL(".", import.meta.url));
const DIST = join(WEB, "dist");
const LIST = "files.json";
const SOURCES = "sources.sha256";

const sources = sourcesHash();
if (!process.argv.includes("--if-stale") || !isBuiltFrom(sources)) await buildAll();

/** Beside the place, and put into it when it is whole: others may build, and the platform may serve, at the same time. */
async function buildAll(): Promise<void> {
  // Only now: a start that finds all built needs it not.
  const { build } = await import("vite");
  const fresh = join(WEB, `dist.${process.pid}`);
  try {
    await build({ root: WEB, logLevel: "error", build: { outDir: fresh, emptyOutDir: true } });
    for (const name of globSync("**/*.{html,js,css,svg}", { cwd: fresh })) {
      const bytes = readFileSync(join(fresh, name));
      const compressed = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
      if (compressed.length < bytes.length) writeFileSync(join(fresh, `${name}.br`), compressed);
    }
    const files = globSync("**/*", { cwd: fresh, withFileTypes: true }).filter((entry) => entry.isFile());
    const names = files.map((entry) => join(entry.parentPath, entry.name).slice(fresh.length + 1));
    writeFileSync(join(fresh, SOURCES), sources);
    writeFileSync(join(fresh, LIST), JSON.stringify(names));
    rmSync(DIST, { recursive: true, force: true });
    renameSync(fresh, DIST);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function isBuiltFrom(hash: string): boolean {
  return existsSync(join(DIST, LIST)) && readFileSync(join(DIST, SOURCES), "utf8") === hash;
}

/** Of all that the built files come from. */
function sourcesHash(): string {
  const patterns = ["src/**/*", "*.{ts,html,json}", "../contract/src/**/*.{ts,json}", "../package-lock.json"];
  const hash = createHash("sha256");
  for (const path of patterns.flatMap((pattern) => globSync(pattern, { cwd: WEB })).sort()) {
    if (!/\.\w+$/.test(path)) continue;
    hash.update(`${path}\n`).update(readFileSync(join(WEB, path)));
  }
  return hash.digest("hex");
}

import { existsSync, readFileSync, statSync } from "node:fs";
import { extname, join } from "node:path";

/** A file of the built UI, as it is sent. */
export interface PageFile {
  readonly type: string;
  readonly bytes: Buffer;
  /** The same, compressed when it was built. */
  readonly brotli: Buffer | undefined;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".json": "application/json",
};

const LOOK_EVERY_MS = 1000;

/**
 * The built UI in `folder`: the files that its list (`files.json`, written last) names, and no others. A build that is
 * done while the platform runs is found within a second.
 */
export function openPageFiles(folder: string) {
  const list = join(folder, "files.json");
  let builtAt = 0;
  let lookedAt = 0;
  let names = new Set<string>();
  const read = new Map<string, PageFile>();

  function look(): void {
    if (Date.now() - lookedAt < LOOK_EVERY_MS) return;
    lookedAt = Date.now();
    const changed = existsSync(list) ? statSync(list).mtimeMs : 0;
    if (changed === builtAt) return;
    builtAt = changed;
    read.clear();
    names = new Set(changed === 0 ? [] : (JSON.parse(readFileSync(list, "utf8")) as string[]));
  }

  return {
    /** `name` below the folder, as in `assets/index-4f2a.js`. */
    find(name: string): PageFile | undefined {
      look();
      if (!names.has(name)) return undefined;
      const known = read.get(name);
      if (known) return known;
      const path = join(folder, name);
      const file = {
        type: TYPES[extname(name)] ?? "application/octet-stream",
        bytes: readFileSync(path),
        brotli: names.has(`${name}.br`) ? readFileSync(`${path}.br`) : undefined,
      };
      read.set(name, file);
      return file;
    },
  };
}

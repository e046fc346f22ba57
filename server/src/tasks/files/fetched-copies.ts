import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { SharedWork } from "@causeway/executors";

/**
 * Copies on this machine of bytes that lie elsewhere: each is fetched once, whole, into `directory`, under a name of its
 * own. Jobs stage their inputs from there. A fetch that breaks leaves nothing under the name.
 */
export function createFetchedCopies(directory: string) {
  const fetching = new SharedWork<string>();

  async function fetch(name: string, open: () => Promise<Readable>, signal: AbortSignal): Promise<string> {
    const path = join(directory, name);
    const now = new Date();
    const there = await stat(path).catch(() => undefined);
    if (there) {
      await utimes(path, now, there.mtime);
      return path;
    }
    await mkdir(directory, { recursive: true, mode: 0o700 });
    // Of its own: a fetch that was ended may not have removed its draft yet.
    const draft = `${path}.${randomUUID()}.new`;
    try {
      await pipeline(await open(), createWriteStream(draft, { flags: "w", mode: 0o400 }), { signal });
      await rename(draft, path);
    } finally {
      await rm(draft, { force: true });
    }
    return path;
  }

  return {
    /**
     * The path of the copy of that name, for which `open` gives the bytes; never write to it. Rejects with the signal's
     * reason when that aborts; a fetch that nobody waits for any more is ended. Throws what `open` and its stream throw.
     */
    pathOf: (name: string, open: () => Promise<Readable>, signal?: AbortSignal): Promise<string> =>
      fetching.join(name, (abandoned) => fetch(name, open, abandoned), signal),

    /** Removes a copy, where there is one: the next asking fetches it anew. */
    forget: (name: string): Promise<void> => rm(join(directory, name), { force: true }),

    /** Removes copies that nobody has asked for since `before`. Answers how many. */
    async removeUnused(before: Date): Promise<number> {
      let removed = 0;
      const names = await readdir(directory).catch(() => []);
      for (const name of names) {
        const path = join(directory, name);
        const { atime } = await stat(path);
        if (atime >= before) continue;
        await rm(path, { force: true });
        removed++;
      }
      return removed;
    },
  };
}

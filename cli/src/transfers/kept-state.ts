import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/** What is remembered of an unfinished transfer, so that the same command goes on with it after any interruption. */
export interface KeptState<State> {
  read(): Promise<State | undefined>;
  /** On the disk, whole or not at all, when this returns. */
  write(state: State): Promise<void>;
  forget(): Promise<void>;
}

/**
 * The state of one transfer. `key`: everything that makes it the same one (a changed local file makes it another).
 * Nothing secret is kept.
 */
export function keptState<State>(kind: "uploads" | "downloads", key: Readonly<Record<string, unknown>>): KeptState<State> {
  const directory = join(process.env.XDG_STATE_HOME || join(homedir(), ".local", "state"), "causeway", kind);
  const name = createHash("sha256").update(JSON.stringify(key)).digest("hex").slice(0, 32);
  const path = join(directory, `${name}.json`);
  return {
    async read() {
      try {
        return JSON.parse(await readFile(path, "utf8")) as State;
      } catch {
        // None, or none that can be read: then the transfer starts over, which only costs time.
        return undefined;
      }
    },
    async write(state) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const draft = `${path}.${process.pid}`;
      await writeFile(draft, JSON.stringify({ ...key, ...state }));
      await rename(draft, path);
    },
    forget: () => rm(path, { force: true }),
  };
}

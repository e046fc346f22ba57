import { isUtf8 } from "node:buffer";
import type { Dirent } from "node:fs";
import { opendir } from "node:fs/promises";
import { VolumeError } from "../volume-errors.ts";
import type { HeldDirectory } from "./beneath.ts";
import { sortInTurns } from "./sort-in-turns.ts";
import { isOurTemporary } from "./temporary-names.ts";

/** One name in a directory. `sort` is what it is sorted by: keys of objects beneath a directory begin with its name and a slash. */
export interface SortedName {
  name: string;
  /** As `bytesText`. */
  sort: string;
  kind: "file" | "directory";
}

/** What a link leads to, or what a name is of which the file system has not told the kind; undefined: nothing to list. */
export type Resolve = (name: string) => Promise<SortedName["kind"] | undefined>;

export interface SortedDirectory {
  names: SortedName[];
  /** Names that can be no location: not UTF-8, or with control characters. */
  skipped: number;
}

/** How many sorted directories are kept, and how many names in all: a page of a large directory costs no second reading. */
const KEPT_DIRECTORIES = 16;
const KEPT_NAMES = 2_000_000;

/**
 * The names of directories in the order of keys, which needs all of them at once. What was read is kept until the
 * directory's time changes; a directory with more than `maxNames` is refused.
 */
export class SortedNames {
  readonly #maxNames: number;
  readonly #kept = new Map<string, SortedDirectory & { changed: bigint }>();

  constructor(maxNames: number) {
    this.#maxNames = maxNames;
  }

  /** @throws the signal's reason */
  async of(directory: HeldDirectory, resolve: Resolve, signal: AbortSignal): Promise<SortedDirectory> {
    const { dev, ino, mtimeNs } = await directory.handle.stat({ bigint: true });
    const id = `${dev}:${ino}`;
    const kept = this.#kept.get(id);
    if (kept?.changed === mtimeNs) return kept;
    const read = await this.#read(directory, resolve, signal);
    this.#kept.delete(id);
    // A directory that has just changed may change again within the same tick of its clock.
    if (BigInt(Date.now()) * 1_000_000n - mtimeNs > 2_000_000_000n) this.#keep(id, { ...read, changed: mtimeNs });
    return read;
  }

  async #read(directory: HeldDirectory, resolve: Resolve, signal: AbortSignal): Promise<SortedDirectory> {
    const names: SortedName[] = [];
    let skipped = 0;
    // The type of Node's own options lacks "buffer".
    const entries = (await opendir(directory.path, {
      encoding: "buffer" as BufferEncoding,
      bufferSize: 1024,
    })) as unknown as AsyncIterable<Dirent<Buffer>>;
    for await (const entry of entries) {
      signal.throwIfAborted();
      if (isSpecial(entry)) continue;
      const name = plainName(entry.name);
      if (name === undefined) skipped += 1;
      if (name === undefined || isOurTemporary(name)) continue;
      const kind = entry.isFile() ? "file" : entry.isDirectory() ? "directory" : await resolve(name);
      if (kind !== undefined) names.push({ name, kind, sort: bytesText(kind === "directory" ? `${name}/` : name) });
      if (names.length > this.#maxNames) {
        throw new VolumeError("BadAnswer", { action: "list", detail: `a directory has more than ${this.#maxNames} names` });
      }
    }
    return { names: await sortInTurns(names, signal), skipped };
  }

  #keep(id: string, directory: SortedDirectory & { changed: bigint }): void {
    this.#kept.set(id, directory);
    let total = [...this.#kept.values()].reduce((sum, each) => sum + each.names.length, 0);
    for (const [oldest, { names }] of this.#kept) {
      if (this.#kept.size <= KEPT_DIRECTORIES && total <= KEPT_NAMES) break;
      this.#kept.delete(oldest);
      total -= names.length;
    }
  }
}

/** A text that compares as the bytes of `text` do: a character for each of them. */
export function bytesText(text: string): string {
  return isPlainAscii(text) ? text : Buffer.from(text).toString("latin1");
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII has them
const isPlainAscii = (text: string): boolean => /^[\u0000-\u007f]*$/.test(text);

/** The index of the first name that is not before `sort`. */
export function firstFrom(names: readonly SortedName[], sort: string): number {
  let [low, high] = [0, names.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (names[middle]!.sort < sort) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Devices, sockets and pipes are not listed. */
function isSpecial(entry: Dirent<Buffer>): boolean {
  return entry.isFIFO() || entry.isSocket() || entry.isBlockDevice() || entry.isCharacterDevice();
}

function plainName(bytes: Buffer): string | undefined {
  const name = bytes.toString();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return isUtf8(bytes) && !/[\u0000-\u001f\u007f]/.test(name) ? name : undefined;
}

import { statSync } from "node:fs";
import { checksumOf } from "../jobs/checksum.ts";
import { type Entry, isEntry, pathOfLocation } from "../jobs/file-value.ts";
import { type MayRead, normalEntry, readListing } from "../jobs/normal-entry.ts";
import { setKey } from "../keys.ts";
import type { CommandLineTool, Inputs, Value } from "../model.ts";

/**
 * How long ago a file must have changed before its times tell whether it changes again, in milliseconds: clocks of file
 * systems tick in steps of some milliseconds.
 */
const SETTLED_MS = 100;

/**
 * Finds what `jobKey` needs: the checksums of files and the listings of directories. A file that many jobs read is read
 * once, as long as neither its size, its inode nor its times change.
 */
export class InputHasher {
  readonly #known = new Map<string, Promise<string>>();
  readonly #checksum: (path: string) => Promise<string>;

  /** @param checksum of the file at a path, in another way than by reading it: all jobs that are compared must use one. */
  constructor(checksum?: (path: string) => Promise<string>) {
    this.#checksum = checksum ?? ((path) => this.#checksumByReading(path));
  }

  /**
   * The tool and its inputs with every File's SHA-1 and every Directory's listing, both taken from the disk: what the
   * user's own job order claims about a file does not count. The files that the tool itself names are among them.
   */
  async job(
    tool: CommandLineTool,
    inputs: Inputs,
    mayRead?: MayRead,
  ): Promise<{ tool: CommandLineTool; inputs: Inputs; files: ReadonlySet<string> }> {
    const files = new Set<string>();
    const measured: { [port: string]: Value } = {};
    for (const [port, value] of Object.entries(inputs)) measured[port] = await this.#value(value, `inputs.${port}`, files);
    const named = async (among: CommandLineTool["requirements"]) => {
      if (!among.initialWorkDir) return among;
      const { listing } = among.initialWorkDir;
      const place = "InitialWorkDirRequirement.listing";
      return { ...among, initialWorkDir: { listing: (await this.#value(listing as Value, place, files, { mayRead })) as never } };
    };
    return {
      tool: { ...tool, requirements: await named(tool.requirements), hints: await named(tool.hints) },
      inputs: measured,
      files,
    };
  }

  /** `normalize`: the entries come from the document and are not complete yet. */
  async #value(value: Value, place: string, files: Set<string>, normalize?: { mayRead: MayRead | undefined }): Promise<Value> {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) {
      const items: Value[] = [];
      for (const [index, item] of value.entries()) items.push(await this.#value(item, `${place}[${index}]`, files, normalize));
      return items;
    }
    if (isEntry(value)) return this.#entry(normalize ? normalEntry(value, place, normalize.mayRead) : value, place, files);
    const fields: { [key: string]: Value } = {};
    for (const [key, inner] of Object.entries(value as { [key: string]: Value }))
      setKey(fields, key, await this.#value(inner, `${place}.${key}`, files, normalize));
    return fields;
  }

  async #entry(entry: Entry, place: string, files: Set<string>): Promise<Entry> {
    const path = entry.location === undefined ? undefined : pathOfLocation(entry.location, place);
    if (path !== undefined) files.add(path);
    const all = async (entries: readonly Entry[]) => {
      const measured: Entry[] = [];
      for (const inner of entries) measured.push(await this.#entry(inner, place, files));
      return measured;
    };
    if (entry.class === "Directory") {
      const listing = path === undefined ? (entry.listing ?? []) : readListing(path, "deep_listing", place);
      return { ...entry, listing: await all(listing) };
    }
    const { secondaryFiles } = entry;
    return {
      ...entry,
      ...(path !== undefined && { checksum: await this.#checksum(path) }),
      ...(secondaryFiles && { secondaryFiles: await all(secondaryFiles) }),
    };
  }

  #checksumByReading(path: string): Promise<string> {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    const identity = `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;
    let checksum = this.#known.get(identity);
    if (!checksum) {
      checksum = checksumOf(path, Number(size));
      if (Date.now() - Number(ctimeNs / 1_000_000n) > SETTLED_MS) this.#known.set(identity, checksum);
    }
    return checksum;
  }
}

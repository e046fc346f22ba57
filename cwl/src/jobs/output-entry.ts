import { posix } from "node:path";
import { setKey } from "../keys.ts";
import type { CwlVersion, DirectoryValue, FileValue, LoadListing, Outputs, Value } from "../model.ts";
import { checksumOf } from "./checksum.ts";
import { readContents } from "./contents.ts";
import { refuseMisshapen } from "./entry-shape.ts";
import { baseOf, dirOf, type Entry, isEntry, locationOfPath, pathOfLocation, splitName, visitEntries } from "./file-value.ts";
import { HardLinks } from "./hard-links.ts";
import { placedIn } from "./job-directories.ts";
import { JobError, shown } from "./job-error.ts";
import { literalName, readListing, refuseEmptyLiteral } from "./normal-entry.ts";
import { kindOf, secureDirectory } from "./output-directory.ts";
import type { Located, OutputTree } from "./output-tree.ts";
import { besidePrimary } from "./secondary-files.ts";

/** How the bytes of outputs are read, and what ends that: see `CollectContext`. */
interface Reading {
  checksum?: (path: string, size: number, signal?: AbortSignal) => Promise<string>;
  signal?: AbortSignal;
}

/** Makes Files and Directories of what a command left behind, and of what expressions and cwl.output.json say about it. */
export class OutputCollector {
  readonly #tree: OutputTree;
  readonly #version: CwlVersion;
  readonly #links: HardLinks;

  readonly #reading: Reading;

  constructor(tree: OutputTree, version: CwlVersion, reading: Reading = {}) {
    this.#reading = reading;
    this.#tree = tree;
    this.#version = version;
    this.#links = new HardLinks(tree.job);
  }

  /** The entries at the paths that a glob found, as `self` of outputEval sees them. */
  async entries(
    paths: readonly string[],
    loadContents: boolean,
    depth: LoadListing | undefined,
    place: string,
  ): Promise<Entry[]> {
    const found: Entry[] = [];
    for (const path of paths) {
      const entry = await this.#entryAt(path, place);
      if (!entry) throw new JobError("output", place, `${shown(path)} is a link to nothing`);
      if (entry.class === "File" && loadContents) {
        entry.contents = readContents(pathOfLocation(entry.location as string, place), this.#version, place);
      }
      if (entry.class === "Directory" && depth !== undefined && depth !== "no_listing") {
        const host = pathOfLocation(entry.location as string, place);
        entry.listing = readListing(host, depth, place).map((inner) => placedIn(inner, entry.path as string));
      }
      found.push(entry);
    }
    return found;
  }

  /** A value that an expression or cwl.output.json gave, its Files and Directories found again by path or location. */
  async returned(value: Value, place: string): Promise<Value> {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) {
      const items: Value[] = [];
      for (const [index, item] of value.entries()) items.push(await this.returned(item, `${place}[${index}]`));
      return items;
    }
    if (isEntry(value)) {
      const entry = await this.#returnedEntry(value, place);
      if (!entry) throw new JobError("output", place, `there is no ${value.class} at ${shown(value.path ?? value.location)}`);
      return entry;
    }
    const fields: { [key: string]: Value } = {};
    for (const [key, inner] of Object.entries(value as { [key: string]: Value }))
      setKey(fields, key, await this.returned(inner, `${place}.${key}`));
    return fields;
  }

  /** A secondary file that an expression described; undefined when nothing is there. */
  returnedIfThere(entry: Entry, place: string): Promise<Entry | undefined> {
    return this.#returnedEntry(entry, place);
  }

  /** The entry with a name beside a primary file; of an input passed through, the secondary file it came with. */
  async beside(primary: FileValue, name: string, place: string): Promise<Entry | undefined> {
    if (primary.path !== undefined) {
      const found = await this.#entryAt(posix.normalize(besidePrimary(primary.path, name)), place);
      if (found) return found;
    }
    const input = primary.location === undefined ? undefined : this.#tree.inputAt(pathOfLocation(primary.location, place));
    return input?.secondaryFiles?.find(({ basename }) => basename === name);
  }

  /** Adds the SHA-1 of every File on disk that has none; fields are set in place. */
  async addChecksums(outputs: Outputs): Promise<void> {
    const files: FileValue[] = [];
    const note = (entry: Entry): void => {
      if (entry.class === "File" && entry.location !== undefined && entry.checksum === undefined) files.push(entry);
      for (const inner of (entry.class === "File" ? entry.secondaryFiles : entry.listing) ?? []) note(inner);
    };
    for (const value of Object.values(outputs)) visitEntries(value, note);
    const { checksum, signal } = this.#reading;
    for (const file of files) {
      const path = pathOfLocation(file.location as string, "");
      file.checksum = await (checksum ?? checksumOf)(path, file.size ?? Number.POSITIVE_INFINITY, signal);
    }
  }

  async #returnedEntry(entry: Entry, place: string): Promise<Entry | undefined> {
    refuseMisshapen(entry, "output", place);
    const { path, location, ...said } = entry;
    if (path === undefined && location === undefined) return this.#literal(entry, place);
    const asked =
      path === undefined ? this.#tree.pathOfLocation(location as string, place) : posix.resolve(this.#tree.job.outdir.path, path);
    const listed = entry.class === "Directory" ? this.#tree.listedInputAt(posix.normalize(asked)) : undefined;
    if (listed) return this.#literal({ ...listed, ...said } as DirectoryValue, place);
    const found = await this.#entryAt(asked, place);
    if (!found) return undefined;
    if (found.class !== entry.class)
      throw new JobError("output", place, `${shown(asked)} is a ${found.class}, not a ${entry.class}`);
    const basename = said.basename ?? found.basename;
    const metadata = { ...found.metadata, ...said.metadata };
    if (found.class === "Directory") {
      const listing = (said as DirectoryValue).listing;
      return {
        ...said,
        ...found,
        basename,
        metadata,
        ...(listing && { listing: await this.#inner(listing, `${place}.listing`) }),
      } as DirectoryValue;
    }
    const { secondaryFiles, contents, format } = said as FileValue;
    return {
      ...said,
      ...found,
      basename,
      ...splitName(basename as string),
      metadata,
      ...(contents !== undefined && { contents }),
      ...(format !== undefined && { format }),
      ...(secondaryFiles && { secondaryFiles: await this.#inner(secondaryFiles, `${place}.secondaryFiles`) }),
    } as FileValue;
  }

  /** A File made of `contents` or a Directory made of a `listing` (CWL v1.2 §File): it is written when outputs are delivered. */
  async #literal(entry: Entry, place: string): Promise<Entry> {
    refuseEmptyLiteral(entry, "output", place);
    if (entry.class === "File") {
      const { secondaryFiles } = entry;
      const basename = literalName(entry);
      return {
        ...entry,
        basename,
        ...splitName(basename),
        size: Buffer.byteLength(entry.contents as string),
        ...(secondaryFiles && { secondaryFiles: await this.#inner(secondaryFiles, `${place}.secondaryFiles`) }),
      };
    }
    const listing = await this.#inner(entry.listing as Entry[], `${place}.listing`);
    return { ...entry, basename: literalName({ ...entry, listing }), listing };
  }

  async #inner(entries: readonly Entry[], place: string): Promise<Entry[]> {
    return (await this.returned(entries as readonly Value[], place)) as Entry[];
  }

  /** What is at a path of the tool. `location` is where the bytes are, `basename` the name it was found under. */
  async #entryAt(path: string, place: string): Promise<Entry | undefined> {
    const located = this.#tree.locate(path, place);
    if (!located) return undefined;
    const basename = baseOf(path);
    if (located.stats.isDirectory()) {
      if (located.made) await secureDirectory(this.#tree, this.#links, path, located.host, place, this.#reading.signal);
      return { class: "Directory", location: locationOfPath(located.host), path, basename, metadata: {} };
    }
    if (!located.stats.isFile())
      throw new JobError("output", place, `${shown(path)} is ${kindOf(located.stats)}, neither a file nor a directory`);
    const host = this.#ownBytes(located, path, place);
    const input = this.#tree.inputAt(host);
    return {
      class: "File",
      location: locationOfPath(host),
      path,
      basename,
      dirname: dirOf(path),
      ...splitName(basename),
      size: located.stats.size,
      metadata: { ...input?.metadata },
      ...(input?.checksum !== undefined && { checksum: input.checksum }),
    };
  }

  /** The host path of a file; of a hard link to an input, the input's own. */
  #ownBytes(located: Located, path: string, place: string): string {
    if (!located.made || located.stats.nlink === 1) return located.host;
    return this.#links.inputOf(located.host, located.stats, path, place) ?? located.host;
  }
}

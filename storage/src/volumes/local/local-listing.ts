import type { FileHandle } from "node:fs/promises";
import { checkPrefix, isLocation, type KeySpace } from "../locations.ts";
import { VolumeError } from "../volume-errors.ts";
import type { ListFrom, ObjectPage, VolumeObject } from "../volume-store.ts";
import { HeldDirectory, isMissing, Walk } from "./beneath.ts";
import type { SortedName, SortedNames } from "./sorted-names.ts";

/** Deeper than that nobody puts files; links may go round in circles. */
const MAX_DEPTH = 128;

const TOKEN = "after ";

interface ListingDeps {
  rootPath: string;
  followsLinks: boolean;
  keys: KeySpace;
  names: SortedNames;
  objectOf(location: string, named: FileHandle): Promise<VolumeObject | undefined>;
}

/** One page of a list of files, made by a walk through sorted directories that begins where the page before has ended. */
export class LocalListing {
  readonly #deps: ListingDeps;
  readonly #page: ObjectPage = { objects: [], prefixes: [], skipped: 0 };
  readonly #delimited: boolean;
  readonly #limit: number;
  readonly #start: string;
  readonly #after: Buffer | undefined;
  #last = "";

  constructor(deps: ListingDeps, { prefix = "", delimiter, limit = 1000, token }: ListFrom) {
    this.#deps = deps;
    this.#delimited = delimiter !== undefined;
    this.#limit = limit;
    this.#start = deps.keys.keysFrom(prefix);
    if (token === undefined) return;
    this.#after = Buffer.from(deps.keys.keysFrom(lastOf(token, checkPrefix(prefix))));
  }

  async page(): Promise<ObjectPage> {
    const slash = this.#start.lastIndexOf("/");
    const folder = this.#start.slice(0, slash + 1);
    const segments = folder === "" ? [] : folder.slice(0, -1).split("/");
    if (segments.includes("")) return this.#page;
    const walk = await Walk.from(this.#deps.rootPath, this.#deps);
    try {
      await walk.enter(segments);
    } catch (error) {
      await walk.close();
      if (isMissing(error)) return this.#page;
      throw error;
    }
    const directory = await walk.keep();
    try {
      const full = await this.#walk(directory, folder, this.#start.slice(slash + 1), 0);
      return full ? { ...this.#page, next: `${TOKEN}${this.#deps.keys.locationOf(this.#last)}` } : this.#page;
    } finally {
      await directory.close();
    }
  }

  /** Puts what is in `directory`, whose keys begin with `base`, on the page; true when there is more than goes on it. */
  async #walk(directory: HeldDirectory, base: string, begin: string, depth: number): Promise<boolean> {
    if (depth > MAX_DEPTH)
      throw new VolumeError("BadAnswer", { action: "list", detail: `directories are nested more than ${MAX_DEPTH} deep` });
    const { names, skipped } = await this.#deps.names.of(directory, (name) => this.#kindAt(base, name));
    if (this.#after === undefined || !this.#isPast(base)) this.#page.skipped += skipped;
    if (names.length === 0 && depth > 0) return this.#add(base, undefined);
    for (const entry of names) {
      if (!entry.name.startsWith(begin)) continue;
      const key = base + entry.name + (entry.kind === "directory" ? "/" : "");
      if (this.#isDone(key, entry)) continue;
      const location = this.#deps.keys.locationOf(key);
      if (location === undefined) {
        this.#page.skipped += 1;
        continue;
      }
      const full =
        entry.kind === "directory" && !this.#delimited
          ? await this.#descend(directory, entry, key, depth)
          : await this.#add(key, entry);
      if (full) return true;
    }
    return false;
  }

  async #descend(directory: HeldDirectory, { name }: SortedName, key: string, depth: number): Promise<boolean> {
    const next = await this.#open(directory, name, key);
    if (next === undefined) return false;
    try {
      return await this.#walk(next, key, "", depth + 1);
    } finally {
      await next.close();
    }
  }

  /** By its name, or, where that is a link, from the root again. */
  async #open(directory: HeldDirectory, name: string, key: string): Promise<HeldDirectory | undefined> {
    const named = await directory.name(name).catch(missing);
    if (named === undefined) return undefined;
    if ((await named.stat()).isDirectory()) return new HeldDirectory(named);
    await named.close();
    if (!this.#deps.followsLinks) return undefined;
    const walk = await Walk.from(this.#deps.rootPath, this.#deps);
    try {
      await walk.enter(key.slice(0, -1).split("/"));
      return await walk.keep();
    } catch (error) {
      await walk.close();
      return missing(error);
    }
  }

  /** True when the page is full; otherwise the entry is on it, unless it is gone or no object. */
  async #add(key: string, entry: SortedName | undefined): Promise<boolean> {
    const location = this.#deps.keys.locationOf(key);
    if (location === undefined || (this.#after && Buffer.compare(Buffer.from(key), this.#after) <= 0)) return false;
    if (this.#page.objects.length + this.#page.prefixes.length >= this.#limit) return true;
    if (entry?.kind === "directory") this.#page.prefixes.push(location);
    else {
      const object = entry === undefined ? emptyDirectory(location) : await this.#object(location, key);
      if (object === undefined) return false;
      this.#page.objects.push(object);
    }
    this.#last = key;
    return false;
  }

  async #object(location: string, key: string): Promise<VolumeObject | undefined> {
    const found = await this.#find(key);
    try {
      return found && (await this.#deps.objectOf(location, found));
    } finally {
      await found?.close();
    }
  }

  async #find(key: string): Promise<FileHandle | undefined> {
    const segments = key.split("/");
    const name = segments.pop()!;
    const walk = await Walk.from(this.#deps.rootPath, this.#deps);
    try {
      await walk.enter(segments);
      return await walk.find(name);
    } catch (error) {
      return missing(error);
    } finally {
      await walk.close();
    }
  }

  async #kindAt(base: string, name: string): Promise<SortedName["kind"] | undefined> {
    const found = await this.#find(base + name);
    if (found === undefined) return undefined;
    const facts = await found.stat().finally(() => found.close());
    return facts.isFile() ? "file" : facts.isDirectory() ? "directory" : undefined;
  }

  /** Whether the entry was on an earlier page; a directory whose inner keys go on from the token is not. */
  #isDone(key: string, { kind }: SortedName): boolean {
    if (this.#after === undefined) return false;
    const bytes = Buffer.from(key);
    if (kind === "directory" && !this.#delimited && startsWith(this.#after, bytes)) return false;
    return Buffer.compare(bytes, this.#after) <= 0;
  }

  #isPast(base: string): boolean {
    return startsWith(this.#after!, Buffer.from(base));
  }
}

/** A token is the last location of the page before. Throws `BadToken`. */
function lastOf(token: string, prefix: string): string {
  const last = token.slice(TOKEN.length);
  if (token.startsWith(TOKEN) && last.startsWith(prefix) && isLocation(last)) return last;
  throw new VolumeError("BadToken", { action: "list" });
}

/** As buckets show folders that hold nothing: an object of no bytes whose key ends in a slash. */
function emptyDirectory(location: string): VolumeObject {
  const modifiedAt = new Date(0);
  return { location, size: 0, modifiedAt, etag: "directory", archived: false, userMetadata: {}, metadata: { size: 0 } };
}

function startsWith(bytes: Buffer, prefix: Buffer): boolean {
  return bytes.subarray(0, prefix.length).equals(prefix);
}

function missing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}

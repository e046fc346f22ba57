import type { FileHandle } from "node:fs/promises";
import { checkPrefix, isLocation, type KeySpace } from "../locations.ts";
import { VolumeError } from "../volume-errors.ts";
import type { ListFrom, ObjectPage, VolumeObject } from "../volume-store.ts";
import { HeldDirectory, isMissing, Walk } from "./beneath.ts";
import { bytesText, firstFrom, type SortedName, type SortedNames } from "./sorted-names.ts";

/** Deeper than that nobody puts files; links may go round in circles. */
const MAX_DEPTH = 128;

const TOKEN = "after ";

interface ListingDeps {
  rootPath: string;
  followsLinks: boolean;
  keys: KeySpace;
  names: SortedNames;
  objectOf(location: string, named: FileHandle): Promise<VolumeObject | undefined>;
  /** Ends the walk: one through links may have no end. */
  signal: AbortSignal;
}

/** One page of a list of files, made by a walk through sorted directories that begins where the page before has ended. */
export class LocalListing {
  readonly #deps: ListingDeps;
  readonly #page: ObjectPage = { objects: [], prefixes: [], skipped: 0 };
  readonly #delimited: boolean;
  readonly #limit: number;
  readonly #start: string;
  /** The last key of the page before, as `bytesText`. */
  readonly #after: string | undefined;
  #last = "";

  constructor(deps: ListingDeps, { prefix = "", delimiter, limit = 1000, token }: ListFrom) {
    this.#deps = deps;
    this.#delimited = delimiter !== undefined;
    this.#limit = limit;
    this.#start = deps.keys.keysFrom(prefix);
    if (token === undefined) return;
    this.#after = bytesText(deps.keys.keysFrom(lastOf(token, checkPrefix(prefix))));
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
    const { names, skipped } = await this.#deps.names.of(directory, (name) => this.#kindAt(base, name), this.#deps.signal);
    if (this.#after === undefined || !this.#isPast(base)) this.#page.skipped += skipped;
    if (names.length === 0 && depth > 0) return this.#add(base, undefined);
    for (let index = this.#firstOf(names, base, begin); index < names.length; index += 1) {
      const entry = names[index]!;
      if (!entry.name.startsWith(begin)) break;
      this.#deps.signal.throwIfAborted();
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

  /** Where to begin in a directory: at the names that begin with `begin`, and not before what the page before has ended with. */
  #firstOf(names: readonly SortedName[], base: string, begin: string): number {
    const first = firstFrom(names, bytesText(begin));
    const above = bytesText(base);
    if (this.#after === undefined || !this.#after.startsWith(above)) return first;
    // What the page before has ended with is this name, or beneath the directory of this name.
    const [done = ""] = /^[^/]*\/?/.exec(this.#after.slice(above.length)) ?? [];
    return Math.max(first, firstFrom(names, done));
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
    if (location === undefined || (this.#after !== undefined && bytesText(key) <= this.#after)) return false;
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
    const bytes = bytesText(key);
    if (kind === "directory" && !this.#delimited && this.#after.startsWith(bytes)) return false;
    return bytes <= this.#after;
  }

  #isPast(base: string): boolean {
    return this.#after!.startsWith(bytesText(base));
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

function missing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}

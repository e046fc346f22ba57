import { constants } from "node:fs";
import { type FileHandle, link, mkdir, open, readlink, rename, rmdir, unlink } from "node:fs/promises";
import { codeOf } from "../../blobs/blob-errors.ts";
import { VolumeError } from "../volume-errors.ts";

/** Linux: a descriptor that only names a file. Node has no constant for it. */
const O_PATH = 0o10000000;
const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_NONBLOCK } = constants;

/** As Linux has it for a path. */
const MAX_LINKS = 40;

export interface DirectoryModes {
  /** Of directories that are made. */
  directoryMode: number;
  owner?: { uid: number; gid: number } | undefined;
}

/**
 * A directory that is held open, with names in it. Whatever others rename or link meanwhile, what is done to a name is
 * done in this directory: a name is one segment, reached through the descriptor and never followed if it is a link.
 */
export class HeldDirectory {
  readonly handle: FileHandle;

  constructor(handle: FileHandle) {
    this.handle = handle;
  }

  static async open(path: string): Promise<HeldDirectory> {
    return new HeldDirectory(await open(path, O_PATH | O_DIRECTORY));
  }

  /** For system calls that take a path. */
  get path(): string {
    return `/proc/self/fd/${this.handle.fd}`;
  }

  at(name: string): string {
    if (name === "" || name === "." || name === ".." || name.includes("/") || name.includes("\0")) {
      throw new VolumeError("BadLocation", { detail: "a segment of it is no name" });
    }
    return `${this.path}/${name}`;
  }

  /** Whatever is there, even a link, as a descriptor that only names it. */
  name(name: string): Promise<FileHandle> {
    return open(this.at(name), O_PATH | O_NOFOLLOW);
  }

  /** A new file, or that of this name, which must be no link. */
  write(name: string, { isNew, mode }: { isNew: boolean; mode: number }): Promise<FileHandle> {
    return open(this.at(name), (isNew ? O_WRONLY | O_CREAT | O_EXCL : O_RDWR) | O_NOFOLLOW | O_NONBLOCK, mode);
  }

  link(from: string, to: string): Promise<void> {
    return link(this.at(from), this.at(to));
  }

  rename(from: string, to: string): Promise<void> {
    return rename(this.at(from), this.at(to));
  }

  unlink(name: string): Promise<void> {
    return unlink(this.at(name));
  }

  rmdir(name: string): Promise<void> {
    return rmdir(this.at(name));
  }

  mkdir(name: string, mode: number): Promise<void> {
    return mkdir(this.at(name), { mode }) as Promise<void>;
  }

  /** Makes what was done to names in it survive a power cut. */
  async sync(): Promise<void> {
    const readable = await open(this.path, O_RDONLY | O_DIRECTORY);
    try {
      await readable.sync();
    } finally {
      await readable.close();
    }
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

/** Opens for reading what a descriptor names, once it is known to be a regular file: opening a device or a pipe does things. */
export async function openRegular(named: FileHandle): Promise<FileHandle | undefined> {
  if (!(await named.stat()).isFile()) return undefined;
  return open(`/proc/self/fd/${named.fd}`, O_RDONLY);
}

/**
 * Walks from a root by segments, one directory at a time on open descriptors, and never above the root: `..` occurs only in
 * links, where it goes back to a descriptor that is held already. Swapping a directory for a link between two steps
 * changes nothing, because a link is never followed by the system: it is read, and its segments are walked, or it is
 * refused when links are denied. An absolute link counts from the root's own path.
 */
export class Walk {
  readonly #rootPath: string;
  readonly #followsLinks: boolean;
  readonly #held: HeldDirectory[];
  #links = 0;

  private constructor(root: HeldDirectory, rootPath: string, followsLinks: boolean) {
    this.#held = [root];
    this.#rootPath = rootPath.replace(/\/+$/, "");
    this.#followsLinks = followsLinks;
  }

  static async from(rootPath: string, { followsLinks }: { followsLinks: boolean }): Promise<Walk> {
    return new Walk(await HeldDirectory.open(rootPath), rootPath, followsLinks);
  }

  get directory(): HeldDirectory {
    return this.#held.at(-1)!;
  }

  /** Goes into the directories named. With `make`, those that are missing are made. Throws the system's error, ENOENT for a denied link. */
  async enter(segments: readonly string[], make?: DirectoryModes): Promise<void> {
    for (const segment of segments) await this.#step(segment, make);
  }

  /** What the last name of a path names, links followed as far as that is allowed; undefined when there is nothing. */
  async find(name: string): Promise<FileHandle | undefined> {
    let named: FileHandle;
    try {
      named = await this.directory.name(name);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
    if (!(await named.stat()).isSymbolicLink()) return named;
    await named.close();
    if (!this.#followsLinks) return undefined;
    try {
      const segments = await this.#target(name);
      const last = segments.pop();
      await this.enter(segments);
      if (last === undefined || last === "..") {
        if (last === "..") await this.#up();
        return await open(this.directory.path, O_PATH | O_DIRECTORY);
      }
      return await this.find(last);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    for (const held of this.#held.splice(0)) await held.close();
  }

  /** The deepest directory, kept open for the caller; all others are closed. */
  async keep(): Promise<HeldDirectory> {
    const kept = this.#held.pop()!;
    await this.close();
    return kept;
  }

  async #step(segment: string, make: DirectoryModes | undefined): Promise<void> {
    if (segment === "..") return this.#up();
    const here = this.directory;
    try {
      const next = await open(here.at(segment), O_PATH | O_DIRECTORY | O_NOFOLLOW);
      this.#held.push(new HeldDirectory(next));
    } catch (error) {
      const code = codeOf(error);
      if (code === "ENOENT" && make) {
        await makeDirectory(here, segment, make);
        return this.#step(segment, make);
      }
      // A link, or a file: with O_DIRECTORY, Linux says ENOTDIR of both.
      if ((code !== "ENOTDIR" && code !== "ELOOP") || !this.#followsLinks) throw error;
      const named = await here.name(segment);
      const isLink = (await named.stat().finally(() => named.close())).isSymbolicLink();
      if (!isLink) throw error;
      for (const each of await this.#target(segment)) await this.#step(each, undefined);
    }
  }

  async #up(): Promise<void> {
    if (this.#held.length === 1) throw Object.assign(new Error("above the root"), { code: "ENOENT" });
    await this.#held.pop()!.close();
  }

  /** The segments of a link's target; an absolute one starts over from the root, beneath which it has to be. */
  async #target(name: string): Promise<string[]> {
    this.#links += 1;
    if (this.#links > MAX_LINKS) throw Object.assign(new Error("too many links"), { code: "ELOOP" });
    let target = await readlink(this.directory.at(name));
    if (target.startsWith("/")) {
      if (target !== this.#rootPath && !target.startsWith(`${this.#rootPath}/`)) {
        throw Object.assign(new Error("out of the root"), { code: "ENOENT" });
      }
      target = target.slice(this.#rootPath.length);
      for (const held of this.#held.splice(1)) await held.close();
    }
    return target.split("/").filter((segment) => segment !== "" && segment !== ".");
  }
}

async function makeDirectory(parent: HeldDirectory, name: string, { directoryMode, owner }: DirectoryModes): Promise<void> {
  try {
    await parent.mkdir(name, directoryMode);
  } catch (error) {
    if (codeOf(error) === "EEXIST") return;
    throw error;
  }
  const made = new HeldDirectory(await open(parent.at(name), O_PATH | O_DIRECTORY | O_NOFOLLOW));
  try {
    if (owner) await changeOwner(made, owner);
    await parent.sync();
  } finally {
    await made.close();
  }
}

async function changeOwner(directory: HeldDirectory, { uid, gid }: { uid: number; gid: number }): Promise<void> {
  const readable = await open(directory.path, O_RDONLY | O_DIRECTORY);
  try {
    await readable.chown(uid, gid);
  } finally {
    await readable.close();
  }
}

const MISSING = new Set(["ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG"]);

export function isMissing(error: unknown): boolean {
  return MISSING.has(codeOf(error) ?? "");
}

import type { FileHandle } from "node:fs/promises";
import { codeOf } from "../../blobs/blob-errors.ts";
import { VolumeError } from "../volume-errors.ts";
import type { HeldDirectory } from "./beneath.ts";
import { newWriteId, temporaryName } from "./temporary-names.ts";

export interface FileModes {
  fileMode: number;
  owner?: { uid: number; gid: number } | undefined;
}

/** A file on its way to its name: written under another one in the same directory, synced, then named in one step. */
export class Publication {
  readonly #directory: HeldDirectory;
  readonly #name: string;
  readonly #modes: FileModes;
  readonly #temporary: string;

  constructor(directory: HeldDirectory, name: string, modes: FileModes, temporary: string = temporaryName(name, newWriteId())) {
    this.#directory = directory;
    this.#name = name;
    this.#modes = modes;
    this.#temporary = temporary;
  }

  /** Where the file is to be made by somebody else; `reopen` it then. */
  get temporaryPath(): string {
    return this.#directory.at(this.#temporary);
  }

  create(): Promise<FileHandle> {
    return this.#directory.write(this.#temporary, { isNew: true, mode: 0o600 });
  }

  reopen(): Promise<FileHandle> {
    return this.#directory.write(this.#temporary, { isNew: false, mode: 0o600 });
  }

  /** Throws `ObjectExists`. */
  async refuseExisting(): Promise<void> {
    try {
      await (await this.#directory.name(this.#name)).close();
    } catch (error) {
      if (codeOf(error) === "ENOENT") return;
      throw error;
    }
    throw new VolumeError("ObjectExists", { action: "write" });
  }

  /** Gives the file its name, durably, and returns its ETag. May be repeated: a name that it has already is no error. */
  async publish(file: FileHandle, { ifAbsent }: { ifAbsent: boolean }): Promise<string> {
    if (this.#modes.owner) await file.chown(this.#modes.owner.uid, this.#modes.owner.gid);
    await file.chmod(this.#modes.fileMode);
    await file.sync();
    if (ifAbsent) await this.#link(file);
    else await this.#rename();
    await this.#directory.sync();
    await this.clean();
    const { mtimeNs, size, ino } = await file.stat({ bigint: true });
    return `${mtimeNs}-${size}-${ino}`;
  }

  /** Removes what is left of an attempt. */
  async clean(): Promise<void> {
    await this.#directory.unlink(this.#temporary).catch((error) => {
      if (codeOf(error) !== "ENOENT") throw error;
    });
  }

  async #link(file: FileHandle): Promise<void> {
    try {
      await this.#directory.link(this.#temporary, this.#name);
    } catch (error) {
      const code = codeOf(error) ?? "";
      if (code === "EEXIST" && (await this.#isNamed(file))) return;
      if (["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes(code)) {
        throw new VolumeError("NotSupported", { action: "write", code, detail: "its file system has no hard links" });
      }
      throw error;
    }
  }

  async #isNamed(file: FileHandle): Promise<boolean> {
    const named = await this.#directory.name(this.#name);
    try {
      const [ours, theirs] = await Promise.all([file.stat({ bigint: true }), named.stat({ bigint: true })]);
      return ours.ino === theirs.ino && ours.dev === theirs.dev;
    } finally {
      await named.close();
    }
  }

  async #rename(): Promise<void> {
    try {
      await this.#directory.rename(this.#temporary, this.#name);
    } catch (error) {
      if (!["EISDIR", "ENOTEMPTY", "EEXIST"].includes(codeOf(error) ?? "")) throw error;
      throw new VolumeError("BadLocation", { action: "write", detail: "a directory has this name" });
    }
  }
}

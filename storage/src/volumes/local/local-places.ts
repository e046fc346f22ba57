import type { FileHandle } from "node:fs/promises";
import { codeOf } from "../../blobs/blob-errors.ts";
import type { KeySpace } from "../locations.ts";
import { VolumeError } from "../volume-errors.ts";
import { type HeldDirectory, openRegular, Walk } from "./beneath.ts";
import { missing } from "./local-objects.ts";
import { checkRoot } from "./local-root.ts";
import type { LocalRoot } from "./local-settings.ts";
import type { FileModes } from "./publication.ts";

/** Where locations are below a root: found step by step, each on an open descriptor. */
export class LocalPlaces {
  readonly #root: LocalRoot;
  readonly #keys: KeySpace;
  readonly #followsLinks: boolean;

  constructor(root: LocalRoot, keys: KeySpace, followsLinks: boolean) {
    this.#root = root;
    this.#keys = keys;
    this.#followsLinks = followsLinks;
  }

  async find(location: string): Promise<FileHandle> {
    const segments = segmentsOf(this.#keys.keyOf(location)) ?? missing();
    const name = segments.pop()!;
    await checkRoot(this.#root.path);
    const walk = await Walk.from(this.#root.path, { followsLinks: this.#followsLinks });
    try {
      await walk.enter(segments);
      return (await walk.find(name)) ?? missing();
    } finally {
      await walk.close();
    }
  }

  async openRegular(location: string): Promise<FileHandle> {
    const named = await this.find(location);
    try {
      return (await openRegular(named)) ?? missing();
    } finally {
      await named.close();
    }
  }

  /** The directory of a location, held open, and the name in it; with `make`, it is there afterwards. */
  async parent(location: string, make = false): Promise<{ directory: HeldDirectory; name: string }> {
    const segments = segmentsOf(this.#keys.keyOf(location));
    if (segments === undefined) throw new VolumeError("BadLocation", { detail: "a segment of it is empty" });
    const name = segments.pop()!;
    await checkRoot(this.#root.path);
    const walk = await Walk.from(this.#root.path, { followsLinks: this.#followsLinks });
    try {
      await walk.enter(segments, make ? this.modes : undefined);
      return { directory: await walk.keep(), name };
    } catch (error) {
      await walk.close();
      if (make && (codeOf(error) === "ENOTDIR" || codeOf(error) === "ELOOP")) {
        throw new VolumeError("BadLocation", { detail: "a segment of its path is a file or a link" });
      }
      throw error;
    }
  }

  /** Of files and directories that are written. */
  get modes(): FileModes & { directoryMode: number } {
    const mask = this.#root.umask ?? 0o022;
    return { fileMode: 0o666 & ~mask, directoryMode: 0o777 & ~mask, owner: this.#root.owner };
  }
}

function segmentsOf(key: string): string[] | undefined {
  const segments = key.split("/");
  return segments.includes("") ? undefined : segments;
}

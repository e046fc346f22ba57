import { randomBytes } from "node:crypto";
import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { asStorageError, codeOf } from "../blob-errors.ts";
import { hasEnded, THIS_PROCESS } from "./process-name.ts";

/** The directory of what is not yet, or not any more, in the store. Names tell whose it is: what a killed process left is swept. */
export class Incoming {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Runs `build` with a path to build something at. What is still there when it fails is removed. */
  async build<Result>(build: (path: string) => Promise<Result>): Promise<Result> {
    const path = this.#newPath();
    try {
      return await build(path);
    } catch (error) {
      await rm(path, { recursive: true, force: true });
      throw asStorageError(error);
    }
  }

  /** Makes a directory vanish in one step, then frees it. One that is not there is not an error. */
  async discard(directory: string): Promise<void> {
    const path = this.#newPath();
    try {
      await rename(directory, path);
    } catch (error) {
      if (codeOf(error) === "ENOENT") return;
      throw error;
    }
    await rm(path, { recursive: true, force: true });
  }

  async sweep(): Promise<void> {
    for (const name of await readdir(this.#directory)) {
      const process = name.slice(0, name.lastIndexOf("~"));
      if (hasEnded(process)) await rm(join(this.#directory, name), { recursive: true, force: true });
    }
  }

  #newPath(): string {
    return join(this.#directory, `${THIS_PROCESS}~${randomBytes(8).toString("hex")}`);
  }
}

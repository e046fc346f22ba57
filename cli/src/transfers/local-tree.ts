import { readdir, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { CliError, EXIT } from "../exit.ts";

/** A local file that goes up. */
export interface LocalFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** The folders it goes into, below the destination. */
  readonly folders: readonly string[];
}

export interface LocalTree {
  readonly files: readonly LocalFile[];
  /** Every folder below the destination, those with nothing in them, too; outer ones first. */
  readonly folders: readonly (readonly string[])[];
  /** What is neither file nor directory, and links to directories, which may lead in circles. */
  readonly leftOut: readonly string[];
}

/**
 * What uploading `paths` means. A directory becomes a folder of its name with everything in it, in the order of names;
 * of `.` and `reads/.` only what is in it goes up.
 *
 * @throws CliError when a path is not there, or is a directory without `recursive`
 */
export async function localTree(paths: readonly string[], recursive: boolean): Promise<LocalTree> {
  const files: LocalFile[] = [];
  const folders: string[][] = [];
  const leftOut: string[] = [];
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    if (!found) throw new CliError(`${path} does not exist.`, { exit: EXIT.notFound });
    if (!found.isDirectory()) files.push({ path, size: found.size, folders: [] });
    else if (recursive) await walk(path, isOnlyContents(path) ? [] : [basename(resolve(path))]);
    else
      throw new CliError(`${path} is a directory.`, {
        exit: EXIT.usage,
        advice: "With --recursive it goes up with everything in it.",
      });
  }
  return { files, folders, leftOut };

  async function walk(directory: string, names: string[]): Promise<void> {
    if (names.length > 0) folders.push(names);
    const entries = await readdir(directory, { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(directory, entry.name);
      const { size, isFile } = await kindOf(path);
      if (entry.isDirectory()) await walk(path, [...names, entry.name]);
      else if (isFile) files.push({ path, size, folders: names });
      else leftOut.push(path);
    }
  }
}

const isOnlyContents = (path: string) => /(^|\/)\.\/*$/.test(path);

/** Of a link, what it leads to. */
async function kindOf(path: string): Promise<{ size: number; isFile: boolean }> {
  const found = await stat(path).catch(() => undefined);
  return { size: found?.size ?? 0, isFile: found?.isFile() === true };
}

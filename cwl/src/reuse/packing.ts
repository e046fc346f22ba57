import { chmodSync, lstatSync, mkdirSync, readdirSync, readlinkSync, symlinkSync } from "node:fs";
import { dirname } from "node:path";
import { copyTree, newCopying } from "../jobs/copying.ts";
import { baseOf, dirOf, type Entry, locationOfPath, mapEntries, pathOfLocation } from "../jobs/file-value.ts";
import type { Outputs, Value } from "../model.ts";

/** Outputs of a job that lie nowhere: their files are named by content, their locations by the paths in `tree`. */
export interface PackedOutputs {
  outputs: Outputs;
  tree: TreeEntry[];
}
/** What is at a path below the directory that the outputs are unpacked in; what is around it comes first. `mode`: permissions. */
export type TreeEntry = { at: string } & (
  | { is: "directory" }
  | { is: "link"; to: string }
  | { is: "file"; checksum: string; mode: number }
);

/** Where bytes are kept under their checksums. */
export interface FileKeep {
  /** Takes over the file at `path`, which is ours, and answers its checksum. */
  take(path: string): Promise<string>;
  /** Puts a copy at `path`; false when the bytes are not there or not those of the checksum any more. */
  copyTo(checksum: string, path: string): Promise<boolean>;
}

const KEPT = "kept:";

/** Copies the files of the outputs into `staging`, an empty directory, and gives them into the keep from there. */
export async function packOutputs(outputs: Outputs, staging: string, keep: FileKeep): Promise<PackedOutputs> {
  const targets = new Map<string, string>();
  const directories = new Map<string, string>();
  const packed: { [port: string]: Value } = {};
  const sources: string[] = [];

  /** Files that lay beside each other do so again. What lies in a Directory of the outputs is there already. */
  function targetOf(path: string): string {
    for (let at = path; at !== "/"; at = dirOf(at)) {
      const target = targets.get(at);
      if (target !== undefined) return target + path.slice(at.length);
    }
    const directory = dirOf(path);
    const group = directories.get(directory) ?? String(directories.size + 1);
    directories.set(directory, group);
    const target = `${group}/${baseOf(path)}`;
    targets.set(path, target);
    sources.push(path);
    return target;
  }
  for (const [port, value] of Object.entries(outputs)) {
    packed[port] = relocated(value, (location) => KEPT + targetOf(pathOfLocation(location, `outputs.${port}`)));
  }

  for (const source of sources) {
    const target = `${staging}/${targets.get(source)}`;
    mkdirSync(dirname(target), { recursive: true });
    await copyTree(source, target, newCopying());
  }
  const tree: TreeEntry[] = [];
  await pack("");
  return { outputs: packed, tree };

  async function pack(directory: string): Promise<void> {
    for (const name of readdirSync(`${staging}/${directory}`)) {
      const at = directory === "" ? name : `${directory}/${name}`;
      const path = `${staging}/${at}`;
      const stats = lstatSync(path);
      if (stats.isDirectory()) {
        tree.push({ at, is: "directory" });
        await pack(at);
      } else if (stats.isSymbolicLink()) tree.push({ at, is: "link", to: readlinkSync(path) });
      else tree.push({ at, is: "file", mode: stats.mode & 0o777, checksum: await keep.take(path) });
    }
  }
}

/** Puts the files of packed outputs below `directory`. Undefined when one of them cannot be had as it was. */
export async function unpackOutputs(
  { outputs, tree }: PackedOutputs,
  directory: string,
  keep: FileKeep,
): Promise<Outputs | undefined> {
  mkdirSync(directory, { recursive: true });
  for (const entry of tree) {
    const path = `${directory}/${entry.at}`;
    if (entry.is === "directory") mkdirSync(path);
    else if (entry.is === "link") symlinkSync(entry.to, path);
    else {
      if (!(await keep.copyTo(entry.checksum, path))) return undefined;
      chmodSync(path, entry.mode);
    }
  }
  const unpacked: { [port: string]: Value } = {};
  for (const [port, value] of Object.entries(outputs)) {
    unpacked[port] = relocated(value, (location) => locationOfPath(`${directory}/${location.slice(KEPT.length)}`));
  }
  return unpacked;
}

/** The value with every location changed. Literals have none. */
function relocated(value: Value, change: (location: string) => string): Value {
  const move = (entry: Entry): Entry => {
    const moved: Entry = { ...entry };
    if (moved.location !== undefined) moved.location = change(moved.location);
    if (moved.class === "File") {
      if (moved.secondaryFiles) moved.secondaryFiles = moved.secondaryFiles.map(move);
    } else if (moved.listing) moved.listing = moved.listing.map(move);
    return moved;
  };
  return mapEntries(value, move);
}

import { createHash } from "node:crypto";
import { lstatSync, readdirSync, realpathSync, type Stats, statSync } from "node:fs";
import { dirname, join, basename as lastOf } from "node:path";
import type { DirectoryValue, FileValue, LoadListing } from "../model.ts";
import { refuseMisshapen } from "./entry-shape.ts";
import { baseOf, dirOf, type Entry, isEntry, isLiteral, locationOfPath, pathOfLocation, splitName } from "./file-value.ts";
import { JobError, shown } from "./job-error.ts";
import { refuseNameConflicts } from "./name-conflicts.ts";

/**
 * Whether a run may read what is at a host path, links resolved. A document can name any path of the machine, in a
 * default or in what an expression returns: who runs other people's documents must give one.
 */
export type MayRead = (path: string) => boolean;

/**
 * A fresh File or Directory with every field that expressions may ask for, from one that says at least where its bytes
 * are: location, path on this host, names, size, `metadata` (execution-hints.md §4), and the same for its secondary
 * files and listing. What is not a literal must exist. `contents` and `listing` of what is on disk are dropped:
 * loadContents and loadListing decide about them.
 */
export function normalEntry(entry: Entry, place: string, mayRead?: MayRead): Entry {
  refuseMisshapen(entry, "input", place);
  if (isLiteral(entry)) {
    return entry.class === "File" ? normalLiteral(entry, place, mayRead) : normalDirectoryLiteral(entry, place, mayRead);
  }
  const path = pathOfLocation(entry.location ?? entry.path ?? "", place);
  // Before anything is said of it: whether there is such a path on this machine is nobody's business either.
  if (mayRead && !mayRead(realPathOf(path))) throw new JobError("input", place, `${path} is none of the files this run may read`);
  const stats = existing(path, place);
  if (entry.class === "Directory") {
    if (!stats.isDirectory()) throw new JobError("input", place, `${path} is no directory`);
    const { listing: _, ...rest } = entry;
    return {
      ...rest,
      location: locationOfPath(path),
      path,
      basename: checkedBasename(entry.basename ?? baseOf(path), place),
      metadata: { ...entry.metadata },
    };
  }
  if (!stats.isFile()) throw new JobError("input", place, `${path} is no file`);
  const { contents: _, ...rest } = entry;
  const basename = checkedBasename(entry.basename ?? baseOf(path), place);
  const normal: FileValue = {
    ...rest,
    location: locationOfPath(path),
    path,
    basename,
    dirname: dirOf(path),
    ...splitName(basename),
    size: stats.size,
    metadata: { ...entry.metadata },
  };
  if (entry.secondaryFiles) normal.secondaryFiles = normalEntries(entry.secondaryFiles, `${place}.secondaryFiles`, mayRead);
  return normal;
}

/** The entries of a directory in C-locale order, their own listings only when `deep`. Links are followed. */
export function readListing(path: string, depth: Exclude<LoadListing, "no_listing">, place: string): Entry[] {
  return sortedNames(path, place).map((name): Entry => {
    const inner = path === "/" ? `/${name}` : `${path}/${name}`;
    const stats = existing(inner, place);
    const location = locationOfPath(inner);
    if (!stats.isDirectory()) {
      return {
        class: "File",
        location,
        path: inner,
        basename: name,
        dirname: path,
        ...splitName(name),
        size: stats.size,
        metadata: {},
      };
    }
    const directory: DirectoryValue = { class: "Directory", location, path: inner, basename: name, metadata: {} };
    if (depth === "deep_listing") directory.listing = readListing(inner, depth, place);
    return directory;
  });
}

/**
 * The names in a directory, sorted by their bytes.
 *
 * @throws JobError for a name that is no UTF-8: CWL's JSON cannot carry it.
 */
export function sortedNames(path: string, place: string): string[] {
  const names = readdirSync(path);
  if (names.some((name) => name.includes("\ufffd"))) refuseForeignNames(path, place);
  return names.length > 1 ? sortByBytes(names) : names;
}

/** Throws when a name in the directory is no UTF-8. A real U+FFFD in a name is no reason. */
export function refuseForeignNames(path: string, place: string): void {
  for (const name of readdirSync(path, { encoding: "buffer" })) {
    if (!Buffer.from(name.toString("utf8")).equals(name)) {
      throw new JobError("output", place, `the name "${withEscapedBytes(name)}" in ${path} is not UTF-8`);
    }
  }
}

/** A name with every byte that is not ASCII, or is a control character, as `\\xNN`. */
const withEscapedBytes = (name: Buffer): string =>
  name.toString("latin1").replace(/[^ -~]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0")}`);

/** Sorts in place in the order of the C locale: UTF-8 bytes, which is the order of code points. */
export function sortByBytes(names: string[]): string[] {
  // JavaScript compares UTF-16 units, which differ from code points only where surrogates are.
  const plain = names.every((name) => !/[\ud800-\udfff]/.test(name));
  return plain ? names.sort() : names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function normalEntries(entries: readonly Entry[], place: string, mayRead: MayRead | undefined): Entry[] {
  return entries.map((inner, index) => {
    if (!isEntry(inner)) throw new JobError("input", `${place}[${index}]`, `${shown(inner)} is neither a File nor a Directory`);
    return normalEntry(inner, `${place}[${index}]`, mayRead);
  });
}

function normalLiteral(file: FileValue, place: string, mayRead: MayRead | undefined): FileValue {
  refuseEmptyLiteral(file, "input", place);
  const basename = checkedBasename(literalName(file), place);
  const { path: _, dirname: __, ...rest } = file;
  const normal: FileValue = {
    ...rest,
    basename,
    ...splitName(basename),
    size: Buffer.byteLength(file.contents as string),
    metadata: { ...file.metadata },
  };
  if (file.secondaryFiles) normal.secondaryFiles = normalEntries(file.secondaryFiles, `${place}.secondaryFiles`, mayRead);
  return normal;
}

function normalDirectoryLiteral(directory: DirectoryValue, place: string, mayRead: MayRead | undefined): DirectoryValue {
  refuseEmptyLiteral(directory, "input", place);
  const listing = normalEntries(directory.listing as Entry[], `${place}.listing`, mayRead);
  refuseNameConflicts(listing, "input", `${place}.listing`);
  const { path: _, ...rest } = directory;
  return {
    ...rest,
    basename: checkedBasename(literalName({ ...directory, listing }), place),
    listing,
    metadata: { ...directory.metadata },
  };
}

/**
 * The name of a literal: its own, or one made of what it holds, so that the same inputs give the same job (CWL v1.2 §File:
 * without a location the implementation assigns an identifier).
 */
export function literalName(literal: Entry): string {
  if (literal.basename !== undefined) return literal.basename;
  const held =
    literal.class === "File" ? (literal.contents ?? "") : (literal.listing ?? []).map((inner) => literalName(inner)).join("\n");
  return `literal-${createHash("sha1").update(held).digest("hex").slice(0, 12)}`;
}

/** What a File or Directory without a place lacks, if it lacks it (CWL v1.2 §File, §Directory). */
export function refuseEmptyLiteral(entry: Entry, kind: "input" | "output", place: string): void {
  if (entry.class === "File" && typeof entry.contents !== "string") {
    throw new JobError(
      kind,
      place,
      "a File needs a location, a path or contents (CWL v1.2 §File), and this one has none of them",
    );
  }
  if (entry.class === "Directory" && !Array.isArray(entry.listing)) {
    throw new JobError(
      kind,
      place,
      "a Directory needs a location, a path or a listing (CWL v1.2 §Directory), and this one has none of them",
    );
  }
}

/** CWL v1.2 §File.basename: "The base name must not contain a slash". `.` and `..` would leave the directory. */
function checkedBasename(basename: string, place: string): string {
  if (basename === "" || basename === "." || basename === ".." || basename.includes("/") || basename.includes("\0")) {
    throw new JobError("input", place, `${shown(basename)} is no basename`);
  }
  return basename;
}

/**
 * The path with its links resolved. Of one where nothing is: what its parent resolves to, with its name. A link that leads
 * nowhere is as far away as one that leads to the root: where it leads is not told either.
 */
function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    if (parent === path || isLink(path)) return "/";
    return join(realPathOf(parent), lastOf(path));
  }
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}

function existing(path: string, place: string): Stats {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) throw new JobError("input", place, `${path} does not exist`);
  return stats;
}

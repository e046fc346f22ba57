import { fileURLToPath, pathToFileURL } from "node:url";
import { setKey } from "../keys.ts";
import type { DirectoryValue, FileValue, Value } from "../model.ts";
import { JobError, shown } from "./job-error.ts";

/** A File or a Directory. */
export type Entry = FileValue | DirectoryValue;

export function isEntry(value: unknown): value is Entry {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const kind = (value as { class?: unknown }).class;
  return kind === "File" || kind === "Directory";
}
export const isFile = (value: unknown): value is FileValue => isEntry(value) && value.class === "File";
export const isDirectory = (value: unknown): value is DirectoryValue => isEntry(value) && value.class === "Directory";

/**
 * A File with `contents`, or a Directory with a `listing`, that is nowhere on a disk yet (CWL v1.2 §File, §Directory).
 * One that was an input of a job has the path it had there, and is a literal all the same.
 */
export function isLiteral(entry: Entry): boolean {
  if (entry.location !== undefined) return false;
  return entry.path === undefined || (entry.class === "File" ? entry.contents : entry.listing) !== undefined;
}

/** The text before and after the last dot; names that start with their only dot have no extension (CWL v1.2 §File.nameext). */
export function splitName(basename: string): { nameroot: string; nameext: string } {
  const dot = basename.lastIndexOf(".");
  if (dot <= 0 || /^\.+$/.test(basename.slice(0, dot + 1))) return { nameroot: basename, nameext: "" };
  return { nameroot: basename.slice(0, dot), nameext: basename.slice(dot) };
}

/** The last component of a path without its trailing slashes. */
export function baseOf(path: string): string {
  let end = path.length;
  while (end > 1 && path.charCodeAt(end - 1) === 47) end--;
  return path.slice(path.lastIndexOf("/", end - 1) + 1, end);
}
/** Everything before the last component; `/` for what is in the root. */
export function dirOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash <= 0 ? "/" : path.slice(0, slash);
}

/** The host path behind a `file:` URI or an absolute path. */
export function pathOfLocation(location: string, place: string): string {
  if (location.startsWith("file://")) {
    try {
      const path = fileURLToPath(location);
      return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
    } catch (cause) {
      throw new JobError("input", place, `${shown(location)} is not a location of a file on this machine`, { cause });
    }
  }
  if (location.startsWith("/")) return location.length > 1 && location.endsWith("/") ? location.slice(0, -1) : location;
  throw new JobError("input", place, `${shown(location)} is neither a file:// location nor an absolute path`);
}

/** The `file:` URI of an absolute path. Plain paths, nearly all, skip the URL parser. */
export function locationOfPath(path: string): string {
  return /^[A-Za-z0-9_/.,=@:+~-]*$/.test(path) ? `file://${path}` : pathToFileURL(path).href;
}

/**
 * The same value with every File and Directory in it replaced by what `change` returns. Lists and objects without one
 * are returned as they are.
 */
export function mapEntries(value: Value, change: (entry: Entry) => Entry): Value {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    let changed: Value[] | undefined;
    for (let index = 0; index < value.length; index++) {
      const before = value[index] as Value;
      const after = mapEntries(before, change);
      if (after !== before) {
        changed ??= value.slice();
        changed[index] = after;
      }
    }
    return changed ?? value;
  }
  if (isEntry(value)) return change(value);
  let changed: Record<string, Value> | undefined;
  for (const [key, before] of Object.entries(value as { [key: string]: Value })) {
    const after = mapEntries(before, change);
    if (after !== before) {
      changed ??= { ...(value as { [key: string]: Value }) };
      setKey(changed, key, after);
    }
  }
  return changed ?? value;
}

/** Every File and Directory of a value, outermost only: secondary files and listings are the visitor's own walk. */
export function visitEntries(value: Value | undefined, visit: (entry: Entry, place: string) => void, place = ""): void {
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) visitEntries(value[index] as Value, visit, `${place}[${index}]`);
  } else if (isEntry(value)) visit(value, place);
  else
    for (const [key, inner] of Object.entries(value as { [key: string]: Value })) visitEntries(inner, visit, `${place}.${key}`);
}

/** The secondary files of a File, or what a Directory's listing names; in a value that nobody has looked at, anything. */
const innerEntries = (entry: Entry): Value | undefined => (entry.class === "File" ? entry.secondaryFiles : entry.listing);

/** The same as `visitEntries`, with secondary files and listings, each entry before those that belong to it. */
export function visitAllEntries(value: Value | undefined, visit: (entry: Entry) => void): void {
  visitEntries(value, function visitWhole(entry) {
    visit(entry);
    visitEntries(innerEntries(entry), visitWhole);
  });
}

/** The same as `mapEntries`, with secondary files and listings: `change` gets an entry whose inner ones are changed. */
export function mapAllEntries(value: Value, change: (entry: Entry) => Entry): Value {
  const changeWhole = (entry: Entry): Entry => {
    const before = innerEntries(entry) ?? null;
    const inner = mapEntries(before, changeWhole) as Entry[];
    if (inner === before) return change(entry);
    return change(entry.class === "File" ? { ...entry, secondaryFiles: inner } : { ...entry, listing: inner });
  };
  return mapEntries(value, changeWhole);
}

/** The same as `mapEntries` for changes that take time: one after the other, in order. */
export async function mapEntriesInTurn(value: Value, change: (entry: Entry) => Promise<Entry>): Promise<Value> {
  const entries: Entry[] = [];
  visitEntries(value, (entry) => entries.push(entry));
  const changed: Entry[] = [];
  for (const entry of entries) changed.push(await change(entry));
  let next = 0;
  return mapEntries(value, () => changed[next++]!);
}

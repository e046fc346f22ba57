import { mkdirSync, readdirSync, realpathSync, renameSync, rmSync, type Stats, statSync, writeFileSync } from "node:fs";
import { setKey } from "../keys.ts";
import type { DirectoryValue, FileValue, Outputs, Value } from "../model.ts";
import { checksumOf } from "./checksum.ts";
import { copyTree, newCopying } from "./copying.ts";
import { type Entry, isEntry, locationOfPath, pathOfLocation, splitName, visitEntries } from "./file-value.ts";
import { JobError, shown } from "./job-error.ts";
import { sortedNames } from "./normal-entry.ts";

/** Where final outputs go, and which of their files are ours to move. */
export interface DeliveryOptions {
  /** An absolute path; made when it is not there. Files of the same names are replaced. */
  destination: string;
  /** Files below it are moved, all others, inputs passed through, are copied. */
  workDirectory: string;
  checksums?: boolean;
}

/**
 * Brings the files of final outputs together in one directory, and answers the outputs with their new locations and
 * paths; Directories with complete listings. Two different files of one name become `name` and `name_2`, as the
 * reference runner names them; a file that is referred to twice is there once. Literals are written.
 */
export async function deliverOutputs(outputs: Outputs, setting: DeliveryOptions): Promise<Outputs> {
  mkdirSync(setting.destination, { recursive: true });
  const delivery = new Delivery({ ...setting, destination: realpathSync(setting.destination) });
  const delivered: { [port: string]: Value } = {};
  for (const [port, value] of Object.entries(outputs)) visitEntries(value, (entry) => delivery.add(entry, `outputs.${port}`));
  await delivery.carryOut();
  for (const [port, value] of Object.entries(outputs)) delivered[port] = await delivery.result(value);
  return delivered;
}

/** One thing to bring to its target. */
interface Move {
  entry: Entry;
  /** Absent for literals. */
  source?: string;
  target: string;
}

class Delivery {
  readonly #setting: DeliveryOptions;
  readonly #moves: Move[] = [];
  /** What goes to a path, by the path: a source, or the literal itself. */
  readonly #taken = new Map<string, unknown>();
  readonly #targets = new Map<Entry, string>();
  /** By the path wanted: the last number given after it, and the target of each source. */
  readonly #names = new Map<string, { last: number; targets: Map<unknown, string> }>();

  constructor(setting: DeliveryOptions) {
    this.#setting = setting;
  }

  /** Chooses the target of an entry and of what belongs to it. */
  add(entry: Entry, place: string, directory = this.#setting.destination): void {
    if (entry.basename === undefined) throw new JobError("output", place, `${shown(entry)} has no basename`);
    const source = entry.location === undefined ? undefined : pathOfLocation(entry.location, place);
    const target = this.#freeTarget(`${directory}/${entry.basename}`, source ?? entry);
    this.#targets.set(entry, target);
    if (!this.#taken.has(target)) {
      this.#taken.set(target, source ?? entry);
      this.#moves.push({ entry, target, ...(source !== undefined && { source }) });
    }
    if (entry.class === "File") for (const inner of entry.secondaryFiles ?? []) this.add(inner, place, directory);
    else if (source === undefined) for (const inner of entry.listing ?? []) this.add(inner, place, target);
  }

  /** Remembers the last number of each name: thousands of scattered outputs may share one. */
  #freeTarget(wanted: string, source: unknown): string {
    const names = this.#names.get(wanted) ?? { last: 0, targets: new Map<unknown, string>() };
    this.#names.set(wanted, names);
    const known = names.targets.get(source);
    if (known !== undefined) return known;
    let target: string;
    do {
      names.last++;
      target = names.last === 1 ? wanted : `${wanted}_${names.last}`;
    } while (this.#taken.has(target) && this.#taken.get(target) !== source);
    names.targets.set(source, target);
    return target;
  }

  /**
   * What lies in a directory that is delivered too is copied, before the directory is moved away from under it. What is
   * not ours comes before what is: a moved file may take the place of an input in the destination.
   */
  async carryOut(): Promise<void> {
    const directories = new Set(
      this.#moves.flatMap(({ entry, source }) => (entry.class === "Directory" && source ? [source] : [])),
    );
    const isInside = ({ source }: Move): boolean => {
      for (let at = source?.lastIndexOf("/") ?? 0; at > 0; at = (source as string).lastIndexOf("/", at - 1)) {
        if (directories.has((source as string).slice(0, at))) return true;
      }
      return false;
    };
    const moved = new Map<string, string>();
    for (const { entry, source, target } of this.#moves) {
      if (source === undefined && entry.class === "Directory") mkdirSync(target, { recursive: true });
    }
    const inside = this.#moves.filter(isInside);
    const others = this.#moves.filter((move) => !isInside(move));
    const isOurs = ({ source }: Move): boolean => source?.startsWith(`${this.#setting.workDirectory}/`) ?? true;
    const ordered = [...inside, ...others.filter((move) => !isOurs(move)), ...others.filter(isOurs)];
    for (const [index, move] of ordered.entries()) {
      const { entry, source, target } = move;
      if (source === undefined) {
        if (entry.class === "File") writeFileSync(target, entry.contents ?? "");
        continue;
      }
      const from = moved.get(source) ?? source;
      if (from === target) continue;
      if (isOurs(move) && !moved.has(source) && index >= inside.length) {
        await moveTree(from, target);
        moved.set(source, target);
      } else await copyOver(from, target);
    }
  }

  async result(value: Value): Promise<Value> {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) {
      const items: Value[] = [];
      for (const item of value) items.push(await this.result(item));
      return items;
    }
    if (isEntry(value)) return this.#delivered(value);
    const fields: { [key: string]: Value } = {};
    for (const [key, inner] of Object.entries(value as { [key: string]: Value })) setKey(fields, key, await this.result(inner));
    return fields;
  }

  async #delivered(entry: Entry): Promise<Entry> {
    const target = this.#targets.get(entry) as string;
    const basename = target.slice(target.lastIndexOf("/") + 1);
    const place = { location: locationOfPath(target), path: target, basename };
    if (entry.class === "Directory") return { ...entry, ...place, listing: await this.#listing(target) };
    // What expressions were given of a file is in the file (CWL v1.2 §CommandOutputBinding.loadContents).
    const { contents: _, secondaryFiles, ...rest } = entry;
    const file: FileValue = { ...rest, ...place, ...splitName(basename) };
    // Of a literal nothing is known yet, of an input that is passed on no checksum.
    if (entry.location === undefined || entry.checksum === undefined)
      Object.assign(file, await this.#measured(target, statSync(target)));
    if (secondaryFiles) {
      file.secondaryFiles = [];
      for (const inner of secondaryFiles) file.secondaryFiles.push(await this.#delivered(inner));
    }
    return file;
  }

  async #listing(directory: string): Promise<NonNullable<DirectoryValue["listing"]>> {
    const listing: Entry[] = [];
    for (const basename of sortedNames(directory, directory)) {
      const path = `${directory}/${basename}`;
      const stats = statSync(path);
      const place = { location: locationOfPath(path), path, basename };
      if (stats.isDirectory()) listing.push({ class: "Directory", ...place, listing: await this.#listing(path) });
      else listing.push({ class: "File", ...place, ...splitName(basename), ...(await this.#measured(path, stats)) });
    }
    return listing;
  }

  async #measured(path: string, { size }: Stats): Promise<Pick<FileValue, "size" | "checksum">> {
    return this.#setting.checksums === false ? { size } : { size, checksum: await checksumOf(path, size) };
  }
}

/** Renames, or copies and removes where the target is on another file system or is a directory with something in it. */
async function moveTree(source: string, target: string): Promise<void> {
  try {
    renameSync(source, target);
  } catch (error) {
    if (!["EXDEV", "ENOTEMPTY", "EEXIST", "EISDIR", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    await copyOver(source, target);
    rmSync(source, { recursive: true });
  }
}

/** Copies over what is there: files are replaced, directories get what is new and keep what they had. */
async function copyOver(source: string, target: string): Promise<void> {
  const there = statSync(target, { throwIfNoEntry: false });
  if (there?.isDirectory() && statSync(source).isDirectory()) {
    for (const name of readdirSync(source)) await copyOver(`${source}/${name}`, `${target}/${name}`);
    return;
  }
  if (there?.isDirectory()) throw new JobError("output", target, "a directory is in the place of this output");
  rmSync(target, { force: true });
  await copyTree(source, target, newCopying());
}

import { lstat, mkdir, readdir, realpath, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type DirectoryValue,
  type Entry,
  type FileValue,
  isEntry,
  JobError,
  mapEntries,
  type Outputs,
  setKey,
  shown,
  type Value,
  visitEntries,
} from "@causeway/cwl";
import { fittingName, isFileName, NAME_RULE } from "../../files/names/name-rules.ts";
import type { NewEntry, PlacedEntry } from "../files/put-outputs.ts";
import type { TaskFiles } from "../files/task-files.ts";
import type { StoredEntry } from "../stored-entry.ts";
import type { PortValues } from "../tables.ts";

/** Where the files of a task's inputs are on this machine: their ids and names, by path and the name that jobs saw. */
export type InputPaths = ReadonlyMap<string, { id: string; name: string }>;

export const inputPathKey = (path: string, basename: string): string => `${path}\n${basename}`;

/** The inputs of the task whose outputs are stored. */
export interface TaskInputs {
  paths: InputPaths;
  /** The names of those that have shortened ones on the disks of jobs, by these. */
  names: { readonly [stagedName: string]: string };
  values: { readonly [port: string]: Value };
}

/** How an output's File or Directory is shown, out of what the entries have become. */
type Presentation = (placed: readonly PlacedEntry[]) => StoredEntry;

/** Outputs whose bytes are stored, with what must still become files, in the order in which `finish` takes it back. */
export interface StoredOutputs {
  /** `folders` from the project's root on. */
  entries: (NewEntry & { folders: readonly string[] })[];
  /** Folders that lost underscores in front, which are kept for the platform's own: `__pycache__ → _pycache__`. */
  renamed: readonly string[];
  /** The values as the API shows them, out of what the entries have become. */
  finish(placed: readonly PlacedEntry[]): PortValues;
}

/**
 * Stores the bytes of a finished run's outputs. A File that is one of the task's inputs keeps its id; literals are
 * written into `scratch`; everything else is adopted where it lies. `foldersOf` says where each output shall go.
 *
 * @throws JobError for a name that files of projects cannot have
 */
export async function storeOutputs(
  outputs: Outputs,
  inputs: TaskInputs,
  files: Pick<TaskFiles, "adopt">,
  scratch: string,
  foldersOf: (output: string) => readonly string[],
): Promise<StoredOutputs> {
  const entries: (NewEntry & { folders: readonly string[] })[] = [];
  let literals = 0;
  const renamed: string[] = [];
  const toAdopt: { path: string; entry: NewEntry }[] = [];
  let folders: readonly string[] = [];
  let output = "";

  /** Stores an output's File or Directory, and answers how it is shown when it has become a file. */
  async function stored(entry: Entry): Promise<Presentation> {
    const passed = entry.class === "File" ? passedThrough(entry) : undefined;
    if (passed) return () => passed;
    // The same object: it gets its bytes later.
    const index = entries.push(Object.assign(await newEntry(entry), { folders })) - 1;
    return (placed) => storedOf(entry, placed[index]!);
  }

  function passedThrough(file: FileValue): StoredEntry | undefined {
    const input = inputOf(file);
    if (!input) return undefined;
    const companions = (file.secondaryFiles ?? []).flatMap((companion) =>
      companion.class === "File" ? (passedThrough(companion) ?? []) : [],
    );
    return { class: "File", path: input.id, name: input.name, ...(companions.length > 0 ? { secondaryFiles: companions } : {}) };
  }

  /** The input that the file is, by its bytes and the name that jobs saw. */
  function inputOf(file: FileValue): { id: string; name: string } | undefined {
    const path = pathOf(file);
    return path === undefined ? undefined : inputs.paths.get(inputPathKey(path, file.basename!));
  }

  /** What is called as an input with a shortened name is that input, or what a tool has made of it. */
  function fullName(name: string): string {
    return Object.hasOwn(inputs.names, name) ? inputs.names[name]! : name;
  }

  async function newEntry(entry: Entry): Promise<NewEntry> {
    if (entry.class === "Directory") return newFolder(entry);
    const name = accepted(fullName(entry.basename!));
    const path = await realpath(pathOf(entry) ?? (await writeLiteral(entry)));
    const children: NewEntry[] = [];
    const made: NewEntry = { name, metadata: metadataText(entry.metadata, inputs.values), children };
    toAdopt.push({ path, entry: made });
    for (const companion of entry.secondaryFiles ?? []) children.push(await newEntry(companion));
    return made;
  }

  /** Storing a file waits for the disk several times, so that many are stored at once; one that has two names, once after the other. */
  async function adoptAll(): Promise<void> {
    const left = Map.groupBy(toAdopt, ({ path }) => path).values();
    const adoptOn = async () => {
      for (const same of left) for (const { path, entry } of same) entry.bytes = await files.adopt(path);
    };
    await Promise.all(Array.from({ length: ADOPTED_AT_ONCE }, adoptOn));
  }

  async function newFolder(folder: DirectoryValue): Promise<NewEntry> {
    const given = accepted(fullName(folder.basename ?? basename(pathOf(folder) ?? "folder")));
    const name = fittingName(given, "folder");
    if (name !== given) renamed.push(`${given} → ${name}`);
    const children: NewEntry[] = [];
    if (folder.listing) for (const child of folder.listing) children.push(await newEntry(child));
    else for (const path of await contentOf(pathOf(folder)!)) children.push(await newEntry(await entryAt(path)));
    return { name, children };
  }

  /** @throws JobError for what no other call would take for a name: an output's is shown, and nothing else is made of it */
  function accepted(name: string): string {
    if (!isFileName(name)) throw new JobError("output", output, `${shown(name)} cannot be the name of an output: ${NAME_RULE}`);
    return name;
  }

  async function writeLiteral(file: FileValue): Promise<string> {
    const directory = join(scratch, "literals");
    await mkdir(directory, { recursive: true });
    const path = join(directory, String(++literals));
    await writeFile(path, file.contents ?? "");
    return path;
  }

  const presentations: Presentation[] = [];
  for (const [port, value] of Object.entries(outputs)) {
    folders = foldersOf(port);
    output = port;
    const found: Entry[] = [];
    visitEntries(value, (entry) => found.push(entry));
    for (const entry of found) presentations.push(await stored(entry));
  }
  await adoptAll();
  return {
    entries,
    renamed,
    finish(placed) {
      let next = 0;
      // The same entries come in the same order.
      return mapEntries(outputs as Value, () => presentations[next++]!(placed) as unknown as Entry) as PortValues;
    },
  };
}

/** Files of a task that are stored at once. */
const ADOPTED_AT_ONCE = 8;

/** The path on this machine; none for a literal. */
function pathOf({ location, path }: Entry): string | undefined {
  if (location?.startsWith("file://")) return fileURLToPath(location);
  return location ?? path;
}

async function contentOf(directory: string): Promise<string[]> {
  return (await readdir(directory)).sort().map((name) => join(directory, name));
}

/** What lies in a directory that a job wrote. The engine has refused links that lead out of it. */
async function entryAt(path: string): Promise<Entry> {
  const real = await realpath(path);
  const isDirectory = (await lstat(real)).isDirectory();
  return { class: isDirectory ? "Directory" : "File", location: real, basename: basename(path) };
}

function storedOf(entry: Entry, placed: PlacedEntry): StoredEntry {
  const stored: StoredEntry = { class: entry.class, path: placed.id, name: placed.name };
  if (entry.class === "File" && placed.children.length > 0) {
    stored.secondaryFiles = entry.secondaryFiles!.map((companion, index) => storedOf(companion, placed.children[index]!));
  }
  return stored;
}

/** In an output's metadata: the input from whose files it takes what they have in common (execution-hints.md §7.1). */
const INHERIT = "__inherit__";

/** Metadata as files keep it: texts. Nulls and empty keys go, lists and objects become JSON (execution-hints.md §7.1). */
function metadataText(said: { readonly [key: string]: Value } = {}, inputs: TaskInputs["values"]): Record<string, string> {
  const { [INHERIT]: input, ...own } = said;
  const inherited = typeof input === "string" ? commonMetadata(inputs[input.replace(/^#/, "")] ?? null) : {};
  const texts: Record<string, string> = {};
  for (const [key, value] of Object.entries({ ...inherited, ...own })) {
    if (key === "" || value === null) continue;
    const text = typeof value === "string" ? value : JSON.stringify(value);
    // What the files API would refuse is left out rather than failing a finished task.
    if (isStorable(key, 100) && isStorable(text, 300)) setKey(texts, key, text);
  }
  return texts;
}

/** Whether the database can keep it, in at most so many bytes: an expression can make any text. */
const isStorable = (text: string, bytes: number) =>
  Buffer.byteLength(text) <= bytes && text.isWellFormed() && !text.includes("\0");

/** What all files of a value agree on. */
function commonMetadata(value: Value): { [key: string]: Value } {
  const [first = {}, ...others] = [value].flat(9).flatMap((file) => (isFileValue(file) ? [file.metadata ?? {}] : []));
  return Object.fromEntries(Object.entries(first).filter(([key, text]) => others.every((metadata) => metadata[key] === text)));
}

const isFileValue = (value: unknown): value is FileValue => isEntry(value) && value.class === "File";

import { posix } from "node:path";
import type { Mount, StagedEntry } from "../job.ts";
import type { Inputs, Value } from "../model.ts";
import { type Entry, mapEntries, pathOfLocation, visitEntries } from "./file-value.ts";
import { JobError } from "./job-error.ts";

/**
 * Files that are mounted one by one into a container. Beyond this many the command line of a container engine grows
 * past what the system takes, and inputs are shared into one directory that is mounted instead.
 */
const MOUNT_LIMIT = 256;

/** The directories of one job: where they are on this host, and the path under which the tool sees them. */
export interface JobDirectories {
  layout: "none" | "container";
  /** The job's directory on this host. */
  directory: string;
  outdir: { host: string; path: string };
  tmpdir: { host: string; path: string };
  inputs: { host: string; path: string };
}

/** Paths inside a container hold no blanks: shell lines of many apps leave them unquoted (execution-hints.md §6). */
export function jobDirectoriesIn(
  directory: string,
  layout: JobDirectories["layout"],
  dockerOutputDirectory?: string,
): JobDirectories {
  const at = (name: string, inside: string) => {
    const host = `${directory}/${name}`;
    return { host, path: layout === "none" ? host : inside };
  };
  return {
    layout,
    directory,
    outdir: at("out", outputDirectory(dockerOutputDirectory)),
    tmpdir: at("tmp", "/tmp"),
    inputs: at("inputs", "/cwl/in"),
  };
}

/** A `..` would lead out of the container while it is being built. Throws `JobError` for the root itself. */
function outputDirectory(named = "/cwl/out"): string {
  const path = posix.resolve("/", named);
  if (path !== "/" && !path.includes("\0")) return path;
  throw new JobError(
    "command",
    "DockerRequirement.dockerOutputDirectory",
    `${JSON.stringify(named)} is no directory for outputs`,
  );
}

/** What `stage` must put on disk and what must be mounted, as it is gathered. */
export interface StagingPlan {
  staged: StagedEntry[];
  mounts: Mount[];
}

/**
 * The inputs with the paths under which the tool will see them. Every port has directories of its own; a File shares
 * one with its secondary files, and with the other files of its port unless two of them have one name.
 */
export function placeInputs(inputs: Inputs, workplace: JobDirectories): Inputs {
  const placed: { [port: string]: Value } = {};
  let directories = 0;
  for (const [port, value] of Object.entries(inputs)) {
    let directory = "";
    let names = new Map<string, unknown>();
    placed[port] = mapEntries(value, (entry) => {
      const group = groupOf(entry);
      if (directory === "" || group.some(([name, source]) => names.has(name) && names.get(name) !== source)) {
        directory = `${workplace.inputs.path}/${++directories}`;
        names = new Map();
      }
      for (const [name, source] of group) {
        if (names.has(name) && names.get(name) !== source) {
          const both = `${showSource(names.get(name))} and ${showSource(source)}`;
          throw new JobError("staging", `inputs.${port}`, `two files that belong together are both named ${name}: ${both}`);
        }
        names.set(name, source);
      }
      return placedIn(entry, directory);
    });
  }
  return placed;
}

/** The same File or Directory, seen by the tool in `directory`, with its secondary files beside it and its listing inside. */
export function placedIn<E extends Entry>(entry: E, directory: string, name = entry.basename as string): E {
  const path = `${directory === "/" ? "" : directory}/${name}`;
  if (entry.class === "Directory") {
    const listing = entry.listing?.map((inner) => placedIn(inner, path));
    return { ...entry, path, basename: name, ...(listing && { listing }) };
  }
  const secondaryFiles = entry.secondaryFiles?.map((inner) => placedIn(inner, directory));
  return { ...entry, path, basename: name, dirname: directory, ...(secondaryFiles && { secondaryFiles }) };
}

/**
 * The entry without the paths the tool sees, as it could be given as an input again: literals are literals again, and
 * an entry that has only a path gets the location which `known` has for it.
 */
export function unplaced(entry: Entry, known: ReadonlyMap<string, string>): Entry {
  const { path, ...rest } = entry;
  const plain: Entry = rest;
  if (plain.class === "File") {
    if (plain.secondaryFiles) plain.secondaryFiles = plain.secondaryFiles.map((inner) => unplaced(inner, known));
  } else if (plain.listing) plain.listing = plain.listing.map((inner) => unplaced(inner, known));
  if (plain.location !== undefined || path === undefined) return plain;
  const location = known.get(path);
  if (location !== undefined) return { ...plain, location };
  const literal = plain.class === "File" ? plain.contents !== undefined : plain.listing !== undefined;
  return literal ? plain : { ...plain, path };
}

/** The locations of all placed inputs by the paths the tool sees. */
export function locationsByPath(inputs: Inputs): Map<string, string> {
  const known = new Map<string, string>();
  const note = (entry: Entry): void => {
    if (entry.location !== undefined) known.set(entry.path as string, entry.location);
    for (const inner of (entry.class === "File" ? entry.secondaryFiles : entry.listing) ?? []) note(inner);
  };
  for (const value of Object.values(inputs)) visitEntries(value, note);
  return known;
}

/** What makes two entries the same thing on disk. */
export const sourceOf = (entry: Entry): unknown =>
  entry.location ?? (entry.class === "File" ? entry.contents : undefined) ?? entry;

/** A source as a message names it: the path of what is on disk. */
export function showSource(source: unknown): string {
  if (typeof source !== "string") return "a Directory made of a listing";
  return source.startsWith("file://") || source.startsWith("/") ? pathOfLocation(source, "") : "a File made of contents";
}

function groupOf(entry: Entry): [string, unknown][] {
  const group: [string, unknown][] = [[entry.basename as string, sourceOf(entry)]];
  if (entry.class === "File") for (const inner of entry.secondaryFiles ?? []) group.push(...groupOf(inner));
  return group;
}

/** Gathers what brings placed inputs under their paths, but for those that are elsewhere (`isElsewhere`). */
export function stageInputs(
  inputs: Inputs,
  workplace: JobDirectories,
  plan: StagingPlan,
  isElsewhere: (entry: Entry) => boolean,
): void {
  const entries: Entry[] = [];
  for (const value of Object.values(inputs)) visitEntries(value, (entry) => collect(entry, entries, isElsewhere));
  const shared = workplace.layout === "container" && entries.length > MOUNT_LIMIT;
  const seen = new Set<string>();
  for (const entry of entries) {
    const path = entry.path as string;
    if (seen.has(path)) continue;
    seen.add(path);
    const at = workplace.inputs.host + path.slice(workplace.inputs.path.length);
    const mount = workplace.layout === "container" && !shared;
    if (entry.location === undefined) {
      plan.staged.push(entry.class === "File" ? { at, is: "text", text: entry.contents ?? "" } : { at, is: "directory" });
      if (mount) plan.mounts.push({ source: at, target: path, writable: false });
      continue;
    }
    const source = pathOfLocation(entry.location, path);
    if (shared) plan.staged.push({ at, is: "share", source });
    else if (mount) plan.mounts.push({ source, target: path, writable: false });
    else {
      plan.staged.push({ at, is: "link", source });
      plan.mounts.push({ source, target: source, writable: false });
    }
  }
  if (workplace.layout === "none" || shared) {
    const { host: source, path: target } = workplace.inputs;
    if (seen.size > 0) plan.mounts.push({ source, target, writable: false });
  }
}

/**
 * The entries that must be brought somewhere each for itself. A Directory literal with entries is only their common
 * parent, except that an empty one must be made.
 */
function collect(entry: Entry, into: Entry[], isElsewhere: (entry: Entry) => boolean): void {
  if (isElsewhere(entry)) return;
  if (entry.class === "File") {
    into.push(entry);
    for (const inner of entry.secondaryFiles ?? []) collect(inner, into, isElsewhere);
  } else if (entry.location === undefined && entry.listing?.length) {
    for (const inner of entry.listing) collect(inner, into, isElsewhere);
  } else into.push(entry);
}

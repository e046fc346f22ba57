import { posix } from "node:path";
import { showValue } from "../expressions/interpolation.ts";
import type { CommandLineTool, DirectoryValue, FileValue, Inputs, Value, WorkDirEntry } from "../model.ts";
import type { ExpressionScope } from "./expression-scope.ts";
import { dirOf, type Entry, isEntry, mapEntries, pathOfLocation } from "./file-value.ts";
import { type JobDirectories, placedIn, type StagingPlan, showSource, sourceOf, unplaced } from "./job-directories.ts";
import { JobError, shown } from "./job-error.ts";
import { type MayRead, normalEntry } from "./normal-entry.ts";

/** A File or Directory that the tool finds in its output directory, under its path there. */
export interface WorkDirItem {
  /** As the document or the inputs had it. */
  original: Entry;
  entry: Entry;
  writable: boolean;
  place: string;
}

/** What InitialWorkDirRequirement means for one job. */
interface Context {
  tool: CommandLineTool;
  scope: ExpressionScope;
  workplace: JobDirectories;
  /** Whether the tool changes the very files it was given (CWL v1.2 §InplaceUpdateRequirement), not copies of them. */
  inplace: boolean;
  /** The inputs' locations by the paths they were given. */
  known: Map<string, string>;
  mayRead: MayRead | undefined;
}

/** Evaluates InitialWorkDirRequirement (CWL v1.2 §InitialWorkDirRequirement, §Dirent) to entries with their final paths. */
export async function workDirItems(context: Context): Promise<WorkDirItem[]> {
  const requirement = context.tool.requirements.initialWorkDir ?? context.tool.hints.initialWorkDir;
  if (!requirement) return [];
  const place = "InitialWorkDirRequirement.listing";
  const { listing } = requirement;
  const entries = typeof listing === "string" ? await context.scope.evaluate(listing, null, place) : listing;
  const items: WorkDirItem[] = [];
  for (const [index, entry] of (Array.isArray(entries) ? entries : [entries]).entries()) {
    await addEntry(entry as WorkDirEntry | Value, `${place}[${index}]`, context, items);
  }
  return items;
}

async function addEntry(entry: WorkDirEntry | Value, place: string, context: Context, items: WorkDirItem[]): Promise<void> {
  const value = typeof entry === "string" ? await context.scope.evaluate(entry, null, place) : (entry as Value | DirentLike);
  if (value === null) return;
  if (Array.isArray(value)) {
    for (const [index, inner] of value.entries()) await addEntry(inner as Value, `${place}[${index}]`, context, items);
  } else if (isEntry(value)) {
    const writable = (value as { writable?: unknown }).writable === true;
    items.push(item(value, undefined, writable, place, context));
  } else if (typeof value === "object" && "entry" in value) await addDirent(value as DirentLike, place, context, items);
  else throw new JobError("expression", place, `${shown(value)} is no File, Directory or Dirent`);
}

interface DirentLike {
  entry: Value;
  entryname?: string;
  writable?: boolean;
}

/** CWL v1.2 §Dirent: Files and Directories are staged, text and everything else become a new file. */
async function addDirent(dirent: DirentLike, place: string, context: Context, items: WorkDirItem[]): Promise<void> {
  const { scope } = context;
  const name = dirent.entryname == null ? undefined : await scope.evaluate(dirent.entryname, null, `${place}.entryname`);
  if (name !== undefined && name !== null && typeof name !== "string") {
    throw new JobError("expression", `${place}.entryname`, `gave ${shown(name)}, and a name is a string`);
  }
  const entryname = name ?? undefined;
  const { entry } = dirent;
  const value = typeof entry === "string" ? await scope.evaluate(entry, null, `${place}.entry`, "verbatim") : entry;
  const writable = dirent.writable === true;
  if (value === null) return;
  if (isEntry(value)) items.push(item(value, entryname, writable, place, context));
  else if (Array.isArray(value) && value.length > 0 && value.every(isEntry)) {
    if (entryname !== undefined) {
      throw new JobError("expression", place, "entryname names one entry, and entry gave a list of Files or Directories");
    }
    for (const inner of value) items.push(item(inner as Entry, undefined, writable, place, context));
  } else {
    if (entryname === undefined) throw new JobError("expression", place, "a file made of text needs an entryname");
    const contents = typeof value === "string" ? value : showValue(value);
    items.push(item({ class: "File", basename: posix.basename(entryname), contents }, entryname, writable, place, context));
  }
}

function item(entry: Entry, entryname: string | undefined, writable: boolean, place: string, context: Context): WorkDirItem {
  const complete = normalEntry(unplaced(entry, context.known), place, context.mayRead);
  const target = targetOf(entryname ?? (complete.basename as string), place, context);
  return { original: entry, entry: placedIn(complete, posix.dirname(target), posix.basename(target)), writable, place };
}

/**
 * Where an entry appears to the tool. Names lead into the output directory; an absolute one is for containers only, and
 * only when the document requires one (CWL v1.2 §Dirent.entryname).
 */
function targetOf(name: string, place: string, { tool, workplace }: Context): string {
  const target = posix.normalize(name.replace(/\/+$/, ""));
  if (target.startsWith("/")) {
    const inside = within(target, workplace.outdir.path);
    if (inside) return target;
    if (!tool.requirements.docker || workplace.layout === "none") {
      throw new JobError(
        "command",
        place,
        `the absolute entryname ${shown(name)} needs DockerRequirement among the requirements, and a container (CWL v1.2 §Dirent)`,
      );
    }
    return target;
  }
  if (target === "." || target === ".." || target.startsWith("../") || name === "") {
    throw new JobError("command", place, `the entryname ${shown(name)} leads out of the output directory (CWL v1.2 §Dirent)`);
  }
  return `${workplace.outdir.path}/${target}`;
}

const within = (path: string, directory: string): boolean => path.startsWith(`${directory}/`);

/**
 * The inputs again, those of them that the items bring into the output directory with their paths there
 * (conformance test initial_workdir_output: `$(inputs.file1.path)` is then below `$(runtime.outdir)`).
 */
export function movedInputs(
  inputs: Inputs,
  items: readonly WorkDirItem[],
): { inputs: Inputs; isMoved: (entry: Entry) => boolean } {
  const moved = new Map<unknown, Entry>();
  const note = (before: Entry, after: Entry): void => {
    if (identityOf(before) !== undefined) moved.set(identityOf(before), after);
    const [inner, innerAfter] = [before, after].map((entry) => (entry.class === "File" ? entry.secondaryFiles : entry.listing));
    inner?.forEach((entry, index) => {
      const counterpart = innerAfter?.[index];
      if (counterpart) note(entry, counterpart);
    });
  };
  for (const { original, entry } of items) note(original, entry);
  if (moved.size === 0) return { inputs, isMoved: () => false };

  const movedPaths = new Set([...moved.values()].map((entry) => entry.path as string));
  const follow = (entry: Entry): Entry => {
    const after = moved.get(identityOf(entry));
    if (after) return placedIn(entry, dirOf(after.path as string), after.basename);
    if (entry.class === "File") {
      return entry.secondaryFiles ? { ...entry, secondaryFiles: entry.secondaryFiles.map(follow) } : entry;
    }
    return entry.listing ? { ...entry, listing: entry.listing.map(follow) } : entry;
  };
  return {
    inputs: Object.fromEntries(Object.entries(inputs).map(([port, value]) => [port, mapEntries(value, follow)])),
    isMoved: (entry) => movedPaths.has(entry.path as string),
  };
}

/** Gathers what brings the items to their places. Two different things under one name are refused. */
export function stageWorkDir(
  items: readonly WorkDirItem[],
  workplace: JobDirectories,
  inplace: boolean,
  plan: StagingPlan,
): void {
  const taken = new Map<string, unknown>();
  const start = plan.staged.length;
  for (const { entry, writable, place } of items) stageEntry(entry, writable, place);
  refuseWritingThroughLinks();

  function stageEntry(entry: Entry, writable: boolean, place: string): void {
    const path = entry.path as string;
    const source = sourceOf(entry);
    if (taken.has(path)) {
      if (entry.class === "Directory" && entry.location === undefined) {
        for (const inner of entry.listing ?? []) stageEntry(inner, writable, place);
        return;
      }
      if (taken.get(path) === source) return;
      const both = `${showSource(taken.get(path))} and ${showSource(source)}`;
      throw new JobError("staging", place, `two different files are to be at ${path}: ${both}`);
    }
    taken.set(path, source);
    if (within(path, workplace.outdir.path)) stageInside(entry, writable, place);
    else stageOutside(entry, writable);
    if (entry.class === "File") for (const inner of entry.secondaryFiles ?? []) stageEntry(inner, writable, place);
    else if (entry.location === undefined) for (const inner of entry.listing ?? []) stageEntry(inner, writable, place);
  }

  function stageInside(entry: Entry, writable: boolean, place: string): void {
    const target = entry.path as string;
    const at = workplace.outdir.host + target.slice(workplace.outdir.path.length);
    if (entry.location === undefined) {
      plan.staged.push(literalAt(at, entry));
      return;
    }
    const source = pathOfLocation(entry.location, place);
    if (writable && !inplace) plan.staged.push({ at, is: "copy", source });
    else if (workplace.layout === "none") {
      plan.staged.push({ at, is: "link", source });
      plan.mounts.push({ source, target: source, writable });
    } else {
      // The mount needs something to be mounted on, made by us rather than by an engine that runs as root.
      plan.staged.push(entry.class === "File" ? { at, is: "text", text: "" } : { at, is: "directory" });
      plan.mounts.push({ source, target, writable });
    }
  }

  function stageOutside(entry: Entry, writable: boolean): void {
    const target = entry.path as string;
    if (entry.location !== undefined && (!writable || inplace)) {
      plan.mounts.push({ source: pathOfLocation(entry.location, target), target, writable });
      return;
    }
    const at = `${workplace.directory}/elsewhere${target}`;
    if (entry.location !== undefined) plan.staged.push({ at, is: "copy", source: pathOfLocation(entry.location, target) });
    else plan.staged.push(literalAt(at, entry));
    plan.mounts.push({ source: at, target, writable });
  }

  /** A file placed below a linked directory would be written into the original: such directories become copies. */
  function refuseWritingThroughLinks(): void {
    const links = new Map<string, number>();
    plan.staged.forEach((staged, index) => {
      if (index >= start && staged.is === "link") links.set(staged.at, index);
    });
    if (links.size === 0) return;
    for (const { at } of plan.staged.slice(start)) {
      for (let parent = posix.dirname(at); within(parent, workplace.outdir.host); parent = posix.dirname(parent)) {
        const index = links.get(parent);
        const link = index === undefined ? undefined : plan.staged[index];
        if (index !== undefined && link?.is === "link") plan.staged[index] = { at: link.at, is: "copy", source: link.source };
      }
    }
  }
}

/** What an expression's copy of an input is recognised by. */
const identityOf = (entry: Entry): string | undefined => entry.location ?? entry.path;

const literalAt = (at: string, entry: FileValue | DirectoryValue): StagingPlan["staged"][number] =>
  entry.class === "File" ? { at, is: "text", text: entry.contents ?? "" } : { at, is: "directory" };

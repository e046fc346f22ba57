import {
  type CompiledDocument,
  type DirectoryValue,
  type Evaluator,
  type FileValue,
  type InputPort,
  nameByPattern,
  type SecondaryFile,
  type Value,
} from "@causeway/cwl";
import type { MentionedFile, TaskFiles } from "../files/task-files.ts";
import { checkBatch } from "./batch-groups.ts";
import type { Batching } from "./batching.ts";
import { BLOB, type EngineInputs, type PortValues, type TaskProblem } from "./tables.ts";
import { type Mention, readValues, type StoredEntry } from "./values.ts";

/** A task's values as they are stored, what keeps it from running, and what the engine would get. */
export interface Submission {
  values: PortValues;
  errors: TaskProblem[];
  warnings: TaskProblem[];
  /** Only of use without errors. */
  engineInputs: EngineInputs;
}

export interface SubmissionContext {
  files: TaskFiles;
  evaluator: Evaluator;
  projectId: string;
  /** Null for a task that is no batch. */
  batching: Batching | null;
  /** Children that a batch may have at most. */
  batchAtMost: number;
}

/**
 * Reads the values given for an app's inputs and finds everything they mention: the task's errors and warnings
 * (tasks.md §4.3), evaluated anew whenever a draft changes and when it is run.
 */
export async function prepareSubmission(
  app: CompiledDocument,
  given: PortValues,
  context: SubmissionContext,
): Promise<Submission> {
  const ports = app.process.inputs;
  const { values, mentions, errors, warnings } = readValues(ports, given, context.batching?.input);
  const found = await context.files.find(mentions.map(({ entry }) => entry.path));
  for (const mention of mentions) check(mention, found.get(mention.entry.path), context.projectId, errors);
  const engineInputs: EngineInputs = { values: {}, ids: [] };
  const conversion = { ...context, found, errors, ids: engineInputs.ids };
  for (const port of ports) {
    const value = values[port.id];
    if (value === null || value === undefined) continue;
    engineInputs.values[port.id] = await toEngine(value, port, port.id, conversion);
    warnings.push(...odd(port, mentions));
  }
  const { batching } = context;
  // What the groups of a broken list would be is nobody's question.
  if (batching && !errors.some(({ input }) => input !== undefined && placeIsOf(batching.input, input))) {
    const checked = checkBatch(ports, batching, engineInputs.values, context.batchAtMost);
    errors.push(...checked.errors);
    warnings.push(...checked.warnings);
  }
  return { values, errors, warnings, engineInputs };
}

function check({ entry, place }: Mention, file: MentionedFile | undefined, projectId: string, errors: TaskProblem[]): void {
  if (!file) {
    errors.push({ code: "FILE_NOT_FOUND", input: place, message: `'${place}': there is no file ${entry.path}.` });
    return;
  }
  entry.name = file.name;
  if (file.projectId !== projectId && !file.isPublic) {
    const message = `'${place}': ${file.name} is in another project: copy it to the task's project first.`;
    errors.push({ code: "FILE_NOT_ACCESSIBLE", input: place, message });
  }
  if ((file.type === "folder") !== (entry.class === "Directory")) {
    const message = `'${place}': ${file.name} is a ${file.type}, and a ${entry.class === "File" ? "file" : "folder"} is needed.`;
    errors.push({ code: "FILE_KIND", input: place, message });
  }
}

/** The extensions that a port names are hints for people. */
function odd(port: InputPort, mentions: readonly Mention[]): TaskProblem[] {
  const types = port.extensions?.["sbg:fileTypes"];
  if (typeof types !== "string") return [];
  const endings = types.split(",").map((type) => `.${type.trim().toLowerCase()}`);
  return mentions
    .filter(({ entry, place }) => placeIsOf(port.id, place) && entry.class === "File" && entry.name !== undefined)
    .filter(({ entry }) => !endings.some((ending) => entry.name!.toLowerCase().endsWith(ending)))
    .map(({ entry, place }) => ({ code: "FORMAT", input: place, message: `'${place}': ${entry.name} is none of ${types}.` }));
}

const placeIsOf = (port: string, place: string) => place === port || place.startsWith(`${port}[`) || place.startsWith(`${port}.`);

interface Conversion extends SubmissionContext {
  found: ReadonlyMap<string, MentionedFile>;
  errors: TaskProblem[];
  ids: EngineInputs["ids"];
}

async function toEngine(value: unknown, port: InputPort, place: string, context: Conversion): Promise<Value> {
  if (Array.isArray(value)) {
    const items: Value[] = [];
    for (const [index, item] of value.entries()) items.push(await toEngine(item, port, `${place}[${index}]`, context));
    return items;
  }
  if (typeof value !== "object" || value === null) return value as Value;
  if (isStored(value)) return entryToEngine(value, port.secondaryFiles ?? [], place, context);
  const record: { [key: string]: Value } = {};
  for (const [key, field] of Object.entries(value)) record[key] = await toEngine(field, port, `${place}.${key}`, context);
  return record;
}

const isStored = (value: object): value is StoredEntry =>
  "class" in value && (value.class === "File" || value.class === "Directory") && "path" in value;

async function entryToEngine(
  entry: StoredEntry,
  patterns: readonly SecondaryFile[],
  place: string,
  context: Conversion,
): Promise<Value> {
  const file = context.found.get(entry.path);
  if (!file) return null;
  if (file.type === "folder") return folderToEngine(file, context);
  const value = fileToEngine(file, context);
  const companions = (entry.secondaryFiles ?? [])
    .map(({ path }) => context.found.get(path))
    .filter((found) => found !== undefined);
  companions.push(...(await companionsOf(file, value, patterns, companions, place, context)));
  if (companions.length > 0) {
    value.secondaryFiles = await Promise.all(
      companions.map((companion) =>
        companion.type === "folder" ? folderToEngine(companion, context) : fileToEngine(companion, context),
      ),
    );
  }
  return value as Value;
}

/** Finds what the app's patterns ask for beside a file, in its folder. What is required and not there is an error. */
async function companionsOf(
  file: MentionedFile,
  value: FileValue,
  patterns: readonly SecondaryFile[],
  given: readonly MentionedFile[],
  place: string,
  { files, evaluator, errors }: Conversion,
): Promise<MentionedFile[]> {
  const wanted: { name: string; required: boolean }[] = [];
  for (const { pattern, required } of patterns) {
    const names = /\$[({]/.test(pattern)
      ? await evaluator.evaluate(pattern, { inputs: {}, self: value as Value, javascript: { expressionLib: [] } })
      : nameByPattern(file.name, pattern);
    for (const name of [names].flat()) if (typeof name === "string") wanted.push({ name, required: required === true });
  }
  const missing = wanted.filter(({ name }) => !given.some((companion) => companion.name === name));
  const found =
    file.parent === null
      ? new Map<string, MentionedFile>()
      : await files.companions(
          file.parent,
          missing.map(({ name }) => name),
        );
  for (const { name, required } of missing) {
    if (!required || found.has(name)) continue;
    const message = `'${place}': ${file.name} needs ${name} beside it, in the same folder.`;
    errors.push({ code: "MISSING_SECONDARY_FILE", input: place, message });
  }
  return [...found.values()];
}

function fileToEngine(file: MentionedFile, { ids }: Conversion): FileValue {
  ids.push({ blob: file.blobKey!, name: file.name, id: file.id });
  return { class: "File", location: BLOB + file.blobKey, basename: file.name, size: file.size!, metadata: file.metadata };
}

async function folderToEngine(folder: MentionedFile, context: Conversion): Promise<DirectoryValue> {
  const content = await context.files.content(folder.id);
  const listing: (FileValue | DirectoryValue)[] = [];
  for (const child of content)
    listing.push(child.type === "folder" ? await folderToEngine(child, context) : fileToEngine(child, context));
  return { class: "Directory", basename: folder.name, listing };
}

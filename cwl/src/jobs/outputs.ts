import { readFileSync } from "node:fs";
import type { Job } from "../job.ts";
import { hasTooManyValues, isNestedTooDeep, MOST_NESTED, MOST_VALUES } from "../keepable.ts";
import { parseExactJson } from "../long.ts";
import type {
  CommandLineTool,
  CwlType,
  Evaluator,
  Expression,
  FileTraits,
  OutputBinding,
  Outputs,
  Process,
  SecondaryFile,
  Value,
} from "../model.ts";
import { createScope, type ExpressionScope } from "./expression-scope.ts";
import { type Entry, isEntry, isFile, mapEntries } from "./file-value.ts";
import { plainOutputs } from "./input-binding.ts";
import { JobError, shown } from "./job-error.ts";
import { OutputCollector } from "./output-entry.ts";
import { globbed } from "./output-glob.ts";
import { OutputTree } from "./output-tree.ts";
import { wantedSecondaryFiles } from "./secondary-files.ts";
import { blamingTool } from "./tool-faults.ts";
import { mismatch, typeName } from "./type-match.ts";

/** What collecting the outputs of a job needs besides the job. */
export interface CollectContext {
  evaluator: Evaluator;
  /** Whether Files get their SHA-1 (default), for which all their bytes are read. */
  checksums?: boolean;
  /** How the SHA-1 of a file is found (`sha1$…`); by default by reading it here. */
  checksum?: (path: string, size: number, signal?: AbortSignal) => Promise<string>;
  /** Ends the collecting, with its reason, soon after its abort, however large the outputs are. */
  signal?: AbortSignal;
}

/**
 * The outputs of a job whose command ended with `exitCode` (CWL v1.2 §CommandOutputBinding): what `cwl.output.json` in
 * the output directory says, else what the bindings find. Files carry their location on this host, size and checksum;
 * they stay where they are. Reads only the job and its directory, so any process may call it, also again.
 *
 * @throws JobError of kind `output` or `expression`: nothing found, too much found, of the wrong type, or a path that
 * leads out of the output directory.
 */
export async function collectOutputs(
  tool: CommandLineTool,
  job: Job,
  exitCode: number,
  context: CollectContext,
): Promise<Outputs> {
  return blamingTool(job, () => collect(tool, job, exitCode, context));
}

async function collect(tool: CommandLineTool, job: Job, exitCode: number, context: CollectContext): Promise<Outputs> {
  const tree = new OutputTree(job);
  const collector = new OutputCollector(tree, tool.cwlVersion, context);
  const runtime = { ...job.runtime, exitCode };
  const scope = createScope(tool, context.evaluator, job.inputs, runtime);

  const written = readOutputObject(tree);
  const outputs: { [port: string]: Value } = {};
  for (const port of tool.outputs) {
    const place = `outputs.${port.id}`;
    outputs[port.id] = written
      ? await collector.returned(written[port.id] ?? null, place)
      : await collectValue(port.type, port.outputBinding, port, { tool, scope, collector, tree, place });
  }
  const checked = checkOutputs(tool, outputs);
  if (context.checksums !== false) await collector.addChecksums(checked);
  return plainOutputs(checked);
}

/**
 * The outputs as the ports' types want them: a list of one File where a single one is wanted is that one
 * (execution-hints.md §7.2), a missing value is null.
 *
 * @throws JobError naming the port, what it wants and what came.
 */
export function checkOutputs(process: Pick<Process, "outputs">, outputs: Outputs): Outputs {
  const checked: { [port: string]: Value } = {};
  for (const port of process.outputs) {
    const place = `outputs.${port.id}`;
    const value = unwrapped(port.type, outputs[port.id] ?? null, place);
    // An input of type Any must not be null (CWL v1.2 §Any); an output may be.
    const problem = value === null && port.type === "Any" ? undefined : mismatch(port.type, value, place);
    if (problem) throw new JobError("output", problem.place, problem.message);
    checked[port.id] = value;
  }
  return checked;
}

/** Bytes of `cwl.output.json` at most: it is read at once. */
const MOST_WRITTEN = 16 * 1024 * 1024;

/** The output object that the command wrote itself (CWL v1.2 §CommandLineTool: cwl.output.json), if it did. */
function readOutputObject(tree: OutputTree): { [port: string]: Value } | undefined {
  const place = "cwl.output.json";
  const located = tree.exists(place) ? tree.locate(`${tree.job.outdir.path}/${place}`, place) : undefined;
  if (!located) return undefined;
  if (!located.stats.isFile()) throw new JobError("output", place, "is no regular file");
  const refused = (why: string) => new JobError("output", place, why);
  if (located.stats.size > MOST_WRITTEN) throw refused(`has more than ${MOST_WRITTEN} bytes`);
  let written: unknown;
  try {
    const text = readFileSync(located.host, "utf8");
    if (isNestedTooDeep(text)) throw refused(`has arrays and objects that are nested deeper than ${MOST_NESTED}`);
    if (hasTooManyValues(text)) throw refused(`has more than ${MOST_VALUES} values`);
    written = parseExactJson(text);
  } catch (cause) {
    if (cause instanceof JobError) throw cause;
    throw new JobError("output", place, `is no JSON: ${(cause as Error).message}`, { cause });
  }
  if (typeof written !== "object" || written === null || Array.isArray(written)) {
    throw new JobError("output", place, `holds ${shown(written)}, and an object of outputs is needed`);
  }
  return written as { [port: string]: Value };
}

interface Collecting {
  tool: CommandLineTool;
  scope: ExpressionScope;
  collector: OutputCollector;
  tree: OutputTree;
  place: string;
}

async function collectValue(
  type: CwlType,
  binding: OutputBinding | undefined,
  traits: FileTraits,
  at: Collecting,
): Promise<Value> {
  const { scope, collector, place } = at;
  let value: Value = null;
  if (binding?.glob || binding?.outputEval !== undefined) {
    const found = binding.glob ? await globbed(binding.glob, at) : [];
    const depth = binding.loadListing ?? traits.loadListing ?? at.tool.requirements.loadListing?.loadListing;
    const self = binding.glob ? await collector.entries(found, binding.loadContents === true, depth, place) : null;
    value =
      binding.outputEval === undefined
        ? self
        : await collector.returned(await scope.evaluate(binding.outputEval, self as Value, `${place}.outputEval`), place);
    if (binding.outputEval === undefined && (value as Value[]).length === 0) refuseNothing(type, binding.glob ?? [], place);
    value = unwrapped(type, value, place, binding.outputEval === undefined ? (binding.glob ?? []) : undefined);
  } else {
    const record = Array.isArray(type) ? type.find((member) => typeof member === "object" && "fields" in member) : type;
    if (typeof record === "object" && "fields" in record) {
      const fields: { [name: string]: Value } = {};
      for (const field of record.fields) {
        const inner = { ...at, place: `${place}.${field.name}` };
        fields[field.name] = await collectValue(field.type, field.outputBinding, field, inner);
      }
      value = fields;
    }
  }
  if (value !== null && (traits.secondaryFiles?.length || traits.format?.length)) {
    for (const entry of primaries(value)) {
      if (!isFile(entry)) continue;
      if (traits.secondaryFiles?.length) await addSecondaryFiles(entry, traits.secondaryFiles, at);
      if (traits.format?.length) await addFormat(entry, traits.format, at);
    }
  }
  return value;
}

/** The entries a port's traits are about: the value's own, not those inside listings. */
function primaries(value: Value): Entry[] {
  const found: Entry[] = [];
  mapEntries(value, (entry) => {
    found.push(entry);
    return entry;
  });
  return found;
}

function refuseNothing(type: CwlType, globs: readonly Expression[], place: string): void {
  if (mismatch(type, null, place) === undefined || mismatch(type, [], place) === undefined) return;
  throw new JobError(
    "output",
    place,
    `nothing matches ${globs.map((glob) => shown(glob)).join(" or ")}, and ${typeName(type)} is needed`,
  );
}

/**
 * Where a single entry is wanted, a list of one is that one and an empty list is null. `globs`: that found the value; then
 * also where the list itself would do, as in a union of File and File[].
 */
function unwrapped(type: CwlType, value: Value, place: string, globs?: readonly Expression[]): Value {
  if (!Array.isArray(value)) return value;
  const wantsSingle = wants(type, "File") || wants(type, "Directory");
  if (!wantsSingle) return value;
  const fits = mismatch(type, value, place) === undefined;
  if (value.length === 1 && isEntry(value[0]) && (globs !== undefined || !fits)) return value[0];
  if (fits) return value;
  if (value.length === 0) return null;
  if (value.length > 1 && value.every(isEntry)) {
    const names = value.slice(0, NAMED_FILES).map((entry) => shown((entry as Entry).basename));
    if (value.length > NAMED_FILES) names.push("…");
    const why = globs === undefined ? "" : ` match ${globs.map((glob) => shown(glob)).join(" or ")}`;
    throw new JobError("output", place, `${value.length} files (${names.join(", ")})${why} where one is wanted`);
  }
  return value;
}

/** How many of the files that are too many a message names. */
const NAMED_FILES = 5;

const wants = (type: CwlType, single: "File" | "Directory"): boolean =>
  Array.isArray(type) ? type.some((member) => wants(member, single)) : type === single;

async function addSecondaryFiles(
  primary: Entry & { class: "File" },
  patterns: readonly SecondaryFile[],
  at: Collecting,
): Promise<void> {
  const place = `${at.place}.secondaryFiles`;
  const found = primary.secondaryFiles ?? [];
  for (const { items, required, pattern } of await wantedSecondaryFiles(patterns, primary, at.scope, at.place)) {
    for (const item of items) {
      const name = typeof item === "string" ? item : item.basename;
      if (found.some(({ basename }) => basename === name)) continue;
      const entry =
        typeof item === "string"
          ? await at.collector.beside(primary, item, place)
          : await at.collector.returnedIfThere(item, place);
      if (entry) found.push(entry);
      else if (required)
        throw new JobError("output", place, `${name} (by the pattern ${pattern}) is missing beside ${primary.basename}`);
    }
  }
  if (found.length > 0) primary.secondaryFiles = found;
}

async function addFormat(file: Entry & { class: "File" }, format: readonly Expression[], at: Collecting): Promise<void> {
  const [text] = format;
  if (text === undefined) return;
  const value = await at.scope.evaluate(text, file as Value, `${at.place}.format`);
  const iri = Array.isArray(value) ? value[0] : value;
  if (iri === null || iri === undefined) return;
  if (typeof iri !== "string")
    throw new JobError("expression", `${at.place}.format`, `${shown(text)} gave ${shown(value)}, no format`);
  file.format = iri;
}

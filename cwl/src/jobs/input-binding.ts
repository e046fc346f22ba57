import { setKey } from "../keys.ts";
import type {
  CompiledDocument,
  CwlType,
  Evaluator,
  FileTraits,
  FileValue,
  InputBinding,
  InputPort,
  Inputs,
  Outputs,
  Process,
  Value,
} from "../model.ts";
import { readContents } from "./contents.ts";
import { createScope, type ExpressionScope } from "./expression-scope.ts";
import { type Entry, isEntry, isLiteral, mapEntries } from "./file-value.ts";
import { refuseOtherFormats } from "./format.ts";
import { JobError } from "./job-error.ts";
import { type MayRead, normalEntry, readListing } from "./normal-entry.ts";
import { besidePrimary, entryAt, wantedSecondaryFiles } from "./secondary-files.ts";
import { memberFor, mismatches } from "./type-match.ts";

/** What binding the inputs of a process needs besides the inputs. */
export interface BindingContext {
  evaluator: Evaluator;
  formats: CompiledDocument["formats"];
  /**
   * Accepts Files that say no format where a port asks for one. The platform's files have none; without a platform
   * such a File is refused, as the reference runner does.
   */
  acceptUnknownFormats?: boolean;
  /**
   * Looks on the disk for secondary files that were not given with their primary (default). Off for the steps of a
   * workflow: what their links bring has what its maker gave it (conformance test record_in_secondaryFiles_missing).
   */
  discoverSecondaryFiles?: boolean;
  /** Absent: every file that the process can read. */
  mayRead?: MayRead;
}

/**
 * The input object a process runs with: every port has a value of its type (null when optional and absent), defaults
 * filled in, every File and Directory complete (`normalEntry`), secondary files found and checked, formats checked,
 * contents and listings loaded as the ports ask. Values for ports the process does not have are left out.
 *
 * @throws JobError of kind `input` or `expression` naming the place, `inputs.reads[2].secondaryFiles`.
 */
export async function bindInputs(process: Process, given: Inputs, context: BindingContext): Promise<Inputs> {
  const inputs: { [port: string]: Value } = {};
  refuseMisfits(process, given);
  for (const port of process.inputs) {
    const value = givenTo(port, given);
    inputs[port.id] = normalEntriesOf(value, `inputs.${port.id}`, context.mayRead);
  }

  // Expressions of one port may ask for any other: they run when all are there.
  const scope = createScope(process, context.evaluator, inputs, {});
  for (const port of process.inputs) {
    const value = inputs[port.id] as Value;
    if (typeof value === "object" && value !== null) {
      const isDefault = given[port.id] === undefined || given[port.id] === null;
      const discovers = isDefault || context.discoverSecondaryFiles !== false;
      await enrich(value, port.type, port, { process, scope, context, discovers, place: `inputs.${port.id}` });
    }
  }
  return inputs;
}

/** The value that is given, or the default. */
const givenTo = (port: InputPort, given: Inputs): Value => given[port.id] ?? port.default ?? null;

/** Tells everything that is missing or of another type at once. */
function refuseMisfits(process: Process, given: Inputs): void {
  const found = process.inputs.flatMap((port) => mismatches(port.type, givenTo(port, given), [`inputs.${port.id}`]));
  const [first, ...others] = found;
  if (!first) return;
  const more = others.map(({ place, message }) => `\n${place}: ${message}`).join("");
  throw new JobError("input", first.place, first.message + more);
}

function normalEntriesOf(value: Value, place: string, mayRead: MayRead | undefined): Value {
  if (typeof value !== "object" || value === null) return value;
  if (isEntry(value)) return normalEntry(value, place, mayRead);
  if (Array.isArray(value)) return value.map((item, index) => normalEntriesOf(item, `${place}[${index}]`, mayRead));
  return mapFields(value as { [key: string]: Value }, (inner, key) => normalEntriesOf(inner, `${place}.${key}`, mayRead));
}

function mapFields(record: { [key: string]: Value }, change: (value: Value, key: string) => Value): { [key: string]: Value } {
  const changed: { [key: string]: Value } = {};
  for (const [key, value] of Object.entries(record)) setKey(changed, key, change(value, key));
  return changed;
}

interface Enriching {
  process: Process;
  scope: ExpressionScope;
  context: BindingContext;
  discovers: boolean;
  place: string;
}

/** Walks a value beside its type, so that fields of records follow their own traits. */
async function enrich(value: Value, type: CwlType, traits: FileTraits, at: Enriching): Promise<void> {
  if (typeof value !== "object" || value === null) return;
  if (isEntry(value)) return enrichEntry(value, traits, at);
  const member = memberFor(type, value);
  if (Array.isArray(value)) {
    const array = typeof member === "object" && member.type === "array" ? member : undefined;
    const inner = loading(traits, array?.inputBinding);
    for (const [index, item] of value.entries())
      await enrich(item, array?.items ?? "Any", inner, { ...at, place: `${at.place}[${index}]` });
    return;
  }
  const fields = typeof member === "object" && member.type === "record" ? member.fields : [];
  for (const [key, inner] of Object.entries(value as { [key: string]: Value })) {
    const field = fields.find(({ name }) => name === key);
    await enrich(inner, field?.type ?? "Any", loading(field ?? {}, field?.inputBinding), { ...at, place: `${at.place}.${key}` });
  }
}

/** The traits with what the binding of an array's items or of a field says (CWL v1.2 §InputBinding.loadContents). */
function loading(traits: FileTraits, binding: InputBinding | undefined): FileTraits {
  return traits.loadContents === undefined && binding?.loadContents ? { ...traits, loadContents: true } : traits;
}

async function enrichEntry(entry: Entry, traits: FileTraits, at: Enriching): Promise<void> {
  if (entry.class === "Directory") return addListing(entry, traits, at);
  if (traits.secondaryFiles?.length) await addSecondaryFiles(entry, traits.secondaryFiles, at);
  if (traits.format?.length) {
    await refuseOtherFormats(entry, traits.format, at.scope, at.context.formats, at.place, at.context.acceptUnknownFormats);
  }
  if (traits.loadContents && !isLiteral(entry)) {
    entry.contents = readContents(entry.path as string, at.process.cwlVersion, at.place);
  }
  for (const [index, inner] of (entry.secondaryFiles ?? []).entries()) {
    if (inner.class === "Directory") addListing(inner, traits, { ...at, place: `${at.place}.secondaryFiles[${index}]` });
  }
}

/** CWL v1.2 §LoadListingRequirement: the port's own word, then the process's. */
function addListing(entry: Extract<Entry, { class: "Directory" }>, traits: FileTraits, at: Enriching): void {
  const { requirements, hints } = at.process;
  const depth = traits.loadListing ?? requirements.loadListing?.loadListing ?? hints.loadListing?.loadListing ?? "no_listing";
  if (depth !== "no_listing" && !isLiteral(entry)) entry.listing = readListing(entry.path as string, depth, at.place);
}

/**
 * Finds the secondary files that the patterns ask for: among those given with the File, else beside it on disk
 * (CWL v1.2 §SecondaryFileSchema; "discovery" is what the reference runner does for files given without them).
 */
async function addSecondaryFiles(primary: FileValue, patterns: NonNullable<FileTraits["secondaryFiles"]>, at: Enriching) {
  const place = `${at.place}.secondaryFiles`;
  const found = primary.secondaryFiles ?? [];
  primary.secondaryFiles = found;
  for (const { items, required, pattern } of await wantedSecondaryFiles(patterns, primary, at.scope, at.place)) {
    for (const item of items) {
      const name = typeof item === "string" ? item : (item.basename ?? "");
      if (found.some((given) => given.basename === name)) continue;
      const mayLook = at.discovers && primary.path !== undefined;
      const beside = typeof item !== "string" ? item : mayLook ? entryAt(besidePrimary(primary.path!, item)) : undefined;
      if (beside) found.push(normalEntry(beside, place, at.context.mayRead));
      else if (required) {
        throw new JobError(
          "input",
          place,
          `${name} (by the pattern ${pattern}) is missing beside ${primary.path ?? primary.basename}`,
        );
      }
    }
  }
}

/** Takes what only expressions see out of a value again: an empty `metadata`, and what is derived from `location`. */
function plainEntries(value: Value): Value {
  return mapEntries(value, plainEntry);
}

/** The same of all outputs of a process. */
export const plainOutputs = (outputs: Outputs): Outputs =>
  Object.fromEntries(Object.entries(outputs).map(([port, value]) => [port, plainEntries(value)]));

function plainEntry(entry: Entry): Entry {
  const plain: Entry = { ...entry };
  if (plain.metadata && Object.keys(plain.metadata).length === 0) delete plain.metadata;
  delete plain.path;
  if (plain.class === "Directory") {
    if (plain.listing) plain.listing = plain.listing.map(plainEntry);
    return plain;
  }
  delete plain.dirname;
  if (plain.secondaryFiles) {
    if (plain.secondaryFiles.length === 0) delete plain.secondaryFiles;
    else plain.secondaryFiles = plain.secondaryFiles.map(plainEntry);
  }
  return plain;
}

import { setImmediate } from "node:timers/promises";
import { BLOB } from "@causeway/agent";
import {
  type CompiledDocument,
  type CwlType,
  createScope,
  type DirectoryValue,
  type Evaluator,
  type ExpressionScope,
  type FileValue,
  type RecordField,
  type RecordType,
  type SecondaryFile,
  setKey,
  splitName,
  type Value,
  wantedSecondaryFiles,
} from "@causeway/cwl";
import { stagedName } from "../files/staged-name.ts";
import type { MentionedFile, TaskFiles } from "../files/task-files.ts";
import type { Problems } from "../problems.ts";
import { isStored, type StoredEntry } from "../stored-entry.ts";
import type { EngineInputs, PortValues } from "../tables.ts";

/** A file of the inputs with what is asked for beside it. */
interface Primary {
  file: MentionedFile;
  value: FileValue;
  /** Companions that the caller named. */
  given: readonly MentionedFile[];
  patterns: readonly SecondaryFile[];
  port: string;
  place: string;
}

/**
 * What the engine gets for a task's values: Files at their blobs with their secondary files, Directories with their whole
 * content. However many files there are, their companions take one query and the content of folders another.
 *
 * Secondary files are those that the caller named and those that the app's patterns ask for, in the folder of their
 * primary (tasks.md §4.1); a required one that is not there is one more of the errors. `found` are the files that the values mention.
 */
export async function engineValues(
  app: CompiledDocument,
  values: PortValues,
  found: ReadonlyMap<string, MentionedFile>,
  errors: Problems,
  { files, evaluator }: { files: TaskFiles; evaluator: Evaluator },
): Promise<EngineInputs> {
  const ids: EngineInputs["ids"] = [];
  const names: { [stagedName: string]: string } = {};
  const primaries: Primary[] = [];
  const directories: { folder: MentionedFile; value: DirectoryValue }[] = [];
  /** The id of the input whose value is gone through. */
  let port = "";

  function ofEntry(entry: MentionedFile): FileValue | DirectoryValue {
    return entry.type === "folder" ? ofFolder(entry) : ofFile(entry);
  }

  function basenameOf({ name }: MentionedFile): string {
    const staged = stagedName(name);
    if (staged !== name) names[staged] = name;
    return staged;
  }

  function ofFile(file: MentionedFile): FileValue {
    ids.push({ blob: file.bytesKey!, name: file.name, id: file.id });
    return {
      class: "File",
      location: BLOB + file.bytesKey,
      basename: basenameOf(file),
      size: file.size!,
      metadata: file.metadata,
    };
  }

  function ofFolder(folder: MentionedFile): DirectoryValue {
    const value: DirectoryValue = { class: "Directory", basename: basenameOf(folder) };
    directories.push({ folder, value });
    return value;
  }

  function ofStored(entry: StoredEntry, patterns: readonly SecondaryFile[], place: string): Value {
    const file = found.get(entry.path);
    if (!file) return null;
    const value = ofEntry(file);
    if (value.class === "File") {
      const given = (entry.secondaryFiles ?? []).flatMap(({ path }) => found.get(path) ?? []);
      if (given.length > 0 || patterns.length > 0) primaries.push({ file, value, given, patterns, port, place });
    }
    return value as Value;
  }

  function ofValue(value: unknown, type: CwlType, patterns: readonly SecondaryFile[], place: string): Value {
    if (Array.isArray(value)) return value.map((item, index) => ofValue(item, type, patterns, `${place}[${index}]`));
    if (typeof value !== "object" || value === null) return value as Value;
    if (isStored(value)) return ofStored(value, patterns, place);
    const fields = fieldsOf(type);
    const record: { [key: string]: Value } = {};
    for (const [key, inner] of Object.entries(value)) {
      const field = fields.get(key);
      setKey(record, key, ofValue(inner, field?.type ?? "Any", field?.secondaryFiles ?? patterns, `${place}.${key}`));
    }
    return record;
  }

  const inputs: { [port: string]: Value } = {};
  for (const { id, type, secondaryFiles = [] } of app.process.inputs) {
    port = id;
    const value = values[id];
    if (value !== null && value !== undefined) inputs[id] = ofValue(value, type, secondaryFiles, id);
  }

  const companions = await findCompanions(primaries, createScope(app.process, evaluator, inputs, {}), files, errors);
  for (const [{ value }, beside] of companions) if (beside.length > 0) value.secondaryFiles = beside.map(ofEntry);
  const content = await files.contents(directories.map(({ folder }) => folder));
  // The list grows while it is walked: folders in folders come after those that hold them.
  for (const { folder, value } of directories) value.listing = (content.get(folder.id) ?? []).map(ofEntry);
  return { values: inputs, ids, ...(Object.keys(names).length > 0 ? { names } : {}) };
}

/** Files for which patterns are evaluated in one go. */
const AT_A_TIME = 500;

/** Finds what the patterns ask for beside the files, as far as the caller has not named it. */
async function findCompanions(
  primaries: readonly Primary[],
  scope: ExpressionScope,
  files: TaskFiles,
  errors: Problems,
): Promise<Map<Primary, MentionedFile[]>> {
  const refuse = ({ port, place }: Primary, what: () => string) =>
    errors.add("MISSING_SECONDARY_FILE", port, place, () => `'${place}': ${what()}`);
  const namesOf = async (primary: Primary) => {
    const names = await namesBeside(primary, scope).catch((error: Error) => {
      refuse(primary, () => `what ${primary.file.name} needs beside it cannot be told: ${error.message}`);
      return [];
    });
    const given = new Set(primary.given.map(({ name }) => name));
    return { primary, names: names.filter(({ name }) => !given.has(name)) };
  };
  const wanted: Awaited<ReturnType<typeof namesOf>>[] = [];
  for (let from = 0; from < primaries.length; from += AT_A_TIME) {
    wanted.push(...(await Promise.all(primaries.slice(from, from + AT_A_TIME).map(namesOf))));
    // Others have their turn between.
    await setImmediate();
  }
  const places = wanted.flatMap(({ primary, names }) => names.map(({ name }) => ({ beside: primary.file, name })));
  const beside = await files.companions(places);
  const companions = new Map<Primary, MentionedFile[]>();
  for (const { primary, names } of wanted) {
    const here = beside.get(primary.file.parent ?? "");
    const all = [...primary.given];
    for (const { name, required } of names) {
      const companion = here?.get(name);
      if (companion) all.push(companion);
      else if (required) refuse(primary, () => `${primary.file.name} needs ${name} beside it, in the same folder.`);
    }
    companions.set(primary, all);
  }
  return companions;
}

/** The names that the patterns give for a file, each once. */
async function namesBeside(
  { file, value, patterns, place }: Primary,
  scope: ExpressionScope,
): Promise<{ name: string; required: boolean }[]> {
  const names = new Map<string, boolean>();
  // Beside it in its folder lies what has the names of the platform.
  const self = { ...value, basename: file.name, ...splitName(file.name), metadata: file.metadata };
  for (const { items, required } of await wantedSecondaryFiles(patterns, self, scope, place)) {
    for (const item of items) {
      const name = typeof item === "string" ? item : (item.basename ?? item.location?.split("/").at(-1) ?? "");
      names.set(name, required || names.get(name) === true);
    }
  }
  return [...names].map(([name, required]) => ({ name, required }));
}

/** The fields that a value of a type may have, also as an item of a list, by name: gathered once for a type. */
const knownFields = new WeakMap<object, ReadonlyMap<string, RecordField>>();

function fieldsOf(type: CwlType): ReadonlyMap<string, RecordField> {
  const known = typeof type === "object" ? knownFields.get(type) : undefined;
  if (known) return known;
  const fields = new Map<string, RecordField>();
  for (const field of recordsIn(type).flatMap((record) => record.fields))
    if (!fields.has(field.name)) fields.set(field.name, field);
  if (typeof type === "object") knownFields.set(type, fields);
  return fields;
}

/** The record types that a value of the type may have, also as an item of a list. */
function recordsIn(type: CwlType): RecordType[] {
  if (Array.isArray(type)) return type.flatMap(recordsIn);
  if (typeof type === "string" || type.type === "enum") return [];
  return type.type === "array" ? recordsIn(type.items) : [type];
}

import { type CwlType, type InputPort, isOfPrimitive, type RecordField, setKey, type Value } from "@causeway/cwl";
import { ApiError } from "../http/errors.ts";
import { SETTINGS } from "../settings.ts";
import { Problems } from "./problems.ts";
import type { StoredEntry } from "./stored-entry.ts";
import type { PortValues } from "./tables.ts";

/** A file or folder that a value mentions. */
export interface FileReference {
  entry: StoredEntry;
  /** The id of the input. */
  port: string;
  /** The input, and the place in it: `reads[2]`. */
  place: string;
}

/** What was made of the values that a request gave. */
export interface ReadValues {
  values: PortValues;
  mentions: FileReference[];
  errors: Problems;
  warnings: Problems;
}

interface Reading extends ReadValues {
  /** The id of the input that is being read. */
  port: string;
  /** Counts values. @throws ApiError `badRequest` beyond what a task may have */
  count(values: number): void;
}

/**
 * Reads values for an app's inputs as clients send them (tasks.md §4): files as objects or bare ids, `Folder` for
 * `Directory`, `3.0` for 3, and one value where a list is wanted (R unboxes lists of one). Values that do not fit are
 * kept as they are and reported. Values for inputs that the app has not are dropped, with a warning.
 *
 * @throws ApiError `badRequest` for more values than `valuesAtMost`: others wait while they are read, and changes of a draft
 * add to them; fields that a record lacks count, too, a file as three
 */
export function readValues(
  ports: readonly InputPort[],
  given: PortValues,
  { valuesAtMost, batchInput }: { valuesAtMost: number; batchInput?: string | undefined },
): ReadValues {
  let counted = 0;
  const read: Reading = {
    values: {},
    mentions: [],
    errors: new Problems(),
    warnings: new Problems(),
    port: "",
    count(values) {
      counted += values;
      if (counted > valuesAtMost) throw tooMany(valuesAtMost);
    },
  };
  for (const port of ports) {
    const value = given[port.id] ?? null;
    const type = port.id === batchInput ? batchedType(port.type) : port.type;
    read.port = port.id;
    read.values[port.id] = value === null ? null : readValue(type, value, port.id, read);
    if (value === null && port.default === undefined && !accepts(port.type, null))
      read.errors.add("MISSING_INPUT", port.id, port.id, () => `Required input '${port.id}' has no value.`);
  }
  const known = new Set(ports.map(({ id }) => id));
  for (const key of Object.keys(given)) {
    if (known.has(key)) continue;
    read.warnings.add("UNKNOWN_INPUT", key, key, () => `The app has no input '${key}': its value is left out.`);
  }
  return read;
}

const tooMany = (allowed: number): ApiError =>
  new ApiError(
    "badRequest",
    `The inputs have more values than the ${allowed.toLocaleString("en-US")} that are allowed (${SETTINGS.bodyValues.variable}), with all fields of their records.`,
  );

/** In a batch a port holds a list though a single value may be its type: each child gets one item. */
const batchedType = (type: CwlType): CwlType => [type, { type: "array", items: type }].flat() as CwlType;

function readValue(type: CwlType, value: unknown, place: string, read: Reading): unknown {
  read.count(1);
  const member = memberFor(type, value);
  if (member === undefined) {
    const code = isEnum(type) ? "INVALID_ENUM" : "INVALID_TYPE";
    read.errors.add(code, read.port, place, () => `'${place}' is ${nameOf(value)}, and ${describe(type)} is needed.`);
    return value;
  }
  if (member === "File" || member === "Directory") return readEntry(member, value, place, read);
  if (member === "Any") return readAny(value, place, read);
  if (typeof member === "string") return value;
  if (Array.isArray(member)) return value;
  switch (member.type) {
    case "array": {
      const items = Array.isArray(value) ? value : [value];
      return items.map((item, index) => readValue(member.items, item, `${place}[${index}]`, read));
    }
    case "record":
      return readRecord(member.fields, value as PortValues, place, read);
    case "enum":
      return value;
  }
}

function readRecord(fields: readonly RecordField[], value: PortValues, place: string, read: Reading): PortValues {
  read.count(fields.length);
  const record: PortValues = {};
  for (const { name, type } of fields) {
    const field = value[name] ?? null;
    record[name] = field === null && accepts(type, null) ? null : readValue(type, field, `${place}.${name}`, read);
  }
  return record;
}

function readAny(value: unknown, place: string, read: Reading): unknown {
  read.count(1);
  const kind = entryKind(value);
  if (kind && hasPath(value)) return readEntry(kind, value, place, read);
  if (Array.isArray(value)) return value.map((item, index) => readAny(item, `${place}[${index}]`, read));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, readAny(field, `${place}.${key}`, read)]));
}

/** A file's stored form. Its kind is what its port asks for: whether it really is that is asked of the files. */
function readEntry(kind: "File" | "Directory", value: unknown, place: string, read: Reading): StoredEntry {
  const given = typeof value === "string" ? { path: value } : (value as { path: string; secondaryFiles?: unknown });
  const entry: StoredEntry = { class: kind, path: given.path.toLowerCase() };
  read.count(2);
  read.mentions.push({ entry, port: read.port, place });
  if (Array.isArray(given.secondaryFiles)) {
    entry.secondaryFiles = given.secondaryFiles
      .map((companion, index) => ({ companion, kind: entryKind(companion), at: `${place}.secondaryFiles[${index}]` }))
      .filter(({ companion, kind }) => kind !== undefined && hasPath(companion))
      .map(({ companion, kind, at }) => readEntry(kind!, companion, at, read));
  }
  return entry;
}

/** The member of a union that takes the value; the type itself when it is none. Lists take single values, too. */
function memberFor(type: CwlType, value: unknown): CwlType | undefined {
  const members = Array.isArray(type) ? type : [type];
  return (
    members.find((member) => accepts(member, value)) ?? members.find((member) => isArray(member) && acceptsAsList(member, value))
  );
}

const acceptsAsList = ({ items }: { items: CwlType }, value: unknown): boolean =>
  !Array.isArray(value) && value !== null && accepts(items, value);

/** Whether the value has the form of the type; only the outermost layer of lists and records is looked at. */
function accepts(type: CwlType, value: unknown): boolean {
  if (Array.isArray(type)) return type.some((member) => accepts(member, value));
  if (typeof type === "object") {
    if (type.type === "array") return Array.isArray(value);
    if (type.type === "enum") return typeof value === "string" && type.symbols.includes(value);
    return isRecord(value) && entryKind(value) === undefined;
  }
  if (type !== "File" && type !== "Directory") return isOfPrimitive(type, value as Value);
  return (typeof value === "string" && FILE_ID.test(value)) || (entryKind(value) !== undefined && hasPath(value));
}

const FILE_ID = /^[0-9a-f]{24}$/i;
const isArray = (type: CwlType): type is Extract<CwlType, { type: "array" }> =>
  typeof type === "object" && "type" in type && type.type === "array";
const isEnum = (type: CwlType): boolean =>
  [type].flat().some((member) => typeof member === "object" && "type" in member && member.type === "enum");
const isRecord = (value: unknown): value is PortValues => typeof value === "object" && value !== null && !Array.isArray(value);
const hasPath = (value: unknown): boolean => isRecord(value) && typeof value.path === "string" && value.path !== "";

/** What the `class` of a value says, in any case; `Folder` is what R calls a Directory. */
function entryKind(value: unknown): "File" | "Directory" | undefined {
  if (!isRecord(value) || typeof value.class !== "string") return undefined;
  const kind = value.class.toLowerCase();
  return kind === "file" ? "File" : kind === "directory" || kind === "folder" ? "Directory" : undefined;
}

function nameOf(value: unknown): string {
  if (value === null) return "not given";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** A type in words, for messages. */
function describe(type: CwlType): string {
  if (Array.isArray(type))
    return type
      .filter((member) => member !== "null")
      .map(describe)
      .join(" or ");
  if (typeof type === "string") return type;
  if (type.type === "array") return `a list of ${describe(type.items)}`;
  if (type.type === "enum") return `one of ${type.symbols.join(", ")}`;
  return `a record of ${type.fields.map(({ name }) => name).join(", ")}`;
}

/**
 * Values after a change: null clears an input; objects that are no files are merged, level by level, since Python sends
 * only the fields of a record that changed (tasks.md §3.4); everything else is replaced.
 */
export function mergeValues(current: PortValues, change: PortValues): PortValues {
  const merged = { ...current };
  for (const [key, value] of Object.entries(change)) {
    const before = Object.hasOwn(merged, key) ? merged[key] : undefined;
    setKey(merged, key, isPlain(before) && isPlain(value) ? mergeValues(before, value) : value);
  }
  return merged;
}

const isPlain = (value: unknown): value is PortValues => isRecord(value) && !("class" in value);

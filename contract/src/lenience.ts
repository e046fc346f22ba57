import type { TSchema } from "typebox";
import type { Lenience } from "./forms.ts";
import { validatorOf } from "./validators.ts";

/**
 * Reading what real clients send (conventions.md §4, §12, §13, §15) before it is validated. Nothing here refuses: a value
 * that cannot be read stays as it is, and the validator says so.
 */

/** A JSON Schema as plain data; these are the keywords that reading and describing look at. */
export interface Json extends Lenience {
  type?: string;
  properties?: Record<string, Json>;
  additionalProperties?: boolean | Json;
  required?: string[];
  items?: Json;
  anyOf?: Json[];
  enum?: unknown[];
  const?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
}

interface How {
  /** Whether `null` for an optional key that does not allow it counts as absent. */
  readonly nullIsAbsent: boolean;
  /** Whether a number comes as its digits, as in a path or a query. */
  readonly numbersAreText?: boolean;
}

/** The value as its schema means it. */
export function read(schema: TSchema, value: unknown, how: How): unknown {
  return readValue(schema as Json, value, how);
}

function readValue(schema: Json, value: unknown, how: How): unknown {
  if (schema.anyOf) return readOneOf(schema.anyOf, value, how);
  if (schema.enum) return wordOf(schema.enum, value);
  switch (schema.type) {
    case "object":
      return isObject(value) ? readObject(schema, value, how) : value;
    case "array":
      return readArray(schema, value, how);
    case "boolean":
      return booleanOf(value, schema["x-yes-no"] === true);
    case "string":
      return textOf(schema, value);
    case "integer":
    case "number":
      return how.numbersAreText && typeof value === "string" ? numberOf(value) : value;
    default:
      return value;
  }
}

function readObject(schema: Json, value: Record<string, unknown>, how: How): Record<string, unknown> {
  const kept: [string, unknown][] = [];
  for (const [key, below] of Object.entries(schema.properties ?? {})) {
    const alias = below["x-alias"];
    const name = alias !== undefined && (!Object.hasOwn(value, key) || value[key] === null) ? alias : key;
    if (!Object.hasOwn(value, name)) continue;
    const given = value[name];
    const optional = !schema.required?.includes(key);
    if (given === null && !allowsNull(below) && (how.nullIsAbsent || below["x-null-absent"] || !optional)) continue;
    if (below["x-blank-absent"] && (given === null || given === "")) continue;
    kept.push([key, readValue(below, given, below["x-null-absent"] ? { ...how, nullIsAbsent: true } : how)]);
  }
  for (const [key, given] of Object.entries(value)) {
    const below = otherKeySchema(schema, key);
    if (below !== undefined) kept.push([key, readValue(below, given, how)]);
  }
  return Object.fromEntries(kept);
}

/** The schema of a key that is not among the properties; undefined for one to drop. */
function otherKeySchema(schema: Json, key: string): Json | undefined {
  if (schema.properties && Object.hasOwn(schema.properties, key)) return undefined;
  const { additionalProperties } = schema;
  return additionalProperties === true ? {} : additionalProperties || undefined;
}

function readArray(schema: Json, value: unknown, how: How): unknown {
  const items = schema.items ?? {};
  const under = schema["x-also-under"];
  if (under !== undefined && isObject(value)) {
    if (Object.hasOwn(value, under)) return readArray(schema, value[under], how);
    if (Object.keys(value).length === 0) return [];
  }
  // R sends a vector of one as its bare element.
  if (typeof value === "string" && (items.type === "string" || items.enum)) return [readValue(items, value, how)];
  return Array.isArray(value) ? atMost(value, schema.maxItems).map((element) => readValue(items, element, how)) : value;
}

/** Of a list that is too long only as much as it takes to see that: nobody looks at the rest. */
const atMost = (list: readonly unknown[], most = Number.POSITIVE_INFINITY): readonly unknown[] =>
  list.length > most ? list.slice(0, most + 1) : list;

function readOneOf(branches: readonly Json[], value: unknown, how: How): unknown {
  for (const branch of branches) {
    const readAs = readValue(branch, value, how);
    if (validatorOf(branch as TSchema).Check(readAs)) return readAs;
  }
  return value;
}

function wordOf(words: readonly unknown[], value: unknown): unknown {
  if (typeof value !== "string" || words.includes(value)) return value;
  const wanted = value.trim().toLowerCase();
  return words.find((word) => typeof word === "string" && word.toLowerCase() === wanted) ?? value;
}

function booleanOf(value: unknown, yesNo: boolean): unknown {
  if (typeof value !== "string") return value;
  const word = value.trim().toLowerCase();
  if (word === "true" || (yesNo && word === "yes")) return true;
  if (word === "false" || (yesNo && word === "no")) return false;
  return value;
}

function textOf(schema: Json, value: unknown): unknown {
  const text = schema["x-as-text"] && (typeof value === "number" || typeof value === "boolean") ? String(value) : value;
  return schema["x-lower"] && typeof text === "string" ? text.toLowerCase() : text;
}

/** The parameters that `schema` names, as values of its types. */
export function readQuery(schema: TSchema, query: URLSearchParams): Record<string, unknown> {
  const { properties = {} } = schema as Json;
  const kept: [string, unknown][] = [];
  for (const [name, below] of Object.entries(properties)) {
    const value = below["x-dotted"] ? dotted(name, query) : parameter(name, below, query);
    if (value !== undefined) kept.push([name, value]);
  }
  return Object.fromEntries(kept);
}

const FROM_QUERY: How = { nullIsAbsent: true, numbersAreText: true };

function parameter(name: string, schema: Json, query: URLSearchParams): unknown {
  const [first] = query.getAll(name);
  if (first === undefined || (schema["x-blank-absent"] && first === "")) return undefined;
  if (schema.type === "array") {
    const values = schema["x-whole"] ? query.getAll(name) : splitAtCommas(query.getAll(name));
    return values.length === 0 ? undefined : readArray(schema, values, FROM_QUERY);
  }
  return readValue(schema, first, FROM_QUERY);
}

/** `metadata.sample_id=S1`: the key is all that follows the first dot. */
function dotted(name: string, query: URLSearchParams): Record<string, string[]> | undefined {
  const values = new Map<string, string[]>();
  for (const [full, value] of query) {
    if (!full.startsWith(`${name}.`)) continue;
    const key = full.slice(name.length + 1);
    values.set(key, [...(values.get(key) ?? []), value]);
  }
  return values.size === 0 ? undefined : Object.fromEntries(values);
}

const splitAtCommas = (values: readonly string[]): string[] =>
  values
    .flatMap((value) => value.split(","))
    .map((value) => value.trim())
    .filter((value) => value !== "");

const numberOf = (text: string): unknown => (/^[+-]?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text);

function allowsNull(schema: Json): boolean {
  if (schema.anyOf) return schema.anyOf.some(allowsNull);
  // A schema without any keyword takes everything.
  return schema.type === "null" || (schema.type === undefined && schema.enum === undefined && schema.const === undefined);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a schema takes, in words that finish "… must be". */
export function describeAllowed(schema: Json | undefined): string {
  if (!schema) return "left out";
  if (schema["x-form"]) return schema["x-form"];
  if (schema.anyOf) return schema.anyOf.map(describeAllowed).join(" or ");
  if (schema.enum) return `one of ${schema.enum.map((word) => `\`${word}\``).join(", ")}`;
  switch (schema.type) {
    case "boolean":
      return "true or false";
    case "integer":
      return `an integer${range(schema.minimum, schema.maximum)}`;
    case "number":
      return `a number${range(schema.minimum, schema.maximum)}`;
    case "string":
      return `a text${counted(schema.minLength, schema.maxLength, "characters")}`;
    case "array": {
      const items = schema.items && schema.items.type !== undefined ? `, each ${describeAllowed(schema.items)}` : "";
      return `a list${counted(schema.minItems, schema.maxItems, "elements")}${items}`;
    }
    case "object":
      return "an object";
    case "null":
      return "null";
    default:
      return "a JSON value";
  }
}

function range(minimum: number | undefined, maximum: number | undefined): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return ` of at least ${minimum}`;
  return maximum === undefined ? "" : ` of at most ${maximum}`;
}

function counted(minimum: number | undefined, maximum: number | undefined, what: string): string {
  if (minimum !== undefined && maximum !== undefined) return ` of ${minimum} to ${maximum} ${what}`;
  if (minimum !== undefined) return ` of at least ${minimum} ${what}`;
  return maximum === undefined ? "" : ` of at most ${maximum} ${what}`;
}

import { isLong } from "../long.ts";
import type { ArrayType, CwlType, EnumType, PrimitiveType, RecordType, Value } from "../model.ts";
import { suggestion } from "../suggestion.ts";
import { isDirectory, isFile } from "./file-value.ts";
import { shown } from "./job-error.ts";

const INT_LIMIT = 2 ** 31;

/** Why a value is not of a type: where in the value, and what was expected there. */
export interface Mismatch {
  place: string;
  message: string;
}

/** The same, with the keys and indexes that lead to the place. */
export interface PlacedMismatch extends Mismatch {
  path: readonly (string | number)[];
}

/** Every reason why a value is not of a type, where `mismatch` tells the first. */
export function mismatches(type: CwlType, value: Value | undefined, path: readonly (string | number)[]): PlacedMismatch[] {
  const place = showPlace(path);
  const first = mismatch(type, value, place);
  if (!first) return [];
  const alike = Array.isArray(type) ? type.filter((member) => sameShape(member, value)) : [type];
  const member = alike.length === 1 ? alike[0] : undefined;
  if (typeof member === "object" && !Array.isArray(member)) {
    if (member.type === "array" && Array.isArray(value))
      return value.flatMap((item: Value, index: number) => mismatches(member.items, item, [...path, index]));
    if (member.type === "record" && sameShape(member, value)) {
      const record = value as { [key: string]: Value };
      return member.fields.flatMap((field) =>
        mismatches(field.type, record[field.name], [...path, field.name]).map((found) => ({
          ...found,
          message: found.message + misspelt(field.name, record, member),
        })),
      );
    }
  }
  return [{ ...first, path }];
}

/** `region.bounds[1]` */
export const showPlace = (path: readonly (string | number)[]): string =>
  path.map((key, index) => (typeof key === "number" ? `[${key}]` : index === 0 ? key : `.${key}`)).join("");

/**
 * The reason `value` is not of `type`, or undefined when it is (CWL v1.2 §CWLType). A missing record field is null.
 * `exact` refuses fields a record does not name: it chooses between the records of a union.
 */
export function mismatch(type: CwlType, value: Value | undefined, place: string, exact = false): Mismatch | undefined {
  if (Array.isArray(type)) return mismatchOfUnion(type, value, place, exact);
  if (typeof type === "string") return isOfPrimitive(type, value ?? null) ? undefined : unexpected(type, value, place);
  if (type.type === "array") {
    if (!Array.isArray(value)) return unexpected(type, value, place);
    for (let index = 0; index < value.length; index++) {
      const found = mismatch(type.items, value[index] as Value, `${place}[${index}]`, exact);
      if (found) return found;
    }
    return undefined;
  }
  if (type.type === "enum") return type.symbols.includes(value as string) ? undefined : unexpected(type, value, place);
  return mismatchOfRecord(type, value, place, exact);
}

/**
 * The member of a union that a value belongs to: the first that matches exactly, else the first that matches.
 * A type that is no union is its own member.
 */
export function memberFor(type: CwlType, value: Value): Exclude<CwlType, CwlType[]> | undefined {
  if (!Array.isArray(type)) return type;
  for (const exact of [true, false]) {
    for (const member of type) {
      if (mismatch(member, value, "", exact) === undefined) return memberFor(member, value);
    }
  }
  return undefined;
}

/** A type as a message names it: `File[]`, `int or null`, `one of a, b`. */
export function typeName(type: CwlType): string {
  if (typeof type === "string") return type;
  if (Array.isArray(type)) {
    const named = type.filter((member) => member !== "null").map(typeName);
    return type.includes("null") ? `${named.join(" or ")} or null` : named.join(" or ");
  }
  if (type.type === "array") {
    const items = typeName(type.items);
    return items.includes(" ") ? `(${items})[]` : `${items}[]`;
  }
  if (type.type === "enum") return `one of ${type.symbols.join(", ")}`;
  return `record {${type.fields.map((field) => field.name).join(", ")}}`;
}

/** Whether a value is of a type that has no parts (CWL v1.2 §CWLType). */
export function isOfPrimitive(type: PrimitiveType, value: Value): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "boolean":
      return typeof value === "boolean";
    case "int":
      return Number.isInteger(value) && (value as number) >= -INT_LIMIT && (value as number) < INT_LIMIT;
    case "long":
      return isLong(value);
    case "float":
    case "double":
      return typeof value === "number" || typeof value === "bigint";
    case "string":
      return typeof value === "string";
    case "File":
      return isFile(value);
    case "Directory":
      return isDirectory(value);
    case "Any":
      // Everything but null (CWL v1.2 §Any).
      return value !== null;
  }
}

function mismatchOfRecord(type: RecordType, value: Value | undefined, place: string, exact: boolean): Mismatch | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return unexpected(type, value, place);
  const given = value as { [key: string]: Value };
  for (const field of type.fields) {
    const found = mismatch(field.type, given[field.name], `${place}.${field.name}`, exact);
    if (found) return { ...found, message: found.message + misspelt(field.name, given, type) };
  }
  if (!exact) return undefined;
  const surplus = surplusOf(given, type)[0];
  return surplus === undefined ? undefined : { place: `${place}.${surplus}`, message: "is no field of the record" };
}

const surplusOf = (given: { [key: string]: Value }, { fields }: RecordType): string[] =>
  Object.keys(given).filter((key) => !fields.some(({ name }) => name === key));

/** Under which other name the value of a missing field may stand. */
function misspelt(field: string, given: { [key: string]: Value }, type: RecordType): string {
  if (given[field] !== undefined) return "";
  const near = surplusOf(given, type).find((key) => suggestion(key, [field]).startsWith("did you mean"));
  return near === undefined ? "" : `; is \`${near}\` meant?`;
}

function mismatchOfUnion(members: CwlType[], value: Value | undefined, place: string, exact: boolean): Mismatch | undefined {
  for (const member of members) {
    if (mismatch(member, value, place, exact) === undefined) return undefined;
  }
  // The one member of the value's own shape says more than "none of these".
  const alike = members.filter((member) => sameShape(member, value));
  if (alike.length === 1) return mismatch(alike[0] as CwlType, value, place, exact);
  return unexpected(members, value, place);
}

function sameShape(type: CwlType, value: Value | undefined): boolean {
  if (typeof type === "string" || Array.isArray(type)) return false;
  if (Array.isArray(value)) return (type as ArrayType | RecordType | EnumType).type === "array";
  if (typeof value === "string") return type.type === "enum";
  return typeof value === "object" && value !== null && !("class" in value) && type.type === "record";
}

function unexpected(type: CwlType, value: Value | undefined, place: string): Mismatch {
  if (value === undefined || value === null) return { place, message: `is missing (expected ${typeName(type)})` };
  const alone = Array.isArray(value) && value.length === 1 && mismatch(type, value[0], place) === undefined;
  const advice = alone ? "write its one item without the list around it" : adviceFor(type, value);
  return { place, message: `expected ${typeName(type)}, got ${describe(value)}${advice && `; ${advice}`}` };
}

/** How the value might be written so that it fits; "" where nothing suggests itself. */
function adviceFor(type: CwlType, value: Value): string {
  const members = Array.isArray(type) ? type : [type];
  for (const member of members) {
    const advice = typeof member === "string" ? adviceForPrimitive(member, value) : adviceForSchema(member, value);
    if (advice !== "") return advice;
  }
  return "";
}

function adviceForPrimitive(type: string, value: Value): string {
  const isPlain = typeof value === "object" && value !== null && !Array.isArray(value) && !("class" in value);
  if (type === "File" || type === "Directory") {
    const { path, location } = (isPlain ? value : {}) as { path?: Value; location?: Value };
    if (typeof value === "string") return `write {class: ${type}, path: ${inYaml(value)}}`;
    const written = typeof value === "object" && value !== null && "class" in value ? value.class : undefined;
    if (typeof written === "string" && written !== type && written.toLowerCase() === type.toLowerCase())
      return `write class: ${type}, with a capital`;
    if (typeof path === "string") return `write {class: ${type}, path: ${inYaml(path)}}`;
    return typeof location === "string" ? `write {class: ${type}, location: ${inYaml(location)}}` : "";
  }
  if (["int", "long", "float", "double"].includes(type) && typeof value === "string" && /^[+-]?\d+(\.\d+)?$/.test(value))
    return `write ${value}, without quotes`;
  if (type === "boolean" && (value === "true" || value === "false")) return `write ${value}, without quotes`;
  const isWhole = typeof value === "bigint" || Number.isInteger(value);
  if (type === "int" && isWhole) return `an int is from ${-INT_LIMIT} to ${INT_LIMIT - 1}: the app must take a long here`;
  if (type === "long" && isWhole) return "a long has 64 bits, and this number needs more";
  const isScalar = ["number", "bigint", "boolean"].includes(typeof value);
  return type === "string" && isScalar ? `write "${String(value)}", with quotes` : "";
}

function adviceForSchema(type: ArrayType | RecordType | EnumType | CwlType[], value: Value): string {
  if (Array.isArray(type)) return adviceFor(type, value);
  if (type.type === "array") {
    if (Array.isArray(value)) return "";
    return mismatch(type.items, value, "") === undefined ? "write it as a list: [ … ]" : adviceFor(type.items, value);
  }
  if (type.type !== "enum" || typeof value !== "string") return "";
  const near = suggestion(value, type.symbols);
  return near.startsWith("did you mean") ? near : "";
}

/** A text as a value of a flow mapping. */
const inYaml = (text: string): string => (/^[\w./-]+$/.test(text) ? text : JSON.stringify(text));

function describe(value: Value): string {
  if (isFile(value) || isDirectory(value))
    return `a ${value.class} ${shown(value.basename ?? value.location ?? value.path ?? "literal")}`;
  if (Array.isArray(value)) return `a list of ${value.length}: ${shown(value)}`;
  if (typeof value === "object" && value !== null) return `an object ${shown(value)}`;
  return `the ${typeof value === "bigint" ? "number" : typeof value} ${shown(value)}`;
}

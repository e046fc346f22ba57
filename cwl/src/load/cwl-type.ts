import type { ArrayType, CwlType, EnumType, PrimitiveType, RecordField, RecordType } from "../model.ts";
import { suggestion } from "../suggestion.ts";
import { readInputBinding, readOutputBinding } from "./binding.ts";
import { type Cursor, quoted, shortName } from "./cursor.ts";
import { readFileTraits } from "./file-traits.ts";
import { candidates, identify } from "./identifier.ts";
import { child, isMapping, isSequence, type Node, text } from "./node.ts";
import { checkFields, type ProcessScope, since } from "./process-scope.ts";
import { ownName } from "./vocabulary.ts";

const PRIMITIVES: readonly PrimitiveType[] = [
  "null",
  "boolean",
  "int",
  "long",
  "float",
  "double",
  "string",
  "File",
  "Directory",
  "Any",
];

/** Which side of a process a type is on: it decides which bindings its fields may have. */
export type Side = "input" | "output";

/** Reads a type in any of its written forms (CWL v1.2 §Type DSL, §SchemaDefRequirement) into the resolved form. */
export function readType(cursor: Cursor, scope: ProcessScope, side: Side): CwlType | undefined {
  if (typeof cursor.scalar === "string") return namedType(cursor, cursor.scalar, scope, side);
  if (cursor.isSequence) {
    const members = cursor.items().flatMap((item) => readType(item, scope, side) ?? []);
    if (cursor.items().length === 0) cursor.error("a list of types must not be empty");
    return members.length === 0 ? undefined : union(members);
  }
  if (!cursor.isMapping) return cursor.expected("a type: a name, a list of types, or an array, record or enum");
  const kind = cursor.get("type");
  if (kind === undefined) return cursor.error(`a type needs ${quoted("type")}: array, record or enum`);
  // `type: {type: {type: array, …}}` says nothing more than the inner type.
  if (kind.isMapping || kind.isSequence) return readType(kind, scope, side);
  const name = shortName(kind.string() ?? "");
  if (name === "array") return readArray(cursor, scope, side);
  if (name === "record") return readRecord(cursor, scope, side);
  if (name === "enum") return readEnum(cursor, scope);
  return readType(kind, scope, side);
}

const ARRAY_FIELDS = {
  ...since("v1.0", "type", "items", "name", "label", "inputBinding", "outputBinding"),
  ...since("v1.1", "doc"),
};
function readArray(cursor: Cursor, scope: ProcessScope, side: Side): ArrayType | undefined {
  checkFields(cursor, ARRAY_FIELDS, scope);
  const items = cursor.get("items");
  if (items === undefined) return cursor.error(`an array type needs ${quoted("items")}`);
  const type = readType(items, scope, side);
  if (type === undefined) return undefined;
  return define(cursor, scope, { type: "array", items: type, ...described(cursor), ...bound(cursor, scope) });
}

const RECORD_FIELDS = {
  ...since("v1.0", "type", "fields", "name", "label", "inputBinding", "outputBinding"),
  ...since("v1.1", "doc"),
};
function readRecord(cursor: Cursor, scope: ProcessScope, side: Side): RecordType {
  checkFields(cursor, RECORD_FIELDS, scope);
  const fields = cursor.get("fields")?.entries("name", "type") ?? [];
  const type: RecordType = {
    type: "record",
    fields: fields.flatMap(({ id, body }) => readField(id, body, scope, side) ?? []),
    ...described(cursor),
    ...bound(cursor, scope),
  };
  return define(cursor, scope, type);
}

const ENUM_FIELDS = {
  ...since("v1.0", "type", "symbols", "name", "label", "inputBinding", "outputBinding"),
  ...since("v1.1", "doc"),
};
function readEnum(cursor: Cursor, scope: ProcessScope): EnumType | undefined {
  checkFields(cursor, ENUM_FIELDS, scope);
  const symbols = cursor.get("symbols");
  if (symbols === undefined) return cursor.error(`an enum type needs ${quoted("symbols")}`);
  // Packed documents write symbols as identifiers: `#main/kind/fast`.
  const names = symbols.strings().map((symbol) => (symbol.includes("#") ? shortName(symbol) : symbol));
  return define(cursor, scope, { type: "enum", symbols: names, ...described(cursor), ...bound(cursor, scope) });
}

const FIELD_FIELDS = {
  ...since("v1.0", "name", "type", "doc", "label", "inputBinding", "outputBinding"),
  ...since("v1.1", "secondaryFiles", "streamable", "format", "loadContents", "loadListing"),
};
function readField(id: string, cursor: Cursor, scope: ProcessScope, side: Side): RecordField | undefined {
  if (!checkFields(cursor, FIELD_FIELDS, scope)) return undefined;
  const typeAt = cursor.get("type");
  if (typeAt === undefined) return cursor.error(`a field needs ${quoted("type")}`);
  const type = readType(typeAt, scope, side);
  if (type === undefined) return undefined;
  const field: RecordField = { name: shortName(id), type, ...readFileTraits(cursor, scope, side), ...bound(cursor, scope) };
  const label = cursor.get("label")?.string();
  const doc = cursor.get("doc")?.lines();
  const outputBinding = cursor.get("outputBinding");
  if (label !== undefined) field.label = label;
  if (doc !== undefined) field.doc = doc;
  if (outputBinding !== undefined && side === "output") field.outputBinding = readOutputBinding(outputBinding, scope);
  return field;
}

function namedType(cursor: Cursor, written: string, scope: ProcessScope, side: Side): CwlType | undefined {
  if (written.endsWith("?")) {
    const inner = namedType(cursor, written.slice(0, -1), scope, side);
    return inner && union(["null", inner]);
  }
  if (written.endsWith("[]")) {
    const items = namedType(cursor, written.slice(0, -2), scope, side);
    return items && { type: "array", items };
  }
  const own = ownName(written);
  if ((PRIMITIVES as readonly string[]).includes(own)) return own as PrimitiveType;
  for (const iri of candidates(written, scope.id, cursor.node.source.uri)) {
    const found = scope.named.get(iri);
    if (found !== undefined) return found;
  }
  const defined = [...scope.named.keys()].map(shortName);
  const near = suggestion(written, [...PRIMITIVES, ...defined]);
  return cursor.error(`unknown type ${quoted(written)}; ${near}`);
}

/** Reads SchemaDefRequirement's `types` into the scope, each after those it uses, in whatever order they stand. */
export function defineTypes(types: Cursor, scope: ProcessScope, side: Side = "input"): void {
  const waiting = new Map<string, Cursor>();
  for (const { id, body } of types.entries("name")) {
    if (id === "") continue;
    // In map form the name is only the key: write it where `define` looks for it.
    const node =
      text(body.node, "name") === undefined && isMapping(body.node)
        ? { ...body.node, value: new Map<string, Node>([...body.node.value, ["name", { ...body.node, value: id }]]) }
        : body.node;
    waiting.set(identify(id, scope.id, body.node.source.uri), body.at(node));
  }
  const visit = (iri: string, trail: readonly string[]): void => {
    const cursor = waiting.get(iri);
    if (cursor === undefined) return;
    if (trail.includes(iri)) {
      waiting.delete(iri);
      cursor.error(`type ${quoted(shortName(iri))} contains itself`);
      return;
    }
    for (const used of mentioned(cursor.node)) {
      for (const candidate of candidates(used.name, scope.id, used.base)) visit(candidate, [...trail, iri]);
    }
    if (waiting.delete(iri)) readType(cursor, scope, side);
  };
  for (const iri of [...waiting.keys()]) visit(iri, []);
}

/** The names in a type definition that stand where a type does: no label, text or default is one. */
function mentioned(node: Node | undefined): { name: string; base: string }[] {
  if (typeof node?.value === "string") return [{ name: node.value.replace(/(\[\]|\?)+$/, ""), base: node.source.uri }];
  if (isSequence(node)) return node.value.flatMap(mentioned);
  if (!isMapping(node)) return [];
  return [...mentioned(child(node, "type")), ...mentioned(child(node, "items")), ...fieldsOf(node).flatMap(mentioned)];
}

/** The fields of a record type. In map form the value may be the field's type itself. */
function fieldsOf(type: Node): readonly Node[] {
  const fields = child(type, "fields");
  if (isSequence(fields)) return fields.value;
  return isMapping(fields) ? [...fields.value.values()] : [];
}

function define<T extends ArrayType | RecordType | EnumType>(cursor: Cursor, scope: ProcessScope, type: T): T {
  const name = text(cursor.node, "name");
  if (name === undefined) return type;
  type.name = shortName(name);
  scope.named.set(identify(name, scope.id, cursor.node.source.uri), type);
  return type;
}

function described(cursor: Cursor): { label?: string } {
  const label = cursor.get("label")?.string();
  return label === undefined ? {} : { label };
}

function bound(cursor: Cursor, scope: ProcessScope): { inputBinding?: NonNullable<ArrayType["inputBinding"]> } {
  const at = cursor.get("inputBinding");
  const inputBinding = at && readInputBinding(at, scope);
  return inputBinding === undefined ? {} : { inputBinding };
}

/** A union without repetitions and without unions inside; one member is no union. */
function union(members: readonly CwlType[]): CwlType {
  const flat: CwlType[] = [];
  for (const member of members.flatMap((type) => (Array.isArray(type) ? type : [type]))) {
    if (typeof member !== "string" || !flat.includes(member)) flat.push(member);
  }
  return flat.length === 1 ? flat[0]! : flat;
}

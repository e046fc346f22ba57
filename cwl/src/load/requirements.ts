import type { Requirements } from "../model.ts";
import { suggestion } from "../suggestion.ts";
import { type Cursor, type Entry, quoted } from "./cursor.ts";
import { defineTypes } from "./cwl-type.ts";
import type { Declared } from "./declared.ts";
import { expandPrefix, type Library } from "./library.ts";
import { isMapping, isSequence, text, withKey } from "./node.ts";
import { checkFields, type ProcessScope, since } from "./process-scope.ts";
import { CWLTOOL, READERS } from "./requirement-readers.ts";
import { adoptedName, atLeast } from "./versions.ts";
import { ownName } from "./vocabulary.ts";

/** Reads the `requirements` and `hints` of a process or step, as written there. */
export function readDeclared(cursor: Cursor, scope: ProcessScope): Declared {
  return {
    requirements: readList(cursor.get("requirements"), scope, "requirement"),
    hints: readList(cursor.get("hints"), scope, "hint"),
  };
}

/** Reads `cwl:requirements` and `cwl:hints` of an input object (CWL v1.2 §Executing CWL documents). */
export function readDeclaredIn(order: Cursor, namespaces: ProcessScope["namespaces"], library: Library): Declared {
  const scope: ProcessScope = {
    id: order.node.source.uri,
    version: "v1.2",
    rules: "v1.2",
    namespaces,
    javascript: true,
    library,
    named: new Map(),
    scripts: {},
    formats: new Set(),
  };
  const list = (name: string) => order.get(`cwl:${name}`) ?? order.get(`${CWL}${name}`);
  return {
    requirements: readList(list("requirements"), scope, "requirement"),
    hints: readList(list("hints"), scope, "hint"),
  };
}

/**
 * What holds for a process inside its surroundings (CWL v1.2 §Requirements and hints): the nearest declaration of a class
 * wins, and a requirement wins over every hint, however near.
 */
export function inherit(outer: Declared, own: Declared): Declared {
  const requirements = merge(outer.requirements, own.requirements);
  const hints = merge(outer.hints, own.hints);
  for (const name of Object.keys(requirements) as (keyof Requirements)[]) if (name !== "other") delete hints[name];
  const required = new Set(requirements.other?.map((other) => other.class));
  if (hints.other) hints.other = hints.other.filter((other) => !required.has(other.class));
  return { requirements, hints };
}

function merge(outer: Requirements, own: Requirements): Requirements {
  const merged = { ...outer, ...own };
  if (outer.other && own.other) {
    const nearer = new Set(own.other.map((other) => other.class));
    merged.other = [...outer.other.filter((other) => !nearer.has(other.class)), ...own.other];
  }
  return merged;
}

function readList(cursor: Cursor | undefined, scope: ProcessScope, as: "requirement" | "hint"): Requirements {
  const found: Requirements = {};
  for (const { id, body } of cursor?.entries("class") ?? []) if (id !== "") readOne(found, { id, body }, scope, as);
  return found;
}

const CWL = "https://w3id.org/cwl/cwl#";
/** Documents often forget to declare the prefix of the reference runner. */
const PREFIXES = { cwltool: CWLTOOL };

function readOne(found: Requirements, { id, body }: Entry, scope: ProcessScope, as: "requirement" | "hint"): void {
  const iri = expandPrefix(id, { ...PREFIXES, ...scope.namespaces });
  const adopted = adoptedName(iri);
  const name = adopted ?? ownName(iri);
  const reader = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
  if (reader === undefined) {
    if (as === "requirement" && !isVendor(iri)) {
      const known = Object.keys(READERS).filter((key) => !key.includes(":"));
      const message = iri.includes(":")
        ? `the requirement ${quoted(id)} is an extension that is not supported`
        : `unknown requirement ${quoted(id)}; ${suggestion(id, known)}`;
      body.error(message, { unsupported: true });
    }
    found.other = [...(found.other ?? []), { ...(body.plain() as object), class: id }];
    return;
  }
  if (adopted === undefined && !atLeast(scope.version, reader.since)) {
    const message = `${quoted(id)} exists since CWL ${reader.since}, and this document is ${scope.version}`;
    if (as === "requirement") body.error(message);
    else body.warning(`${message}: the hint is ignored`);
    return;
  }
  checkFields(body, { ...since("v1.0", "class"), ...reader.fields }, scope);
  reader.read(found, body, scope);
}

/** Requirements of other namespaces that are no reason to refuse a document (execution-hints.md §2). */
function isVendor(iri: string): boolean {
  return iri.startsWith("sbg:") || iri.startsWith("https://sevenbridges.com") || iri.startsWith("https://www.sevenbridges.com");
}

/** Whether a process or step itself has InlineJavascriptRequirement, in requirements or hints. */
export function declaresJavascript(cursor: Cursor): boolean {
  return ["requirements", "hints"].some((list) => {
    const node = cursor.get(list)?.node;
    if (isSequence(node)) return node.value.some((item) => ownName(text(item, "class") ?? "") === "InlineJavascriptRequirement");
    return isMapping(node) && [...node.value.keys()].some((key) => ownName(key) === "InlineJavascriptRequirement");
  });
}

/** Takes up the types of SchemaDefRequirement, in requirements or hints, so that ports can name them. */
export function takeUpTypes(cursor: Cursor, scope: ProcessScope): void {
  for (const list of ["requirements", "hints"]) {
    for (const { id, body } of cursor.get(list)?.entries("class") ?? []) {
      if (ownName(id) !== "SchemaDefRequirement") continue;
      const types = body.get("types");
      if (types) defineTypes(types, scope);
      else body.at(withKey(body.node, "class", undefined)).error("`types` is missing");
    }
  }
}

import type { CwlVersion, Expression, Requirements, Value, WorkDirEntry } from "../model.ts";
import { type Cursor, type Entry, quoted } from "./cursor.ts";
import { defineTypes } from "./cwl-type.ts";
import { readExpression, readLoadListing } from "./file-traits.ts";
import { expandPrefix, type Library } from "./library.ts";
import { isMapping, isSequence, text, withKey } from "./node.ts";
import { checkFields, type Fields, type Scope, since, suggestion } from "./scope.ts";
import { readValue } from "./value.ts";
import { adoptedName, atLeast, hasFractions } from "./versions.ts";

export interface Declared {
  requirements: Requirements;
  hints: Requirements;
}

/** Reads the `requirements` and `hints` of a process or step, as written there. */
export function readDeclared(cursor: Cursor, scope: Scope): Declared {
  return {
    requirements: readList(cursor.get("requirements"), scope, "requirement"),
    hints: readList(cursor.get("hints"), scope, "hint"),
  };
}

/** Reads `cwl:requirements` and `cwl:hints` of an input object (CWL v1.2 §Executing CWL documents). */
export function readDeclaredIn(order: Cursor, namespaces: Scope["namespaces"], library: Library): Declared {
  const scope: Scope = {
    id: order.node.source.uri,
    version: "v1.2",
    rules: "v1.2",
    namespaces,
    javascript: true,
    library,
    named: new Map(),
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

function readList(cursor: Cursor | undefined, scope: Scope, as: "requirement" | "hint"): Requirements {
  const found: Requirements = {};
  for (const { id, body } of cursor?.entries("class") ?? []) if (id !== "") readOne(found, { id, body }, scope, as);
  return found;
}

const CWLTOOL = "http://commonwl.org/cwltool#";
const CWL = "https://w3id.org/cwl/cwl#";
function readOne(found: Requirements, { id, body }: Entry, scope: Scope, as: "requirement" | "hint"): void {
  const iri = expandPrefix(id, scope.namespaces);
  const adopted = adoptedName(iri);
  const name = adopted ?? (iri.startsWith(CWL) ? iri.slice(CWL.length) : iri);
  const reader = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
  if (reader === undefined) {
    if (as === "requirement" && !isVendor(iri)) {
      const known = Object.keys(READERS).filter((key) => !key.includes(":"));
      body.error(`unknown requirement ${quoted(id)}; ${suggestion(id, known)}`, { unsupported: true });
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

interface Reader {
  since: CwlVersion;
  fields: Fields;
  read(found: Requirements, body: Cursor, scope: Scope): void;
}

const DOCKER = ["dockerPull", "dockerLoad", "dockerFile", "dockerImport", "dockerImageId", "dockerOutputDirectory"] as const;
const RESOURCES = ["coresMin", "coresMax", "ramMin", "ramMax", "tmpdirMin", "tmpdirMax", "outdirMin", "outdirMax"] as const;

/** A requirement that has one required field. */
function single<K extends keyof Requirements>(
  key: K,
  field: string,
  introduced: CwlVersion,
  read: (value: Cursor, scope: Scope) => unknown,
  fields = since("v1.0", field),
): Reader {
  return {
    since: introduced,
    fields,
    read(found, body, scope) {
      const at = body.get(field);
      if (at === undefined) return void body.error(`${quoted(field)} is missing`);
      const value = read(at, scope);
      if (value !== undefined) found[key] = { [field]: value } as never;
    },
  };
}

function flag(
  key: "shellCommand" | "scatterFeature" | "subworkflowFeature" | "multipleInputFeature" | "stepInputExpression",
): Reader {
  return {
    since: "v1.0",
    fields: {},
    read(found) {
      found[key] = true;
    },
  };
}

const booleanOrExpression = (at: Cursor, scope: Scope) =>
  typeof at.scalar === "string" ? readExpression(at, scope) : at.boolean();
const numberOrExpression = (at: Cursor, scope: Scope) =>
  typeof at.scalar === "string" ? readExpression(at, scope) : at.number();

/** A quantity of a resource: whole before v1.2 (v1.2 §ResourceRequirement: changes). */
function amount(at: Cursor, scope: Scope): number | Expression | undefined {
  if (typeof at.scalar === "string") return readExpression(at, scope);
  return hasFractions(scope.version) ? at.number() : at.integer();
}

const READERS: { readonly [name: string]: Reader } = {
  InlineJavascriptRequirement: {
    since: "v1.0",
    fields: since("v1.0", "expressionLib"),
    read(found, body) {
      found.inlineJavascript = { expressionLib: body.get("expressionLib")?.strings() ?? [] };
    },
  },
  SchemaDefRequirement: {
    since: "v1.0",
    fields: since("v1.0", "types"),
    // The types were taken up before the ports were read (`compile`): here they leave nothing to do.
    read() {},
  },
  DockerRequirement: {
    since: "v1.0",
    fields: since("v1.0", ...DOCKER),
    read(found, body) {
      found.docker = {};
      for (const name of DOCKER) {
        const value = body.get(name)?.string();
        if (value !== undefined) found.docker[name] = value;
      }
    },
  },
  SoftwareRequirement: {
    since: "v1.0",
    fields: since("v1.0", "packages"),
    read(found, body) {
      const packages = body.get("packages")?.entries("package", "specs") ?? [];
      found.software = { packages: packages.map(({ id, body: item }) => ({ ...(item.plain() as object), package: id })) };
    },
  },
  InitialWorkDirRequirement: {
    since: "v1.0",
    fields: since("v1.0", "listing"),
    read(found, body, scope) {
      const listing = body.get("listing");
      if (listing === undefined) return void body.error("`listing` is missing");
      if (typeof listing.scalar === "string") found.initialWorkDir = { listing: readExpression(listing, scope)! };
      else found.initialWorkDir = { listing: listing.itemsOrOne().flatMap((item) => readWorkDirEntry(item, scope)) };
    },
  },
  EnvVarRequirement: {
    since: "v1.0",
    fields: since("v1.0", "envDef"),
    read(found, body, scope) {
      const envDef = body.get("envDef");
      if (envDef === undefined) return void body.error("`envDef` is missing");
      found.envVar = envDef.entries("envName", "envValue").flatMap(({ id, body: item }) => {
        const value = item.get("envValue");
        const expression = value ? readExpression(value, scope) : item.error("`envValue` is missing");
        return expression === undefined ? [] : [{ name: id, value: expression }];
      });
    },
  },
  ShellCommandRequirement: flag("shellCommand"),
  ResourceRequirement: {
    since: "v1.0",
    fields: since("v1.0", ...RESOURCES),
    read(found, body, scope) {
      found.resource = {};
      for (const name of RESOURCES) {
        const at = body.get(name);
        const value = at && amount(at, scope);
        if (value !== undefined) found.resource[name] = value;
      }
    },
  },
  WorkReuse: single("workReuse", "enableReuse", "v1.1", booleanOrExpression),
  NetworkAccess: single("networkAccess", "networkAccess", "v1.1", booleanOrExpression),
  InplaceUpdateRequirement: single("inplaceUpdate", "inplaceUpdate", "v1.1", (at) => at.boolean()),
  ToolTimeLimit: single("toolTimeLimit", "timelimit", "v1.1", numberOrExpression),
  LoadListingRequirement: single("loadListing", "loadListing", "v1.1", (at) => readLoadListing(at)),
  ScatterFeatureRequirement: flag("scatterFeature"),
  SubworkflowFeatureRequirement: flag("subworkflowFeature"),
  MultipleInputFeatureRequirement: flag("multipleInputFeature"),
  StepInputExpressionRequirement: flag("stepInputExpression"),
  [`${CWLTOOL}CUDARequirement`]: {
    since: "v1.0",
    fields: since("v1.0", "cudaComputeCapability", "cudaDeviceCountMin", "cudaDeviceCountMax", "cudaVersionMin"),
    read(found, body) {
      found.cuda = body.without("class").plain() as { [key: string]: Value };
    },
  },
  [`${CWLTOOL}MPIRequirement`]: {
    since: "v1.0",
    fields: since("v1.0", "processes"),
    read(found, body) {
      found.mpi = body.without("class").plain() as { [key: string]: Value };
    },
  },
  [`${CWLTOOL}Secrets`]: {
    since: "v1.0",
    fields: since("v1.0", "secrets"),
    read(found, body) {
      found.other = [...(found.other ?? []), { ...(body.plain() as object), class: `${CWLTOOL}Secrets` }];
    },
  },
};

const DIRENT = since("v1.0", "entryname", "entry", "writable");

/** CWL v1.2 §Dirent, or a File, a Directory, a list of them, or an expression. */
function readWorkDirEntry(cursor: Cursor, scope: Scope): WorkDirEntry[] {
  if (typeof cursor.scalar === "string") return [readExpression(cursor, scope)!];
  if (cursor.scalar === null) return [];
  if (cursor.isSequence) return cursor.items().flatMap((item) => readWorkDirEntry(item, scope));
  if (cursor.get("class")) return [readValue(cursor.node, scope.namespaces) as WorkDirEntry];
  if (!checkFields(cursor, DIRENT, scope)) return [];
  const entry = cursor.get("entry");
  if (entry === undefined) return cursor.error("`entry` is missing") ?? [];
  const entryname = cursor.get("entryname");
  const writable = cursor.get("writable")?.boolean();
  const name = entryname && readExpression(entryname, scope);
  return [
    {
      entry: typeof entry.scalar === "string" ? readExpression(entry, scope)! : readValue(entry.node, scope.namespaces),
      ...(name === undefined ? {} : { entryname: name }),
      ...(writable === undefined ? {} : { writable }),
    },
  ];
}

/** Whether a process or step itself has InlineJavascriptRequirement, in requirements or hints. */
export function declaresJavascript(cursor: Cursor): boolean {
  return ["requirements", "hints"].some((list) => {
    const node = cursor.get(list)?.node;
    if (isSequence(node)) return node.value.some((item) => text(item, "class") === "InlineJavascriptRequirement");
    return isMapping(node) && node.value.has("InlineJavascriptRequirement");
  });
}

/** Takes up the types of SchemaDefRequirement, in requirements or hints, so that ports can name them. */
export function takeUpTypes(cursor: Cursor, scope: Scope): void {
  for (const list of ["requirements", "hints"]) {
    for (const { id, body } of cursor.get(list)?.entries("class") ?? []) {
      if (id !== "SchemaDefRequirement") continue;
      const types = body.get("types");
      if (types) defineTypes(types, scope);
      else body.at(withKey(body.node, "class", undefined)).error("`types` is missing");
    }
  }
}

import { checkLibrary } from "../expressions/check.ts";
import type { CwlVersion, Expression, Requirements, Value, WorkDirEntry } from "../model.ts";
import { type Cursor, quoted } from "./cursor.ts";
import { noteScript, readExpression, readLoadListing, tellScript } from "./file-traits.ts";
import { checkFields, type Fields, type ProcessScope, since } from "./process-scope.ts";
import { readValue } from "./value.ts";
import { hasFractions } from "./versions.ts";

export const CWLTOOL = "http://commonwl.org/cwltool#";

/** How one class of requirement is read. `since`: the version that has it. */
export interface Reader {
  since: CwlVersion;
  fields: Fields;
  read(found: Requirements, body: Cursor, scope: ProcessScope): void;
}

/** An OCI image reference. */
const IMAGE =
  /^(?:[A-Za-z0-9][A-Za-z0-9.-]*(?::\d+)?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*(?::\w[\w.-]{0,127})?(?:@[A-Za-z0-9+._-]+:[A-Fa-f0-9]{32,})?$/;
const DOCKER = ["dockerPull", "dockerLoad", "dockerFile", "dockerImport", "dockerImageId", "dockerOutputDirectory"] as const;
const RESOURCES = ["coresMin", "coresMax", "ramMin", "ramMax", "tmpdirMin", "tmpdirMax", "outdirMin", "outdirMax"] as const;

/** A requirement that has one field; required unless the schema has a default for it. */
function single<K extends keyof Requirements>(
  key: K,
  field: string,
  introduced: CwlVersion,
  read: (value: Cursor, scope: ProcessScope) => unknown,
  fallback?: unknown,
): Reader {
  return {
    since: introduced,
    fields: since("v1.0", field),
    read(found, body, scope) {
      const at = body.get(field);
      if (at === undefined && fallback !== undefined) found[key] = { [field]: fallback } as never;
      if (at === undefined) return fallback === undefined ? void body.error(`${quoted(field)} is missing`) : undefined;
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

const booleanOrExpression = (at: Cursor, scope: ProcessScope) =>
  typeof at.scalar === "string" ? readExpression(at, scope) : at.boolean();
const numberOrExpression = (at: Cursor, scope: ProcessScope) =>
  typeof at.scalar === "string" ? readExpression(at, scope) : at.number();

/** A quantity of a resource: whole before v1.2 (v1.2 §ResourceRequirement: changes). */
function amount(at: Cursor, scope: ProcessScope): number | Expression | undefined {
  if (typeof at.scalar === "string") return readExpression(at, scope);
  return hasFractions(scope.version) ? at.number() : at.integer();
}

/** The requirements of CWL, and those extensions that are supported, by class. */
export const READERS: { readonly [name: string]: Reader } = {
  InlineJavascriptRequirement: {
    since: "v1.0",
    fields: since("v1.0", "expressionLib"),
    read(found, body, scope) {
      const libraries = body.get("expressionLib");
      found.inlineJavascript = { expressionLib: libraries?.strings() ?? [] };
      for (const library of libraries?.itemsOrOne() ?? []) {
        noteScript(library, scope);
        const problem = typeof library.scalar === "string" ? checkLibrary(library.scalar) : undefined;
        // A warning even so: a library fails the expressions that are evaluated after it, and only those.
        if (problem) tellScript(library, { ...scope, javascript: problem.isDialect !== undefined }, problem);
      }
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
      const image = found.docker.dockerPull;
      if (image !== undefined && !IMAGE.test(image)) {
        body
          .get("dockerPull")!
          .warning(`${quoted(image)} is no image reference: [registry[:port]/]name[:tag][@digest], the name in lower case`);
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
  WorkReuse: single("workReuse", "enableReuse", "v1.1", booleanOrExpression, true),
  NetworkAccess: single("networkAccess", "networkAccess", "v1.1", booleanOrExpression),
  InplaceUpdateRequirement: single("inplaceUpdate", "inplaceUpdate", "v1.1", (at) => at.boolean()),
  ToolTimeLimit: single("toolTimeLimit", "timelimit", "v1.1", numberOrExpression),
  LoadListingRequirement: single("loadListing", "loadListing", "v1.1", (at) => readLoadListing(at), "no_listing"),
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
function readWorkDirEntry(cursor: Cursor, scope: ProcessScope): WorkDirEntry[] {
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

import type { CwlType, CwlVersion, Process } from "../model.ts";
import { suggestion } from "../suggestion.ts";
import { Cursor, quoted, shortName } from "./cursor.ts";
import type { Declared } from "./declared.ts";
import { DRAFT2 } from "./draft2/upgrade.ts";
import { resolveUri } from "./fetch.ts";
import { identify, within } from "./identifier.ts";
import { type Library, namespacesOf, processes } from "./library.ts";
import { child, isMapping, isSequence, type Node, position, text } from "./node.ts";
import { checkFields, extensions, type Fields, type ProcessScope, since } from "./process-scope.ts";
import { declaresJavascript, inherit, readDeclared, takeUpTypes } from "./requirements.ts";
import { Identities } from "./same.ts";
import { refuseTooManySteps } from "./step-count.ts";
import { readCommandLineTool, readExpressionTool, readOperation } from "./tool.ts";
import { withDefaults } from "./versions.ts";
import { ownName } from "./vocabulary.ts";
import { readWorkflow } from "./workflow.ts";

const PROCESS: Fields = {
  ...since("v1.0", "class", "id", "cwlVersion", "label", "doc", "inputs", "outputs", "requirements", "hints"),
  ...since("v1.2", "intent"),
};
const CLASSES: { readonly [name: string]: Fields } = {
  CommandLineTool: {
    ...PROCESS,
    ...since(
      "v1.0",
      "baseCommand",
      "arguments",
      "stdin",
      "stdout",
      "stderr",
      "successCodes",
      "temporaryFailCodes",
      "permanentFailCodes",
    ),
  },
  ExpressionTool: { ...PROCESS, ...since("v1.0", "expression") },
  Operation: { ...PROCESS, ...since("v1.2", "class") },
  Workflow: { ...PROCESS, ...since("v1.0", "steps") },
};
const VERSIONS: readonly CwlVersion[] = ["v1.0", "v1.1", "v1.2"];

const NOTHING: Declared = { requirements: {}, hints: {} };

interface Version {
  form: CwlVersion;
  rules: CwlVersion;
}

/** What surrounds a process that is compiled. */
interface Surroundings {
  declared: Declared;
  /** Of the process that was asked for: what the input object puts in the place of its own. */
  demanded?: Declared;
  /** Absent for the process that was asked for: it has to say its own. */
  version?: Version;
  namespaces: { readonly [prefix: string]: string };
  /** IRIs of the processes around it, to find one that runs itself. */
  trail: readonly string[];
  path: string;
}

/** Makes the compiled form of documents that a library holds. Faults go to the library's problems. */
export class Compiler {
  readonly namespaces: { [prefix: string]: string } = {};
  /** Formats that ports ask for, and the `$schemas` that say what they are kinds of. */
  readonly formats = new Set<string>();
  readonly schemas = new Map<string, Node>();
  readonly #library: Library;
  readonly #named = new Map<string, CwlType>();
  readonly #read = new Set<Node>();
  /** What was made of each process in each of its surroundings: used in many places, it is compiled once. */
  readonly #made = new Map<Node["value"], Map<string, { process: Process | undefined }>>();
  readonly #identities = new Identities();

  constructor(library: Library) {
    this.#library = library;
  }

  /** The process at `uri` (with or without fragment); `demanded`: by the input object (`cwl:requirements`). "all": no process needs to be the main one. */
  compile(uri: string, wanted: "main" | "all", demanded: Declared = NOTHING): Process | undefined {
    const node = this.#library.process(uri);
    const root = this.#library.root(uri)!;
    if (node === undefined && wanted === "all" && !uri.includes("#")) {
      this.#checkUnused(root);
      return undefined;
    }
    if (node !== undefined) refuseTooManySteps(node, this.#library);
    if (node === undefined) {
      const known = processes(root).flatMap((process) => text(process, "id") ?? []);
      const choice = known.length === 0 ? "it has none with an id" : `it has ${known.join(", ")}`;
      const message = uri.includes("#")
        ? `there is no process ${quoted(uri.slice(uri.indexOf("#")))} in this document: ${choice}`
        : `say which process is meant, as no one is named ${quoted("#main")}: ${choice}`;
      new Cursor(root, "", this.#library.problems).error(message);
      return undefined;
    }
    const process = this.#process(node, root, { declared: NOTHING, demanded, namespaces: {}, trail: [], path: "" });
    this.#checkUnused(root);
    return process;
  }

  /** A document is right when all of it is: processes of `$graph` that nothing runs are read for their problems. */
  #checkUnused(root: Node): void {
    const graph = child(root, "$graph");
    for (const part of isSequence(graph) ? graph.value : []) {
      // A part may also define something else than a process: a type.
      if (this.#read.has(part) || text(part, "class") === undefined) continue;
      refuseTooManySteps(part, this.#library);
      this.#process(part, root, { declared: NOTHING, namespaces: {}, trail: [], path: "" });
    }
  }

  #process(node: Node, root: Node, around: Surroundings): Process | undefined {
    this.#read.add(node);
    const cursor = new Cursor(node, around.path, this.#library.problems);
    const namespaces = { ...around.namespaces, ...this.#namespaces(root), ...this.#namespaces(node) };
    const version = this.#version(cursor, root, around.version);
    const written = text(node, "class");
    const name = written === undefined ? undefined : ownName(written);
    const fields = name !== undefined && Object.hasOwn(CLASSES, name) ? CLASSES[name]! : undefined;
    if (!isMapping(node)) return cursor.expected(`a mapping with ${quoted("class")}`);
    if (fields === undefined || name === undefined) {
      const kind = name === undefined ? "`class` is missing" : `unknown class ${quoted(name)}`;
      return (cursor.get("class") ?? cursor).error(`${kind}; ${suggestion(name ?? "", Object.keys(CLASSES))}`);
    }
    if (version === undefined) return undefined;
    const named = text(node, "id");
    const base = node.source.uri;
    const id =
      named === undefined
        ? around.trail.length > 0 && node.source === root.source && node !== root
          ? within(around.trail.at(-1)!, "run")
          : base
        : identify(named, base, base);
    const { declared, demanded = NOTHING } = around;
    const surroundings = this.#identities.of([id, version, namespaces, declared, demanded]);
    const made = this.#made.get(node.value) ?? new Map<string, { process: Process | undefined }>();
    this.#made.set(node.value, made);
    const known = made.get(surroundings);
    if (known) return known.process;
    const process = this.#make(cursor, name, fields, { id, version, namespaces }, root, around);
    made.set(surroundings, { process });
    return process;
  }

  #make(
    cursor: Cursor,
    name: string,
    fields: Fields,
    { id, version, namespaces }: { id: string; version: Version; namespaces: Surroundings["namespaces"] },
    root: Node,
    around: Surroundings,
  ): Process {
    const { node } = cursor;
    const javascript = [around.declared, around.demanded ?? NOTHING].some(
      ({ requirements, hints }) => requirements.inlineJavascript ?? hints.inlineJavascript,
    );
    const scope: ProcessScope = {
      id,
      version: version.form,
      rules: version.rules,
      namespaces,
      javascript: javascript || declaresJavascript(cursor),
      library: this.#library,
      named: this.#named,
      scripts: {},
      formats: this.formats,
    };

    checkFields(cursor, fields, scope);
    takeUpTypes(cursor, scope);
    const own = inherit(readDeclared(cursor, scope), around.demanded ?? NOTHING);
    const declared = inherit(around.declared, own);
    const label = cursor.get("label")?.string();
    const doc = cursor.get("doc")?.lines();
    const vendor = extensions(cursor);
    const common = {
      id,
      cwlVersion: version.rules,
      ...(label === undefined ? {} : { label }),
      ...(doc === undefined ? {} : { doc }),
      ...withDefaults(declared, version.rules),
      source: { file: node.source.name, ...position(node.source, node.offset) },
      ...(vendor === undefined ? {} : { extensions: vendor }),
      // Filled while the rest is read.
      scripts: scope.scripts,
    };
    switch (name) {
      case "CommandLineTool":
        return { ...common, ...readCommandLineTool(cursor, scope) };
      case "ExpressionTool":
        return { ...common, ...readExpressionTool(cursor, scope) };
      case "Operation":
        return { ...common, ...readOperation(cursor, scope) };
      default: {
        const { demanded: _, ...outer } = around;
        const inner = { ...outer, version, namespaces };
        return {
          ...common,
          ...readWorkflow(cursor, scope, declared, (run, outside, step) => this.#run(run, root, outside, step, id, inner)),
        };
      }
    }
  }

  #run(run: Cursor, root: Node, declared: Declared, step: string, workflow: string, around: Surroundings): Process | undefined {
    if (run.isMapping) {
      // An imported process stands in for its own file; one that is written here belongs to this document.
      const top = run.node.source === root.source ? root : run.node;
      return this.#process(run.node, top, { ...around, declared, trail: [...around.trail, workflow, step], path: run.path });
    }
    const reference = run.string("a process, or the path, URL or #id of one");
    if (reference === undefined) return undefined;
    const uri = resolveUri(reference, run.node.source.uri);
    const top = this.#library.root(uri);
    // A document that could not be read has had its problem told already.
    if (top === undefined) return undefined;
    const node = this.#library.process(uri);
    if (node === undefined) return run.error(`there is no process named ${quoted(reference)}`);
    if ([...around.trail, workflow].includes(uri)) return run.error(`${quoted(shortName(reference))} runs itself`);
    const path = node.source === run.node.source ? run.path : "";
    return this.#process(node, top, { ...around, declared, trail: [...around.trail, workflow, uri], path });
  }

  /** `$namespaces` of a document, and its `$schemas` noted for later. */
  #namespaces(root: Node): { [prefix: string]: string } {
    const found = namespacesOf(root);
    Object.assign(this.namespaces, found);
    const schemas = child(root, "$schemas");
    for (const schema of isSequence(schemas) ? schemas.value : []) {
      if (typeof schema.value === "string") this.schemas.set(resolveUri(schema.value, schema.source.uri), schema);
    }
    return found;
  }

  /** The version whose forms hold here, and the one whose run-time rules do: they differ for upgraded documents. */
  #version(cursor: Cursor, root: Node, outer: Version | undefined): Version | undefined {
    const at = cursor.get("cwlVersion") ?? (child(root, "cwlVersion") && cursor.at(child(root, "cwlVersion")!, "cwlVersion"));
    if (at === undefined) return outer ?? cursor.error(`${quoted("cwlVersion")} is missing: one of ${VERSIONS.join(", ")}`);
    if (typeof at.scalar === "number") {
      const near = suggestion(`v${Number.isInteger(at.scalar) ? `${at.scalar}.0` : at.scalar}`, VERSIONS);
      return at.error(`must be a version, a text, not the number ${at.scalar}; ${near}`);
    }
    const written = at.string("a version");
    if (written === DRAFT2) return { form: "v1.2", rules: "v1.0" };
    const version = VERSIONS.find((known) => written !== undefined && known === ownName(written));
    if (version) return { form: version, rules: version };
    if (written === undefined) return undefined;
    // `1.2`, `V1.2`, `v1.2.1`
    const wordless = suggestion(`v${/^v?(\d+\.\d+)/i.exec(written)?.[1] ?? written}`, VERSIONS);
    const known = wordless.startsWith("did you mean") ? wordless : `this engine has ${VERSIONS.join(", ")} and ${DRAFT2}`;
    return at.error(`version ${quoted(written)} is not supported; ${known}`, { unsupported: true });
  }
}

import type { Process, Source, Step, StepInput, Workflow, WorkflowOutput } from "../model.ts";
import { type Cursor, quoted, shortName } from "./cursor.ts";
import { readExpression, readLoadListing } from "./file-traits.ts";
import { candidates, identify, within } from "./identifier.ts";
import { child } from "./node.ts";
import { readInputs, readOutputs, refuseRepeated } from "./port.ts";
import { type Declared, inherit, readDeclared } from "./requirements.ts";
import { checkFields, type Scope, since, suggestion } from "./scope.ts";
import { readValue } from "./value.ts";

/** Compiles what a step runs, inside what the workflow and step declare. */
export type CompileRun = (run: Cursor, inherited: Declared, stepId: string) => Process | undefined;

type Body = Omit<Workflow, "id" | "cwlVersion" | "requirements" | "hints">;

const SINKS = { ...since("v1.0", "outputSource", "linkMerge"), ...since("v1.2", "pickValue") };

/** CWL v1.2 Workflow §Workflow. `declared`: what holds in the workflow, inherited included. */
export function readWorkflow(cursor: Cursor, scope: Scope, declared: Declared, compileRun: CompileRun): Body {
  const inputs = readInputs(cursor, scope);
  const stepEntries = cursor.get("steps")?.entries("id") ?? cursor.error("`steps` is missing (it may be empty: `[]`)") ?? [];
  refuseRepeated(stepEntries);
  const links = new Links(scope);
  for (const { id, body } of cursor.get("inputs")?.entries("id", "type") ?? []) {
    links.add(identify(id, scope.id, body.node.source.uri), { port: shortName(id) });
  }
  const steps = stepEntries.flatMap(({ id, body }) => readStep(id, body, scope, declared, links, compileRun) ?? []);
  for (const { resolve } of links.pending) resolve();
  const outputs = readOutputs(cursor, scope, SINKS, (port, body): WorkflowOutput => {
    const source = links.read(body, "outputSource");
    const linkMerge = body.get("linkMerge")?.oneOf(["merge_nested", "merge_flattened"]);
    const pickValue = body.get("pickValue")?.oneOf(["first_non_null", "the_only_non_null", "all_non_null"]);
    return { ...port, outputSource: source.sources, sourceIsList: source.isList, ...defined({ linkMerge, pickValue }) };
  });
  for (const { resolve } of links.pending) resolve();
  return { class: "Workflow", inputs, outputs, steps };
}

const STEP = {
  ...since("v1.0", "id", "in", "out", "requirements", "hints", "label", "doc", "run", "scatter", "scatterMethod"),
  ...since("v1.2", "when"),
};

function readStep(
  id: string,
  body: Cursor,
  scope: Scope,
  outer: Declared,
  links: Links,
  compileRun: CompileRun,
): Step | undefined {
  if (!checkFields(body, STEP, scope)) return undefined;
  const iri = identify(id, scope.id, body.node.source.uri);
  const name = shortName(id);
  const declared = inherit(outer, readDeclared(body, scope));
  const outAt = body.get("out");
  const out = outAt
    ? outAt.itemsOrOne().flatMap((item) => readOut(item) ?? [])
    : (body.error("`out` is missing (it may be empty: `[]`)") ?? []);
  for (const { written, base } of out) links.add(identify(written, iri, base), { step: name, port: shortName(written) });
  const inAt = body.get("in");
  const entries = inAt ? inAt.entries("id", "source") : (body.error("`in` is missing (it may be empty: `[]`)") ?? []);
  refuseRepeated(entries);
  const inputs = entries.flatMap((entry) => readStepInput(entry.id, entry.body, scope, links) ?? []);
  const runAt = body.get("run");
  const run = runAt ? compileRun(runAt, declared, iri) : body.error("`run` is missing");
  const scatterMethod = body.get("scatterMethod")?.oneOf(["dotproduct", "nested_crossproduct", "flat_crossproduct"]);
  const when = body.get("when");
  const label = body.get("label")?.string();
  if (run === undefined) return undefined;
  return {
    id: name,
    ...defined({ label }),
    in: inputs,
    out: out.map(({ written }) => shortName(written)),
    run,
    ...defined({ when: when && readExpression(when, scope) }),
    scatter: body.get("scatter")?.strings().map(shortName) ?? [],
    ...defined({ scatterMethod }),
    ...declared,
  };
}

/** `out: [x]` or `out: [{id: x}]`. */
function readOut(cursor: Cursor): { written: string; base: string } | undefined {
  const id = cursor.isMapping ? cursor.get("id") : cursor;
  const written = id ? id.string("the id of an output") : cursor.error("`id` is missing");
  return written === undefined ? undefined : { written, base: cursor.node.source.uri };
}

const STEP_INPUT = {
  ...since("v1.0", "id", "source", "linkMerge", "default", "valueFrom"),
  ...since("v1.1", "label", "loadContents", "loadListing"),
  ...since("v1.2", "pickValue"),
};

function readStepInput(id: string, body: Cursor, scope: Scope, links: Links): StepInput | undefined {
  if (!checkFields(body, STEP_INPUT, scope)) return undefined;
  const { sources, isList } = links.read(body, "source");
  const value = child(body.node, "default");
  const valueFrom = body.get("valueFrom");
  return {
    id: shortName(id),
    source: sources,
    sourceIsList: isList,
    ...defined({
      linkMerge: body.get("linkMerge")?.oneOf(["merge_nested", "merge_flattened"]),
      pickValue: body.get("pickValue")?.oneOf(["first_non_null", "the_only_non_null", "all_non_null"]),
      default: value && readValue(value, scope.namespaces),
      valueFrom: valueFrom && readExpression(valueFrom, scope),
      loadContents: body.get("loadContents")?.boolean(),
      loadListing: readLoadListing(body.get("loadListing")),
    }),
  };
}

/** The things of one workflow that can be a source, by IRI. References are resolved when all steps have been read. */
class Links {
  readonly pending: { resolve: () => void }[] = [];
  readonly #scope: Scope;
  readonly #known = new Map<string, Source>();

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  add(iri: string, source: Source): void {
    this.#known.set(iri, source);
  }

  /** The sources under `key`; the list is filled by `pending`. */
  read(sink: Cursor, key: string): { sources: Source[]; isList: boolean } {
    const at = sink.get(key);
    const sources: Source[] = [];
    if (at) {
      this.pending.push({
        resolve: () => {
          if (sources.length === 0) for (const item of at.itemsOrOne()) sources.push(...this.#find(item));
        },
      });
    }
    return { sources, isList: at?.isSequence ?? false };
  }

  #find(at: Cursor): Source[] {
    const reference = at.string("the id of a workflow input or of a step's output");
    if (reference === undefined) return [];
    for (const iri of candidates(reference, this.#scope.id, at.node.source.uri)) {
      const found = this.#known.get(iri);
      if (found) return [found];
    }
    // A document may be stored under another URI than the one its ids were written for: then the last parts decide.
    const parts = reference.slice(reference.lastIndexOf("#") + 1).split("/");
    for (const tail of [parts.slice(-2), parts.slice(-1)]) {
      const found = reference.includes("#") ? this.#known.get(within(this.#scope.id, tail.join("/"))) : undefined;
      if (found && (found.step === undefined) === (tail.length === 1)) return [found];
    }
    const names = [...this.#known.values()].map(({ step, port }) => (step === undefined ? port : `${step}/${port}`));
    at.error(`no workflow input or step output is named ${quoted(reference)}; ${suggestion(reference, names)}`);
    return [];
  }
}

function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}

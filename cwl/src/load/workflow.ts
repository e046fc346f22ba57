import type { Process, Step, StepInput, Workflow, WorkflowOutput } from "../model.ts";
import { checkConnections } from "./connections.ts";
import { type Cursor, quoted, shortName } from "./cursor.ts";
import type { Declared } from "./declared.ts";
import { readExpression, readLoadListing } from "./file-traits.ts";
import { identify } from "./identifier.ts";
import { Links } from "./links.ts";
import { child } from "./node.ts";
import { readInputs, readOutputs, refuseRepeated } from "./port.ts";
import { checkFields, type ProcessScope, since } from "./process-scope.ts";
import { declaresJavascript, inherit, readDeclared } from "./requirements.ts";
import { readValue } from "./value.ts";
import { withDefaults } from "./versions.ts";

/** Compiles what a step runs, inside what the workflow and step declare. */
export type CompileRun = (run: Cursor, inherited: Declared, stepId: string) => Process | undefined;

type Body = Omit<Workflow, "id" | "cwlVersion" | "requirements" | "hints">;

const SINKS = { ...since("v1.0", "outputSource", "linkMerge"), ...since("v1.2", "pickValue") };

/** CWL v1.2 Workflow §Workflow. `declared`: what holds in the workflow, inherited included. */
export function readWorkflow(cursor: Cursor, scope: ProcessScope, declared: Declared, compileRun: CompileRun): Body {
  const inputs = readInputs(cursor, scope);
  const stepEntries = cursor.get("steps")?.entries("id") ?? cursor.error("`steps` is missing (it may be empty: `[]`)") ?? [];
  refuseRepeated(stepEntries);
  const links = new Links(scope);
  for (const { id, body } of cursor.get("inputs")?.entries("id", "type") ?? []) {
    links.add(identify(id, scope.id, body.node.source.uri), { port: shortName(id) });
  }
  const places = new Map<string, Cursor>();
  const steps = stepEntries.flatMap(({ id, body }) => {
    places.set(`steps.${shortName(id)}`, body);
    return readStep(id, body, { scope, declared, links, places, compileRun }) ?? [];
  });
  const outputs = readOutputs(cursor, scope, SINKS, (port, body): WorkflowOutput => {
    places.set(`outputs.${port.id}`, body);
    const source = links.read(body, "outputSource");
    return { ...port, outputSource: source.sources, sourceIsList: source.isList, ...readMerge(body) };
  });
  links.resolve();
  checkConnections({ inputs, outputs, steps }, places, declared, scope.version === scope.rules);
  return { class: "Workflow", inputs, outputs, steps };
}

/** What steps are read with. */
interface Reading {
  scope: ProcessScope;
  declared: Declared;
  links: Links;
  places: Map<string, Cursor>;
  compileRun: CompileRun;
}

const STEP = {
  ...since("v1.0", "id", "in", "out", "requirements", "hints", "label", "doc", "run", "scatter", "scatterMethod"),
  ...since("v1.2", "when"),
};

function readStep(id: string, body: Cursor, reading: Reading): Step | undefined {
  const { scope, links, places } = reading;
  if (!checkFields(body, STEP, scope)) return undefined;
  const iri = identify(id, scope.id, body.node.source.uri);
  const name = shortName(id);
  const inner = { ...scope, javascript: scope.javascript || declaresJavascript(body) };
  const declared = inherit(reading.declared, readDeclared(body, inner));

  const out =
    required(body, "out")
      ?.itemsOrOne()
      .flatMap((item) => readOut(item) ?? []) ?? [];
  for (const { written, base } of out) links.add(identify(written, iri, base), { step: name, port: shortName(written) });
  const entries = required(body, "in")?.entries("id", "source") ?? [];
  refuseRepeated(entries);
  const inputs = entries.flatMap((entry) => {
    places.set(`steps.${name}.in.${shortName(entry.id)}`, entry.body);
    return readStepInput(entry.id, entry.body, inner, links) ?? [];
  });
  const when = body.get("when");
  const optional = defined({
    label: body.get("label")?.string(),
    when: when && readExpression(when, inner),
    scatterMethod: body.get("scatterMethod")?.oneOf(["dotproduct", "nested_crossproduct", "flat_crossproduct"]),
  });
  const runAt = body.get("run");
  const run = runAt ? reading.compileRun(runAt, declared, iri) : body.error("`run` is missing");
  if (run === undefined) return undefined;
  const scatter = body.get("scatter")?.strings().map(shortName) ?? [];
  return {
    id: name,
    in: inputs,
    out: out.map(({ written }) => shortName(written)),
    run,
    scatter,
    ...optional,
    ...withDefaults(declared, scope.rules),
  };
}

function required(body: Cursor, key: "in" | "out"): Cursor | undefined {
  return body.get(key) ?? body.error(`${quoted(key)} is missing (it may be empty: \`[]\`)`);
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

function readStepInput(id: string, body: Cursor, scope: ProcessScope, links: Links): StepInput | undefined {
  if (!checkFields(body, STEP_INPUT, scope)) return undefined;
  const { sources, isList } = links.read(body, "source");
  const value = child(body.node, "default");
  const valueFrom = body.get("valueFrom");
  return {
    id: shortName(id),
    source: sources,
    sourceIsList: isList,
    ...readMerge(body),
    ...defined({
      default: value && readValue(value, scope.namespaces),
      valueFrom: valueFrom && readExpression(valueFrom, scope),
      loadContents: body.get("loadContents")?.boolean(),
      loadListing: readLoadListing(body.get("loadListing")),
    }),
  };
}

function readMerge(body: Cursor): Pick<StepInput, "linkMerge" | "pickValue"> {
  return defined({
    linkMerge: body.get("linkMerge")?.oneOf(["merge_nested", "merge_flattened"]),
    pickValue: body.get("pickValue")?.oneOf(["first_non_null", "the_only_non_null", "all_non_null"]),
  });
}

function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}

import type { AppInput, AppOutput, Graph, GraphNode, PortType } from "@causeway/contract";
import type { CwlType, InputPort, OutputPort, PortSource, Process, Workflow } from "@causeway/cwl";

const RUNS = {
  CommandLineTool: "tool",
  Workflow: "workflow",
  ExpressionTool: "expression",
  Operation: "operation",
} as const satisfies Record<Process["class"], GraphNode["runs"]>;

export const runsOf = (process: Process) => RUNS[process.class];

/** The steps of a process at every depth, and what they get from each other. */
export function graphOf(process: Process): Graph {
  const graph = new GraphBuilder();
  const add = (node: Partial<GraphNode> & Pick<GraphNode, "id" | "kind" | "label">) =>
    graph.nodes.push({ parent: null, runs: "", scattered: false, conditional: false, ...node });
  for (const port of process.inputs) add({ id: `in:${port.id}`, kind: "input", label: port.label ?? port.id });
  if (process.class === "Workflow") addSteps(process, null, graph);
  else add({ id: "job", kind: "step", label: process.label ?? lastName(process.id), runs: runsOf(process) });
  for (const port of process.outputs) add({ id: `out:${port.id}`, kind: "output", label: port.label ?? port.id });

  if (process.class === "Workflow") {
    for (const { id, outputSource } of process.outputs)
      for (const source of outputSource) graph.connect(sourceNode(source, null), `out:${id}`);
  } else {
    for (const { id } of process.inputs) graph.connect(`in:${id}`, "job");
    for (const { id } of process.outputs) graph.connect("job", `out:${id}`);
  }
  return { nodes: graph.nodes, edges: [...graph.edges.values()] };
}

class GraphBuilder {
  readonly nodes: GraphNode[] = [];
  readonly edges = new Map<string, { from: string; to: string }>();

  /** Once, however many ports it stands for. */
  connect(from: string, to: string): void {
    this.edges.set(`${from}\n${to}`, { from, to });
  }
}

function addSteps(workflow: Workflow, parent: string | null, graph: GraphBuilder): void {
  for (const step of workflow.steps) {
    const id = parent === null ? step.id : `${parent}.${step.id}`;
    graph.nodes.push({
      id,
      parent,
      kind: "step",
      label: step.label ?? step.id,
      runs: runsOf(step.run),
      scattered: step.scatter.length > 0,
      conditional: step.when !== undefined,
    });
    for (const { source } of step.in)
      for (const from of source) if (from.step !== undefined || parent === null) graph.connect(sourceNode(from, parent), id);
    if (step.run.class === "Workflow") addSteps(step.run, id, graph);
  }
}

function sourceNode({ step, port }: PortSource, parent: string | null): string {
  if (step === undefined) return `in:${port}`;
  return parent === null ? step : `${parent}.${step}`;
}

const lastName = (id: string): string => id.replace(/^.*[#/]/, "") || id;

/** An input as a form needs it. */
export function inputView({ id, label, doc, type, default: fallback, ...port }: InputPort): AppInput {
  return {
    id,
    label: label ?? id,
    doc: doc ?? "",
    type: typeView(type),
    default: fallback ?? null,
    required: fallback === undefined && !acceptsNull(type),
    formats: formatsOf(port),
    secondary_files: (port.secondaryFiles ?? []).map(({ pattern }) => pattern),
  };
}

export const outputView = ({ id, label, doc, type }: OutputPort): AppOutput => ({
  id,
  label: label ?? id,
  doc: doc ?? "",
  type: typeView(type),
});

const acceptsNull = (type: CwlType): boolean =>
  type === "null" || type === "Any" || (Array.isArray(type) && type.some(acceptsNull));

function typeView(type: CwlType): PortType {
  if (typeof type === "string") return type;
  if (Array.isArray(type)) return type.map(typeView);
  if (type.type === "array") return { type: "array", items: typeView(type.items) };
  if (type.type === "enum") return { type: "enum", symbols: type.symbols.map(lastName) };
  return {
    type: "record",
    fields: type.fields.map(({ name, type: inner, label, doc }) => ({
      name: lastName(name),
      type: typeView(inner),
      ...(label === undefined ? {} : { label }),
      ...(doc === undefined ? {} : { doc }),
    })),
  };
}

/** Formats by their last names, and the suffixes that the vendor's key lists (apps.md §1.4). */
function formatsOf({ format = [], extensions = {} }: Pick<InputPort, "format" | "extensions">): string[] {
  const suffixes = extensions["sbg:fileTypes"];
  const listed = typeof suffixes === "string" ? suffixes.split(/, */).filter((suffix) => suffix !== "") : [];
  return [...format.filter((iri) => !/[$]/.test(iri)).map(lastName), ...listed];
}

/** Every image that a tool of the process names. */
export function imagesOf(process: Process): string[] {
  const images = new Set<string>();
  const seen = new Set<Process>();
  const visit = (inner: Process) => {
    if (seen.has(inner)) return;
    seen.add(inner);
    const image = inner.requirements.docker?.dockerPull ?? inner.hints.docker?.dockerPull;
    if (inner.class === "CommandLineTool" && image !== undefined) images.add(image);
    if (inner.class === "Workflow") for (const step of inner.steps) visit(step.run);
  };
  visit(process);
  return [...images];
}

import type { CwlType, FileTraits, InputPort, PortSource, Step, StepInput, Workflow, WorkflowOutput } from "../model.ts";
import { suggestion } from "../suggestion.ts";
import { acceptsNull, arrayOf, type Fit, fit, missingSecondaryFiles, showType, withoutNull } from "./assignable.ts";
import { type Cursor, quoted } from "./cursor.ts";
import type { Declared } from "./declared.ts";
import { showSource } from "./links.ts";
import { warnOfDefault } from "./port.ts";

type Body = Pick<Workflow, "inputs" | "outputs" | "steps">;

/** Where things of a workflow are written: `steps.align`, `steps.align.in.reads`, `outputs.bam`. */
export type Places = ReadonlyMap<string, Cursor>;

/**
 * Finds what is wrong between the parts of a workflow whose parts are right (CWL v1.2 Workflow §Workflow step and below).
 * `strict`: links whose types never fit are errors. In sbg:draft-2 they were not, and many apps have them.
 */
export function checkConnections(workflow: Body, places: Places, declared: Declared, strict: boolean): void {
  const check = new ConnectionCheck(workflow, places, declared, strict);
  for (const step of workflow.steps) check.step(step);
  for (const output of workflow.outputs) check.output(output);
  check.cycles();
}

class ConnectionCheck {
  readonly #workflow: Body;
  readonly #places: Places;
  readonly #declared: Declared;
  readonly #misfit: "error" | "warning";
  readonly #steps: ReadonlyMap<string, Step>;
  readonly #inputs: ReadonlyMap<string, InputPort>;

  constructor(workflow: Body, places: Places, declared: Declared, strict: boolean) {
    this.#workflow = workflow;
    this.#places = places;
    this.#declared = declared;
    this.#misfit = strict ? "error" : "warning";
    this.#steps = new Map(workflow.steps.map((step) => [step.id, step]));
    this.#inputs = new Map(workflow.inputs.map((input) => [input.id, input]));
  }

  step(step: Step): void {
    const at = this.#places.get(`steps.${step.id}`)!;
    for (const name of step.out) {
      if (step.run.outputs.some((output) => output.id === name)) continue;
      const known = step.run.outputs.map((output) => output.id);
      (at.get("out") ?? at).error(`what the step runs has no output ${quoted(name)}; ${suggestion(name, known)}`);
    }
    this.#scatter(step, at);
    if (step.run.class === "Workflow")
      this.#needs(
        "subworkflowFeature",
        "SubworkflowFeatureRequirement",
        at.get("run") ?? at,
        "a step that runs a workflow",
        "error",
      );
    const given = new Map(step.in.map((input) => [input.id, input]));
    for (const port of step.run.inputs) {
      const input = given.get(port.id);
      const isFed =
        input !== undefined && (input.source.length > 0 || input.default !== undefined || input.valueFrom !== undefined);
      if (isFed || port.default !== undefined || acceptsNull(port.type)) continue;
      const what = `the required input ${quoted(port.id)} (${showType(port.type)}) has no source, default or valueFrom`;
      // Named but left empty, it only fails if the step runs; and an unresolved source is told where it stands.
      if (input === undefined) (at.get("in") ?? at).error(what);
      else if (!this.#places.get(`steps.${step.id}.in.${input.id}`)?.get("source")) at.warning(what);
    }
    for (const input of step.in) this.#stepInput(step, input);
  }

  output(output: WorkflowOutput): void {
    const at = this.#places.get(`outputs.${output.id}`)!;
    // The field is optional (CWL v1.2 Workflow §WorkflowOutputParameter), and unfinished outputs are published.
    if (output.outputSource.length === 0 && !at.get("outputSource") && !acceptsNull(output.type)) {
      at.warning("without `outputSource` its value is null, whatever its type says");
    }
    this.#link(output.outputSource, output, output.type, output, at.get("outputSource") ?? at);
  }

  /** Walks from each step to those that it waits for. Not recursive: a chain of steps may have any length. */
  cycles(): void {
    const done = new Set<string>();
    const onTrail = new Set<string>();
    for (const first of this.#workflow.steps) {
      /** The steps from `first` to the one that is looked at, each with those that are still to be visited. */
      const trail: { id: string; before: Step[] }[] = [];
      const enter = (step: Step) => {
        trail.push({ id: step.id, before: this.#waitsFor(step) });
        onTrail.add(step.id);
      };
      if (!done.has(first.id)) enter(first);
      for (let here = trail.at(-1); here !== undefined; here = trail.at(-1)) {
        const next = here.before.pop();
        if (next === undefined) {
          done.add(here.id);
          onTrail.delete(here.id);
          trail.pop();
        } else if (onTrail.has(next.id))
          this.#refuseCircle(
            trail.map(({ id }) => id),
            next.id,
          );
        else if (!done.has(next.id)) enter(next);
      }
    }
  }

  #refuseCircle(trail: readonly string[], id: string): void {
    const circle = [...trail.slice(trail.indexOf(id)), id].join(" → ");
    this.#places.get(`steps.${id}`)!.error(`the steps wait for each other in a circle: ${circle}`);
  }

  #waitsFor(step: Step): Step[] {
    const sources = step.in.flatMap((input) => input.source).reverse();
    return sources.flatMap((source) => (source.step === undefined ? [] : (this.#steps.get(source.step) ?? [])));
  }

  #scatter(step: Step, at: Cursor): void {
    const scatterAt = at.get("scatter");
    if (!scatterAt) {
      if (step.scatterMethod !== undefined) at.keyError("scatterMethod", "`scatterMethod` without `scatter` means nothing");
      return;
    }
    this.#needs("scatterFeature", "ScatterFeatureRequirement", scatterAt, "`scatter`", "error");
    if (step.scatter.length > 1 && step.scatterMethod === undefined) {
      scatterAt.error(
        "scattering over more than one input needs `scatterMethod`: dotproduct, nested_crossproduct or flat_crossproduct",
      );
    }
    for (const name of step.scatter) {
      if (step.in.some((input) => input.id === name)) continue;
      scatterAt.error(
        `the step has no input ${quoted(name)} to scatter over; ${suggestion(
          name,
          step.in.map((input) => input.id),
        )}`,
      );
    }
  }

  #stepInput(step: Step, input: StepInput): void {
    const at = this.#places.get(`steps.${step.id}.in.${input.id}`)!;
    if (input.valueFrom !== undefined) {
      this.#needs(
        "stepInputExpression",
        "StepInputExpressionRequirement",
        at.get("valueFrom") ?? at,
        "`valueFrom` of a step input",
        "warning",
        step,
      );
    }
    const port = step.run.inputs.find((candidate) => candidate.id === input.id);
    if (port === undefined) {
      const isForExpressions = step.when !== undefined || step.in.some((other) => other.valueFrom !== undefined);
      if (!isForExpressions)
        at.warning(
          `what the step runs has no input ${quoted(input.id)}; ${suggestion(
            input.id,
            step.run.inputs.map(({ id }) => id),
          )}`,
        );
    }
    // `valueFrom` makes the value that arrives; only without it the link's type says something.
    if (port === undefined || input.valueFrom !== undefined) {
      this.#several(input.source, at.get("source") ?? at);
      return;
    }
    const defaultAt = at.get("default");
    if (defaultAt && input.default !== undefined)
      warnOfDefault(defaultAt, input.default, step.scatter.includes(input.id) ? arrayOf(port.type) : port.type);
    const accepted = port.default === undefined && input.default === undefined ? port.type : ["null" as const, port.type].flat();
    const sink = step.scatter.includes(input.id) ? arrayOf(accepted) : accepted;
    this.#link(input.source, input, sink, port, at.get("source") ?? at);
  }

  #link(sources: readonly PortSource[], merge: StepInput | WorkflowOutput, sink: CwlType, traits: FileTraits, at: Cursor): void {
    this.#several(sources, at);
    for (const source of sources) {
      const found = this.#source(source);
      if (found === undefined) continue;
      const type = merged(found.type, merge, sources.length);
      const result: Fit = fit(type, sink);
      const words = `${quoted(showSource(source))} of type ${showType(type)}`;
      if (result === "never") at[this.#misfit](`${words} does not fit type ${showType(sink)}`);
      else if (result === "sometimes" && !(found.isConditional && fit(withoutNull(type), sink) === "always")) {
        at.warning(`${words} does not always fit type ${showType(sink)}`);
      }
      const missing = result === "never" || found.traits === undefined ? [] : missingSecondaryFiles(found.traits, traits);
      if (missing.length > 0)
        at.warning(
          `${quoted(showSource(source))} does not promise the secondary files ${missing.join(", ")} that are required here`,
        );
    }
  }

  #several(sources: readonly PortSource[], at: Cursor): void {
    if (sources.length > 1)
      this.#needs("multipleInputFeature", "MultipleInputFeatureRequirement", at, "more than one source", "warning");
  }

  /** What a source gives: with the arrays that scattering makes. */
  #source({ step: stepId, port }: PortSource): { type: CwlType; isConditional: boolean; traits?: FileTraits } | undefined {
    if (stepId === undefined) {
      const input = this.#inputs.get(port);
      if (input === undefined) return undefined;
      return { type: input.default === undefined ? input.type : withoutNull(input.type), isConditional: false, traits: input };
    }
    const step = this.#steps.get(stepId);
    const output = step?.run.outputs.find((candidate) => candidate.id === port);
    if (step === undefined || output === undefined) return undefined;
    let type = step.when === undefined ? output.type : (["null" as const, output.type].flat() as CwlType);
    const depth = step.scatterMethod === "nested_crossproduct" ? step.scatter.length : Math.min(step.scatter.length, 1);
    for (let level = 0; level < depth; level++) type = arrayOf(type);
    return { type, isConditional: step.when !== undefined, traits: output };
  }

  /** What v1.2 still asks for by a requirement. The reference runner finds the warned ones only when the step runs. */
  #needs(
    key: keyof Declared["requirements"],
    name: string,
    at: Cursor,
    what: string,
    severity: "error" | "warning",
    holder: Declared = this.#declared,
  ): void {
    if (holder.requirements[key] !== undefined || holder.hints[key] !== undefined) return;
    at[severity](`${what} needs ${quoted(name)} in the requirements of the workflow`);
  }
}

/** The type that arrives when `count` sources are merged (CWL v1.2 Workflow §Merging multiple inbound data links). */
function merged(source: CwlType, { linkMerge, pickValue, sourceIsList }: StepInput | WorkflowOutput, count: number): CwlType {
  const method = sourceIsList ? (linkMerge ?? (count > 1 ? "merge_nested" : undefined)) : linkMerge;
  if (pickValue === "first_non_null" || pickValue === "the_only_non_null") {
    // One source that is an array is picked from by itself.
    if (count === 1 && isArray(source)) return withoutNull(source.items);
    return withoutNull(source);
  }
  const picked =
    pickValue === "all_non_null"
      ? count === 1 && isArray(source)
        ? arrayOf(withoutNull(source.items))
        : withoutNull(source)
      : source;
  if (method === "merge_flattened") {
    const items = (Array.isArray(picked) ? picked : [picked]).flatMap((member) => (isArray(member) ? member.items : member));
    return arrayOf(items.length === 1 ? items[0]! : items);
  }
  return method === "merge_nested" ? arrayOf(picked) : picked;
}

function isArray(type: CwlType): type is Extract<CwlType, { type: "array" }> {
  return typeof type === "object" && !Array.isArray(type) && type.type === "array";
}

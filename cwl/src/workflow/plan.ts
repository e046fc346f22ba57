import type { Inputs, Outputs, Step, Workflow } from "../model.ts";
import { follow, type KnownValues, LinkProblem } from "./link.ts";
import { ScatterProblem, type StepWork, scatterOver } from "./scatter.ts";

/**
 * What is known of one run of a workflow, kept in memory by whoever runs it (`run/workflow-run.ts`). After a crash the run
 * begins with nothing known: the tools that had ended answer from their records, and the same progress comes about again.
 */
export interface Progress {
  /** The workflow's own inputs, bound: defaults filled in, nothing missing. */
  inputs: Inputs;
  /** Steps without an entry have not been started. */
  steps: { readonly [step: string]: StepState };
  /** How many of `steps` are done; kept beside them so that no call has to count them all. */
  doneSteps: number;
}
export type StepState = { is: "started" } | { is: "done"; outputs: Outputs };

/** What the driver does next. */
export type Decision =
  /**
   * All inputs of the step are known. Its scatter items, `work.count` of them and numbered from 0, may run in any order:
   * `scatterItemInputs(work, index)` are the inputs of one, and `resolveScatterItem` applies `valueFrom` and `when` to them.
   * When all have ended, `gatherOutputs` makes the step's outputs of theirs. There may be none at all: an empty scatter.
   */
  | { do: "start"; step: string; work: StepWork }
  /** Every step is done: these are the workflow's outputs, not yet checked against their types. */
  | { do: "complete"; outputs: Outputs }
  /** The workflow cannot go on: no further step should start. `step` is the one whose inputs do not fit. */
  | { do: "fail"; step?: string; why: string };

/**
 * Decides what a workflow needs next, from what is known now. Pure; the cost is that of the steps that follow `changed`,
 * however many others there are and however wide they are scattered.
 *
 * Whoever runs a workflow asks with fresh progress and without `changed`, carries the decisions out, and gives each step that
 * is started its entry. When the last scatter item of steps has ended, it records these as done with their outputs, and asks
 * again with their names in `changed`. Steps with an entry are not decided again. A step that runs a workflow is run in the
 * same way, each of its scatter items with progress of its own.
 *
 * @param changed the steps that are done since the last call; absent: look at all.
 */
export function plan(workflow: Workflow, progress: Progress, changed?: readonly string[]): Decision[] {
  const known: KnownValues = { inputs: progress.inputs, outputsOf: (step) => outputsOf(progress, step) };
  const decisions: Decision[] = [];
  for (const step of changed ? followersOf(workflow, changed) : workflow.steps) {
    if (!progress.steps[step.id] && isReady(step, progress)) decisions.push(start(step, known));
  }
  if (progress.doneSteps === workflow.steps.length) decisions.push(complete(workflow, known));
  return decisions.find((decision) => decision.do === "fail")
    ? decisions.filter((decision) => decision.do === "fail")
    : decisions;
}

function outputsOf(progress: Progress, step: string): Outputs {
  const state = progress.steps[step];
  return state?.is === "done" ? state.outputs : {};
}

const isReady = (step: Step, progress: Progress): boolean =>
  step.in.every((input) =>
    input.source.every((source) => source.step === undefined || progress.steps[source.step]?.is === "done"),
  );

function start(step: Step, known: KnownValues): Decision {
  try {
    const inputs = Object.fromEntries(step.in.map((input) => [input.id, follow(input, known) ?? input.default ?? null]));
    return { do: "start", step: step.id, work: scatterOver(step, inputs) };
  } catch (error) {
    if (error instanceof LinkProblem || error instanceof ScatterProblem) return { do: "fail", step: step.id, why: error.message };
    throw error;
  }
}

function complete(workflow: Workflow, known: KnownValues): Decision {
  try {
    const outputs = workflow.outputs.map((output) => [output.id, follow({ ...output, source: output.outputSource }, known)]);
    return { do: "complete", outputs: Object.fromEntries(outputs) };
  } catch (error) {
    if (error instanceof LinkProblem) return { do: "fail", why: error.message };
    throw error;
  }
}

/** The steps that read from any of `changed`, each once. */
function followersOf(workflow: Workflow, changed: readonly string[]): Set<Step> {
  let followers = FOLLOWERS.get(workflow);
  if (!followers) {
    followers = indexFollowers(workflow);
    FOLLOWERS.set(workflow, followers);
  }
  const found = new Set<Step>();
  for (const step of changed) for (const follower of followers.get(step) ?? []) found.add(follower);
  return found;
}

const FOLLOWERS = new WeakMap<Workflow, Map<string, Set<Step>>>();

function indexFollowers(workflow: Workflow): Map<string, Set<Step>> {
  const followers = new Map<string, Set<Step>>();
  for (const step of workflow.steps) {
    for (const source of step.in.flatMap((input) => input.source)) {
      if (source.step === undefined) continue;
      const steps = followers.get(source.step) ?? new Set();
      followers.set(source.step, steps.add(step));
    }
  }
  return followers;
}

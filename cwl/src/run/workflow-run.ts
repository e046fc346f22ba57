import type { Evaluator, Inputs, Outputs, Process, Step, Workflow } from "../model.ts";
import {
  gatherOutputs,
  type Progress,
  plan,
  resolveScatterItem,
  type StepState,
  type StepWork,
  scatterItemInputs,
} from "../workflow/index.ts";
import { RunError } from "./run-error.ts";
import type { RunEvent } from "./run-event.ts";

/** What a workflow uses of the run of its document. */
export interface WorkflowDeps {
  evaluator: Evaluator;
  /** Aborts when the run is stopped. */
  signal: AbortSignal;
  /** Scatter items of one scattered step that are under way at once. */
  scatterItemsAtOnce: number;
  /** Runs what a step runs. @throws RunError */
  runProcess(process: Process, given: Inputs, name: string): Promise<Outputs>;
  /** Ends what runs and keeps anything else from starting. The first reason counts. */
  stop(why: unknown): void;
  report(event: RunEvent): void;
}

/**
 * Runs one workflow to its outputs: asks the plan, starts what it says, and asks again when steps end.
 *
 * @param name the path of the workflow in the run, "" for the outermost
 * @throws RunError of the first step that fails; by then everything that was started has ended.
 */
export async function runWorkflow(workflow: Workflow, inputs: Inputs, name: string, run: WorkflowDeps): Promise<Outputs> {
  const steps: { [step: string]: StepState } = {};
  const progress: Progress & { steps: typeof steps } = { inputs, steps, doneSteps: 0 };
  const stepsById = new Map(workflow.steps.map((step) => [step.id, step]));
  const ended = new Mailbox<StepEnd>();
  let running = 0;
  let failure: unknown;
  let changed: string[] | undefined;
  for (;;) {
    // After a failure nothing new starts, and what runs is being stopped: only its end is awaited.
    for (const decision of failure === undefined ? plan(workflow, progress, changed) : []) {
      if (decision.do === "complete") return decision.outputs;
      if (decision.do === "fail") {
        failure = new RunError(joinName(name, decision.step), decision.why);
        run.stop(failure);
      } else {
        steps[decision.step] = { is: "started" };
        running++;
        void runStep(workflow, stepsById.get(decision.step)!, decision.work, name, run).then(
          (outputs) => ended.put({ step: decision.step, outputs }),
          (error: unknown) => ended.put({ step: decision.step, error }),
        );
      }
    }
    if (running === 0) throw failure ?? new RunError(name, "steps wait for each other in a circle");
    changed = [];
    for (const end of await ended.takeAll()) {
      running--;
      if ("error" in end) failure ??= end.error;
      else {
        steps[end.step] = { is: "done", outputs: end.outputs };
        progress.doneSteps++;
        changed.push(end.step);
        run.report({ is: "gathered", name: joinName(name, end.step) });
      }
    }
  }
}

type StepEnd = { step: string; outputs: Outputs } | { step: string; error: unknown };

/** Runs all scatter items of a step, a bounded number at once. The first failure stops the whole run. */
async function runStep(
  workflow: Workflow,
  step: Step,
  work: StepWork,
  workflowName: string,
  run: WorkflowDeps,
): Promise<Outputs> {
  const name = joinName(workflowName, step.id);
  const items = new Array<Outputs | null>(work.count).fill(null);
  let next = 0;
  const runSome = async () => {
    while (next < work.count) {
      run.signal.throwIfAborted();
      const index = next++;
      const itemName = work.scatter ? `${name}[${index}]` : name;
      items[index] = await runScatterItem(workflow, step, scatterItemInputs(work, index), itemName, run);
    }
  };
  const runners = Array.from({ length: Math.min(run.scatterItemsAtOnce, work.count) }, () =>
    runSome().catch((error: unknown) => {
      run.stop(error);
      throw error;
    }),
  );
  const ends = await Promise.allSettled(runners);
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  return gatherOutputs(step, work, items);
}

async function runScatterItem(
  workflow: Workflow,
  step: Step,
  inputs: Inputs,
  name: string,
  run: WorkflowDeps,
): Promise<Outputs | null> {
  const given = await RunError.explain(name, () =>
    resolveScatterItem(step, inputs, { evaluator: run.evaluator, cwlVersion: workflow.cwlVersion, scripts: workflow.scripts }),
  );
  if (given === null) {
    run.report({ is: "skipped", name });
    return null;
  }
  return run.runProcess(step.run as Process, given, name);
}

const joinName = (outer: string, inner: string | undefined): string =>
  inner === undefined ? outer : outer === "" ? inner : `${outer}.${inner}`;

/** Things that have happened since one last looked; looking waits for at least one. */
class Mailbox<T> {
  #letters: T[] = [];
  #wake: (() => void) | undefined;

  put(letter: T): void {
    this.#letters.push(letter);
    this.#wake?.();
  }

  async takeAll(): Promise<T[]> {
    if (this.#letters.length === 0) await new Promise<void>((wake) => (this.#wake = wake));
    const letters = this.#letters;
    this.#letters = [];
    return letters;
  }
}

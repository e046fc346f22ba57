import { availableParallelism, totalmem } from "node:os";
import pLimit, { type LimitFunction } from "p-limit";
import { createEvaluator } from "../expressions/evaluator.ts";
import type { JobRunner } from "../job.ts";
import { runExpressionTool, runTool, type ToolContext } from "../jobs/index.ts";
import { bindInputs, plainOutputs } from "../jobs/input-binding.ts";
import type { CommandLineTool, CompiledDocument, Evaluator, Inputs, Outputs, Process } from "../model.ts";
import { type ReuseDecision, type ReuseStore, reusing } from "../reuse/index.ts";
import { type Capacity, withinCapacity } from "./capacity.ts";
import { RunError } from "./run-error.ts";
import { runWorkflow } from "./workflow-run.ts";

/** What happens during a run, for a log. `name` is a step path with scatter index; "" is the document itself. */
export type RunEvent =
  | { is: "started" | "skipped"; name: string }
  | { is: "ended"; name: string }
  /** All scatter items of the step `name` have ended. */
  | { is: "gathered"; name: string }
  /** Whether a job had to run, when earlier results may be used. */
  | ReuseDecision
  | { is: "failed"; name: string; why: string };

export interface RunOptions {
  /** Where commands run. */
  runner: JobRunner;
  /** A directory for the jobs' own directories; exists, is ours alone, and is removed by the caller. */
  workDirectory: string;
  /** Default: one that is made for this run. */
  evaluator?: Evaluator;
  /** What jobs may use together; default: all cores and all memory of this machine. */
  capacity?: Capacity;
  /** Ends every job and the run. */
  signal?: AbortSignal;
  report?: (event: RunEvent) => void;
  /**
   * Takes the place of running a tool at once: a durable driver answers with what it has recorded for `context.name`,
   * or goes on with a job that it had started before a crash. The name is the same in every run of the document.
   */
  runTool?: (tool: CommandLineTool, given: Inputs, context: ToolContext) => Promise<Outputs>;
  /** Results of earlier jobs, used in place of running the same job again; what succeeds is added. */
  reuse?: ReuseStore;
  /** More of what jobs are given; see `ToolContext`. */
  tool?: Partial<Pick<ToolContext, "acceptUnknownFormats" | "allowInplaceUpdate" | "machine" | "mayRead">>;
}

/**
 * Runs a document without a database: everything is in memory, and ends with this call.
 *
 * Steps and scattered jobs run side by side as far as cores and memory allow. The first failure stops everything else.
 *
 * @returns the outputs; their Files are inside of `workDirectory` or are inputs
 * @throws RunError naming the step and scatter index; an AbortError when `signal` aborted
 */
export async function runDocument(document: CompiledDocument, given: Inputs, options: RunOptions): Promise<Outputs> {
  const run = new ProcessRun(document, options);
  const onAbort = () => run.stop(options.signal?.reason);
  if (options.signal?.aborted) onAbort();
  options.signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return await run.runProcess(document.process, given, "");
  } catch (error) {
    // What was stopped fails, too: the reason of the stop is what happened.
    throw run.whyStopped ?? error;
  } finally {
    options.signal?.removeEventListener("abort", onAbort);
  }
}

/** One run: what all of its processes share. */
export class ProcessRun {
  readonly evaluator: Evaluator;
  readonly #document: CompiledDocument;
  readonly #options: RunOptions;
  readonly #runner: JobRunner;
  readonly #runTool: NonNullable<RunOptions["runTool"]>;
  readonly #stop = new AbortController();
  /** Jobs being prepared, running or being collected: a few more than can run, so that none waits for its preparation. */
  readonly #jobs: LimitFunction;
  /** Scatter items of one scattered step that are under way at once: enough to keep the machine and the sandbox busy. */
  readonly scatterItemsAtOnce: number;
  #jobCount = 0;
  #whyStopped: unknown;

  constructor(document: CompiledDocument, options: RunOptions) {
    const capacity = options.capacity ?? { cores: availableParallelism(), ramMiB: Math.floor(totalmem() / 2 ** 20) };
    this.evaluator = options.evaluator ?? createEvaluator();
    this.#document = document;
    this.#options = options;
    this.#runner = withinCapacity(options.runner, capacity);
    const runJob = options.runTool ?? runTool;
    this.#runTool = options.reuse ? reusing(options.reuse, runJob, (decision) => this.report(decision)) : runJob;
    this.#jobs = pLimit(4 * Math.ceil(capacity.cores) + 8);
    this.scatterItemsAtOnce = Math.min(1000, Math.max(32, 4 * Math.ceil(capacity.cores)));
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Why the run was stopped before its end, if it was. */
  get whyStopped(): unknown {
    return this.#whyStopped;
  }

  /** Ends what runs and keeps anything else from starting. The first reason counts. */
  stop(why: unknown): void {
    this.#whyStopped ??= why;
    this.#stop.abort();
  }

  report(event: RunEvent): void {
    this.#options.report?.(event);
  }

  async runProcess(process: Process, given: Inputs, name: string): Promise<Outputs> {
    this.signal.throwIfAborted();
    this.report({ is: "started", name });
    try {
      const outputs = await RunError.explain(name, () => this.#run(process, given, name));
      this.report({ is: "ended", name });
      return outputs;
    } catch (error) {
      if (error instanceof RunError && error.step === name && !this.signal.aborted)
        this.report({ is: "failed", name, why: error.why });
      throw error;
    }
  }

  async #run(process: Process, given: Inputs, name: string): Promise<Outputs> {
    switch (process.class) {
      case "CommandLineTool":
        return this.#jobs(() => this.#runTool(process, given, this.#jobContext(name)));
      case "ExpressionTool":
        return this.#jobs(() => runExpressionTool(process, given, this.#jobContext(name)));
      case "Workflow":
        // Among the outputs may be inputs, with what only expressions see of them.
        return plainOutputs(await runWorkflow(process, await bindInputs(process, given, this.#bindingContext(name)), name, this));
      case "Operation":
        throw new RunError(
          name,
          `${process.id} is an Operation: it says what a step is about, but not how to run it (CWL v1.2 §Operation)`,
        );
    }
  }

  #bindingContext(name: string) {
    const discoverSecondaryFiles = name === "";
    return { evaluator: this.evaluator, formats: this.#document.formats, discoverSecondaryFiles, ...this.#options.tool };
  }

  #jobContext(name: string): ToolContext {
    const id = `job-${++this.#jobCount}`;
    return {
      ...this.#bindingContext(name),
      runner: this.#runner,
      signal: this.signal,
      id,
      name: name === "" ? "job" : name,
      directory: `${this.#options.workDirectory}/${id}`,
    };
  }
}

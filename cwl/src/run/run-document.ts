import { availableParallelism } from "node:os";
import { createEvaluator } from "../expressions/evaluator.ts";
import { type BindingContext, type RunTool, runExpressionTool } from "../jobs/index.ts";
import { bindInputs, plainOutputs } from "../jobs/input-binding.ts";
import type { CompiledDocument, Evaluator, Inputs, Outputs, Process } from "../model.ts";
import { RunError } from "./run-error.ts";
import type { RunEvent } from "./run-event.ts";
import { runWorkflow, type WorkflowDeps } from "./workflow-run.ts";

/** How a document is run; of `acceptUnknownFormats` and `mayRead` see `BindingContext`. */
export interface RunOptions extends Pick<BindingContext, "acceptUnknownFormats" | "mayRead"> {
  /**
   * Runs one tool to its outputs: `localTools(…)` does it at once and remembers nothing; a durable one answers with what it
   * has recorded for the call's name, or goes on with a job that was started before a crash. As many are called at once as
   * there are tools ready to run: the tool runner decides how many of them do something.
   */
  runTool: RunTool;
  /** Default: one that is made for this run. */
  evaluator?: Evaluator;
  /** Ends the run: every call of `runTool` gets a signal that aborts with it. */
  signal?: AbortSignal;
  report?: (event: RunEvent) => void;
  /** Scatter items of one step that are under way at once. Default: enough to keep this machine and the sandbox busy. */
  scatterItemsAtOnce?: number;
}

/**
 * Runs a document: decides which tools run with which inputs, and makes the outputs of theirs. Everything that it knows is in
 * memory and ends with this call; what must outlive a crash is what `runTool` records. Called again with the same document
 * and inputs, it calls `runTool` with the same names and inputs again.
 *
 * Steps and scatter items run side by side. The first failure stops everything else.
 *
 * @returns the outputs; their Files are where `runTool` left them, or are inputs
 * @throws RunError naming the step and scatter index; an AbortError when `signal` aborted
 */
export async function runDocument(document: CompiledDocument, given: Inputs, options: RunOptions): Promise<Outputs> {
  const run = new DocumentRun(document, options);
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
class DocumentRun implements WorkflowDeps {
  readonly evaluator: Evaluator;
  readonly scatterItemsAtOnce: number;
  readonly #document: CompiledDocument;
  readonly #options: RunOptions;
  readonly #stop = new AbortController();
  #whyStopped: unknown;

  constructor(document: CompiledDocument, options: RunOptions) {
    this.evaluator = options.evaluator ?? createEvaluator();
    this.scatterItemsAtOnce = options.scatterItemsAtOnce ?? Math.min(1000, Math.max(32, 4 * availableParallelism()));
    this.#document = document;
    this.#options = options;
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Why the run was stopped before its end, if it was. */
  get whyStopped(): unknown {
    return this.#whyStopped;
  }

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
    const binding = this.#bindingContext(name);
    switch (process.class) {
      case "CommandLineTool":
        return this.#options.runTool(process, given, { ...binding, name: toolName(name), signal: this.signal });
      case "ExpressionTool":
        return runExpressionTool(process, given, { ...binding, name: toolName(name) });
      case "Workflow": {
        const inputs = await bindInputs(process, given, binding);
        // Among the outputs may be inputs, with what only expressions see of them.
        return plainOutputs(await runWorkflow(process, inputs, name, this));
      }
      case "Operation":
        throw new RunError(
          name,
          `${process.id} is an Operation: it says what a step is about, but not how to run it (CWL v1.2 §Operation)`,
        );
    }
  }

  #bindingContext(name: string): BindingContext {
    const { acceptUnknownFormats, mayRead } = this.#options;
    return {
      evaluator: this.evaluator,
      formats: this.#document.formats,
      discoverSecondaryFiles: name === "",
      ...(acceptUnknownFormats !== undefined && { acceptUnknownFormats }),
      ...(mayRead && { mayRead }),
    };
  }
}

/** A document that is one tool has no steps to name it. */
const toolName = (name: string): string => (name === "" ? "job" : name);

import { ExpressionError } from "../expressions/index.ts";
import { JobError } from "../jobs/job-error.ts";
import { DocumentError } from "../load/problem.ts";
import { LinkProblem } from "../workflow/link.ts";
import { ScatterProblem } from "../workflow/scatter.ts";
import { ScatterItemProblem } from "../workflow/scatter-item.ts";

/** A run that failed. The message says which step, with its scatter index, and why. */
export class RunError extends Error {
  /** The path of the step, as `align.sort[3]`; "" for the document itself. */
  readonly step: string;
  /** Without the step. */
  readonly why: string;

  constructor(step: string, why: string, options?: { cause?: unknown }) {
    super(step === "" ? why : `step ${step}: ${why}`, options);
    this.step = step;
    this.why = why;
  }

  /** Does the work; what it throws becomes a RunError of `step`. An abort stays an abort. */
  static async explain<T>(step: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof RunError || isAbort(cause)) throw cause;
      const message = cause instanceof Error ? cause.message : String(cause);
      // A job's errors begin with its name, which is the step's.
      throw new RunError(step, message.startsWith(`${step}: `) ? message.slice(step.length + 2) : message, { cause });
    }
  }
}

/**
 * Whether what went wrong is the document's, its inputs' or its tools' fault: the same happens when it is run again.
 * Everything else is a fault of the engine or of the system below it.
 */
export function isDocumentFault(error: unknown): boolean {
  for (let here = error; here instanceof Error; here = here.cause) {
    if (KINDS.some((kind) => here instanceof kind)) return true;
    if (here instanceof RunError && here.cause === undefined) return true;
  }
  return false;
}

const KINDS = [JobError, ExpressionError, DocumentError, LinkProblem, ScatterProblem, ScatterItemProblem];

const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === "AbortError";

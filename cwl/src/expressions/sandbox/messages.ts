import type { ExpressionLimit } from "../expression-error.ts";

/** One expression for a worker. Everything that is a value travels as JSON text: cheaper than a structured clone. */
export interface Evaluation {
  /** Counts up within a worker; the worker notes it in the shared progress cell before it starts. */
  sequence: number;
  /** Which task's realm: evaluations of one realm share compiled code, never values. */
  realm: number;
  library: number;
  code: string;
  isBody: boolean;
  /** `{"inputs": …, "self": …, "runtime": …}`; a variable that the code cannot name is left out. */
  variables: string;
}

/** The `expressionLib` of a process, under a number unique in this program. */
export interface Library {
  library: number;
  /** The task's. */
  realm: number;
  /** What `Date.now()` gives, in milliseconds: the same for a run and its replay. */
  now: number;
  expressionLib: readonly string[];
  /** See `Program`. */
  isStrict: boolean;
}
/** Libraries are sent with every batch, so that a fresh worker needs no history. */
export interface Batch {
  libraries: Library[];
  evaluations: Evaluation[];
}

/** `warning`: what strict mode, or CWL, has against an expression that has a value all the same. */
export type Answer = { json: string; warning?: Failure } | { failure: Failure };
export type Verdict = { sequence: number } & Answer;
export interface Failure {
  why: string;
  /** From 1, inside the expression's code, or of the library. */
  line?: number;
  /** The index in `expressionLib`, when it is a library's code that failed. */
  library?: number;
  limit?: ExpressionLimit;
}

export interface Limits {
  /** For one evaluation, libraries included. */
  milliseconds: number;
  memoryBytes: number;
}

/** Given to a worker at its start. `progress[0]` is the sequence being evaluated, 0 when idle. */
export interface WorkerStart {
  progress: Int32Array;
  limits: Limits;
}

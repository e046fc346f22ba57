import type { ExpressionLimit } from "../expression-error.ts";

/** One expression for a worker. Everything that is a value travels as JSON text: cheaper than a structured clone. */
export interface Evaluation {
  /** Counts up within a worker; the worker notes it in the shared progress cell before it starts. */
  sequence: number;
  /** Which realm: evaluations of one realm share compiled code, never values. */
  realm: number;
  code: string;
  isBody: boolean;
  /** `{"inputs": …, "self": …, "runtime": …}`; a variable that the code cannot name is left out. */
  variables: string;
}

/** What a batch's realms are made of, sent with every batch so that a fresh worker needs no history. */
export interface RealmSource {
  realm: number;
  expressionLib: readonly string[];
  /** What `Date.now()` gives, in milliseconds: the same for a run and its replay. */
  now: number;
}
export interface Batch {
  realms: RealmSource[];
  evaluations: Evaluation[];
}

export type Verdict = { sequence: number; json: string } | { sequence: number; failure: Failure };
export interface Failure {
  why: string;
  /** From 1, inside the expression's code. */
  line?: number;
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

import { type Node, position } from "./node.ts";

/** One thing that is wrong in a document. Lines and columns count from 1. */
export interface Problem {
  severity: "error" | "warning";
  file: string;
  line: number;
  column: number;
  /** Where in the document: `steps.align.in.reads`. Empty for the whole of it. */
  path: string;
  message: string;
  /** The document may be right, but asks for what this engine does not have. */
  unsupported?: true;
}

/** What else a problem may say. */
export interface ProblemOptions {
  /** The fault is the key, not its value. */
  onKey?: boolean;
  unsupported?: boolean;
}

/** `tool.cwl:12:5: inputs.reads.type: unknown type …` */
export function formatProblem(problem: Problem): string {
  const warning = problem.severity === "warning" ? "warning: " : "";
  return `${problem.file}:${problem.line}:${problem.column}: ${warning}${formatShort(problem)}`;
}

/** Without the place in the file, as `sbg:validationErrors` shows it: `steps.align.in.reads: …`. */
export function formatShort(problem: Problem): string {
  return problem.path === "" ? problem.message : `${problem.path}: ${problem.message}`;
}

/** The document cannot be used. `problems` has every error and warning found, in the order of the document. */
export class DocumentError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join("\n"));
    this.name = "DocumentError";
    this.problems = problems;
  }
}

/** More errors help nobody, nor do more warnings, and each costs something: a document may have a million. */
const PROBLEMS_AT_MOST = 1000;

/** Reading stopped before the end of the document. */
class TooManyProblems extends DocumentError {
  constructor(problems: readonly Problem[]) {
    const { file, line, column } = problems.at(-1)!;
    const message = `there are more problems than these ${problems.length}: the rest of the document was not looked at`;
    super([...problems, { severity: "error", file, line, column, path: "", message }]);
  }
}

/** Gathers problems while a document is read, so that all of them are told at once. */
export class Problems {
  readonly #found = new Map<string, Problem>();
  readonly #files = new Set<string>();
  #errors = 0;

  error(at: Node, path: string, message: string, options: ProblemOptions = {}): undefined {
    this.#add("error", at, path, message, options);
    return undefined;
  }

  warning(at: Node, path: string, message: string): void {
    this.#add("warning", at, path, message, {});
  }

  /** Problems that were found before. */
  take(problems: readonly Problem[]): void {
    for (const problem of problems) this.#keep(problem);
  }

  /** Documents' problems are told in the order in which they were read. */
  reading(file: string): void {
    this.#files.add(file);
  }

  /** In the order of the documents' lines, the first document first. */
  get list(): Problem[] {
    const files = [...this.#files];
    const order = (problem: Problem) => [files.indexOf(problem.file), problem.line, problem.column] as const;
    return [...this.#found.values()].sort((a, b) => {
      const [x, y] = [order(a), order(b)];
      return x[0] - y[0] || x[1] - y[1] || x[2] - y[2];
    });
  }

  get hasErrors(): boolean {
    return this.#errors > 0;
  }

  #add(severity: Problem["severity"], at: Node, path: string, message: string, { onKey, unsupported }: ProblemOptions): void {
    const offset = onKey ? (at.keyOffset ?? at.offset) : at.offset;
    const problem: Problem = { severity, file: at.source.name, ...position(at.source, offset), path, message };
    if (unsupported) problem.unsupported = true;
    this.#keep(problem, at.source.text === undefined ? path : "");
  }

  /** A tool used by many steps is read many times: its faults are told once, at one place of the text or one path. */
  #keep(problem: Problem, path = ""): void {
    const key = JSON.stringify([problem.file, problem.line, problem.column, problem.message, path]);
    if (this.#found.has(key)) return;
    const isError = problem.severity === "error";
    if (isError && this.#errors >= PROBLEMS_AT_MOST) throw new TooManyProblems(this.list);
    if (!isError && this.#found.size >= PROBLEMS_AT_MOST) return;
    if (isError) this.#errors += 1;
    this.#found.set(key, problem);
    this.#files.add(problem.file);
  }
}

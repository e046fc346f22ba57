import type { QuickJSContext, QuickJSHandle, QuickJSRuntime, QuickJSWASMModule } from "quickjs-emscripten";
import type { Failure, Limits } from "./messages.ts";
import { FREEZE, PRELUDE } from "./prelude.ts";

/** How far recursion may go. More would overflow the host's own stack, which WebAssembly does not survive. */
const STACK_BYTES = 128 * 1024;
/** Compiled expressions kept in a realm; a document has a few dozen. */
const COMPILED_EXPRESSIONS = 500;

export interface Program {
  /** Numbers `expressionLib`, so that compiled code is found without comparing texts. */
  library: number;
  expressionLib: readonly string[];
  code: string;
  isBody: boolean;
}
export type Outcome = { json: string } | { failure: Failure };

/**
 * One QuickJS runtime. A frozen one serves many evaluations: libraries run anew each time, in the scope of a
 * function, and what outlives a function cannot be changed. One that is not frozen behaves like any JavaScript engine,
 * and serves one evaluation.
 */
export class Realm {
  /** True after a limit was hit or something was left to run later: no more evaluations then. */
  isSpent = false;
  readonly #runtime: QuickJSRuntime;
  readonly #context: QuickJSContext;
  readonly #run: QuickJSHandle;
  readonly #limits: Limits;
  readonly #compiled = new Map<string, QuickJSHandle>();
  #deadline = Number.POSITIVE_INFINITY;

  constructor(quickjs: QuickJSWASMModule, limits: Limits, isFrozen: boolean) {
    this.#limits = limits;
    this.#runtime = quickjs.newRuntime();
    this.#runtime.setMemoryLimit(limits.memoryBytes);
    this.#runtime.setMaxStackSize(STACK_BYTES);
    this.#runtime.setInterruptHandler(() => performance.now() > this.#deadline);
    this.#context = this.#runtime.newContext();
    this.#run = this.#context.unwrapResult(this.#context.evalCode(PRELUDE, "prelude"));
    if (isFrozen) this.#context.unwrapResult(this.#context.evalCode(FREEZE, "prelude")).dispose();
  }

  evaluate(program: Program, variables: string): Outcome {
    this.#deadline = performance.now() + this.#limits.milliseconds;
    const compiled = this.#compile(program);
    if ("failure" in compiled) return compiled;
    const json = this.#context.newString(variables);
    const seed = this.#context.newNumber(seedOf(program.code, variables));
    const result = this.#context.callFunction(this.#run, this.#context.undefined, compiled.function, json, seed);
    json.dispose();
    seed.dispose();
    if (this.#runtime.hasPendingJob()) this.isSpent = true;
    if (result.error) return { failure: this.#describe(result.error, program) };
    const text = this.#context.getString(result.value);
    result.value.dispose();
    return { json: text };
  }

  dispose(): void {
    for (const compiled of this.#compiled.values()) compiled.dispose();
    this.#run.dispose();
    this.#context.dispose();
    this.#runtime.dispose();
  }

  #compile(program: Program): { function: QuickJSHandle } | { failure: Failure } {
    const key = `${program.library}${program.isBody ? "{" : "("}${program.code}`;
    const known = this.#compiled.get(key);
    if (known) return { function: known };
    const result = this.#context.evalCode(sourceOf(program), "expression");
    if (result.error) return { failure: this.#describe(result.error, program) };
    this.#compiled.set(key, result.value);
    if (this.#compiled.size >= COMPILED_EXPRESSIONS) this.isSpent = true;
    return { function: result.value };
  }

  /** Reads the thrown value. The deadline still holds: a getter may run. */
  #describe(error: QuickJSHandle, program: Program): Failure {
    const thrown: unknown = this.#context.dump(error);
    error.dispose();
    const { name, message, stack } = (typeof thrown === "object" && thrown !== null ? thrown : {}) as Record<string, unknown>;
    if (name === "InternalError" || name === "RangeError") {
      const limit = limitOf(String(message));
      if (limit) {
        this.isSpent = true;
        return { why: describeLimit(limit, this.#limits), limit };
      }
    }
    const why = message === undefined ? `threw ${shorten(showThrown(thrown))}` : shorten(`${name ?? "Error"}: ${message}`);
    const line = lineOf(String(stack ?? ""), program);
    if (line !== undefined && line < 1) return { why: `${why} (in expressionLib)` };
    return line === undefined ? { why } : { why, line };
  }
}

/** The function that QuickJS compiles. Libraries come first; like the expression, they see the three variables. */
function sourceOf(program: Program): string {
  const body = program.isBody ? program.code : `return (${program.code}\n);`;
  return `${beforeCode(program.expressionLib)}${body}\n})();\n})`;
}

const beforeCode = (expressionLib: readonly string[]): string =>
  `(function (inputs, self, runtime) { "use strict";\n${expressionLib.join("\n")}\nreturn (function () {`;

/** The line inside of the expression's code from a stack trace; 0 or less is a line of a library. */
function lineOf(stack: string, program: Program): number | undefined {
  const line = /\bexpression:(\d+)/.exec(stack)?.[1];
  if (line === undefined) return undefined;
  const before = beforeCode(program.expressionLib).split("\n").length;
  return Number(line) - before + 1;
}

function limitOf(message: string): Failure["limit"] {
  if (message.includes("interrupted")) return "time";
  if (message.includes("out of memory") || message.includes("invalid string length") || message.includes("string too long"))
    return "memory";
  if (message.includes("stack")) return "stack";
  return undefined;
}

function describeLimit(limit: NonNullable<Failure["limit"]>, limits: Limits): string {
  if (limit === "time") return `it ran longer than ${limits.milliseconds / 1000} s and was stopped`;
  if (limit === "memory")
    return `it needs more than the ${Math.round(limits.memoryBytes / 2 ** 20)} MiB of memory that an expression may use`;
  return "it calls itself too deeply";
}

/** FNV-1a over the code and the values: the same for a replay, another one for another scatter index. */
function seedOf(code: string, variables: string): number {
  let hash = 0x811c9dc5;
  for (const text of [code, variables]) {
    const step = Math.max(1, Math.floor(text.length / 256));
    for (let at = 0; at < text.length; at += step) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash | 0;
}

const shorten = (text: string): string => (text.length > 2000 ? `${text.slice(0, 2000)}…` : text);

function showThrown(thrown: unknown): string {
  return typeof thrown === "string" ? thrown : (JSON.stringify(thrown) ?? String(thrown));
}

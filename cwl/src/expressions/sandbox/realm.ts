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
  /** Whether CWL's strict mode (v1.2 §Expressions) is all there is: no second try without it, and no null for nothing. */
  isStrict: boolean;
}
/** `json` of "" is the value undefined. */
export type Outcome = { json: string } | { failure: Failure };

/** The functions of the prelude. */
interface Prelude {
  run: QuickJSHandle;
  define: QuickJSHandle;
  finish: QuickJSHandle;
  sweep: QuickJSHandle;
}

/**
 * One QuickJS runtime. A frozen one serves many evaluations (`evaluate`): libraries run anew each time, in a function whose
 * `this` is the global object, from which what they put there is taken again; nothing else that outlives a function can
 * be changed. One that is not frozen serves one evaluation (`evaluateAlone`), and behaves like any JavaScript engine.
 */
export class Realm {
  /** True after a limit was hit or something was left to run later: no more evaluations then. */
  isSpent = false;
  readonly #runtime: QuickJSRuntime;
  readonly #context: QuickJSContext;
  readonly #prelude: Prelude;
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
    const made = this.#context.unwrapResult(this.#context.evalCode(PRELUDE, "prelude"));
    const part = (name: keyof Prelude) => this.#context.getProp(made, name);
    this.#prelude = { run: part("run"), define: part("define"), finish: part("finish"), sweep: part("sweep") };
    made.dispose();
    if (isFrozen) {
      this.#context.unwrapResult(this.#context.evalCode(FREEZE, "prelude")).dispose();
      this.#sweep();
    }
  }

  /** In a frozen realm. A failure that is no limit may come of what is frozen. */
  evaluate(program: Program, variables: string): Outcome {
    this.#deadline = performance.now() + this.#limits.milliseconds;
    const compiled = this.#compile(program);
    if ("failure" in compiled) return compiled;
    const outcome = this.#call(this.#prelude.run, this.#given(program, variables), compiled.function);
    if (!this.isSpent && !this.#sweep()) this.isSpent = true;
    return outcome;
  }

  /** In a realm that is not frozen, once: the libraries and the expression as one program, in strict mode or not. */
  evaluateAlone(program: Program, variables: string, isStrict: boolean): Outcome {
    this.#deadline = performance.now() + this.#limits.milliseconds;
    const directive = isStrict ? '"use strict";' : "";
    const defined = this.#call(this.#prelude.define, this.#given(program, variables));
    if ("failure" in defined) return defined;
    for (const [index, library] of program.expressionLib.entries()) {
      const result = this.#context.evalCode(`${directive}${library}`, `library-${index}`);
      if (result.error) return { failure: this.#describe(result.error) };
      result.value.dispose();
    }
    const body = program.isBody ? program.code : `return (${program.code}\n);`;
    const result = this.#context.evalCode(`(function () { ${directive}${body}\n})`, "expression");
    if (result.error) return { failure: this.#describe(result.error) };
    return this.#call(this.#prelude.finish, [result.value]);
  }

  dispose(): void {
    for (const compiled of this.#compiled.values()) compiled.dispose();
    for (const part of Object.values(this.#prelude) as QuickJSHandle[]) part.dispose();
    this.#context.dispose();
    this.#runtime.dispose();
  }

  #given(program: Program, variables: string): QuickJSHandle[] {
    return [this.#context.newString(variables), this.#context.newNumber(seedOf(program.code, variables))];
  }

  /** Calls a function of the prelude, with code that is kept for later calls and what is disposed of after this one. */
  #call(called: QuickJSHandle, given: readonly QuickJSHandle[], kept?: QuickJSHandle): Outcome {
    const result = this.#context.callFunction(called, this.#context.undefined, ...(kept ? [kept] : []), ...given);
    for (const handle of given) handle.dispose();
    if (this.#runtime.hasPendingJob()) this.isSpent = true;
    if (result.error) return { failure: this.#describe(result.error) };
    const json = this.#context.typeof(result.value) === "string" ? this.#context.getString(result.value) : "";
    result.value.dispose();
    return { json };
  }

  /** Clears the global object; false when something stays on it. */
  #sweep(): boolean {
    const result = this.#context.callFunction(this.#prelude.sweep, this.#context.undefined);
    if (result.error) {
      result.error.dispose();
      return false;
    }
    const isClean = this.#context.dump(result.value) === true;
    result.value.dispose();
    return isClean;
  }

  #compile(program: Program): { function: QuickJSHandle } | { failure: Failure } {
    const key = `${program.library}${program.isBody ? "{" : "("}${program.code}`;
    const known = this.#compiled.get(key);
    if (known) return { function: known };
    const result = this.#context.evalCode(sourceOf(program), "expression");
    if (result.error) return { failure: this.#describe(result.error) };
    this.#compiled.set(key, result.value);
    if (this.#compiled.size >= COMPILED_EXPRESSIONS) this.isSpent = true;
    return { function: result.value };
  }

  /** Reads the thrown value. The deadline still holds: a getter may run. */
  #describe(error: QuickJSHandle): Failure {
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
    return { why, ...placeOf(String(stack ?? "")) };
  }
}

/** The function that a frozen realm compiles. Libraries come first; like the expression, they see the three variables. */
function sourceOf({ expressionLib, code, isBody }: Program): string {
  const body = isBody ? code : `return (${code}\n);`;
  const libraries = expressionLib.join("\n");
  return `(function (inputs, self, runtime) { "use strict";\n${libraries}\nreturn (function () {${body}\n})();\n})`;
}

/** The innermost place of a stack trace: a line of the expression's code, or of a library. */
function placeOf(stack: string): Pick<Failure, "line" | "library"> {
  const found = /\b(?:expression|library-(\d+)):(\d+)/.exec(stack);
  if (!found) return {};
  return { line: Number(found[2]), ...(found[1] !== undefined && { library: Number(found[1]) }) };
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

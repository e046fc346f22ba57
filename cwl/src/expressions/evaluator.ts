import { isNestedTooDeep, MOST_NESTED } from "../keepable.ts";
import type { Evaluator, Expression, ExpressionContext, Value } from "../model.ts";
import { ExpressionError } from "./expression-error.ts";
import { interpolate } from "./interpolation.ts";
import { MissingReference, resolveReference } from "./reference.ts";
import type { Failure, Library } from "./sandbox/messages.ts";
import type { SandboxPool } from "./sandbox/pool.ts";
import { type CodePart, type Part, scan, UnfinishedExpression } from "./scanner.ts";

interface EvaluatorOptions {
  /** What `new Date()` gives in expressions. A driver that may replay a task passes the task's own start. Default: now. */
  now?: Date;
  /**
   * Evaluates in strict mode alone, as CWL asks (v1.2 §Expressions). Default: what only strict mode refuses is run without,
   * and a `${…}` that returns nothing gives null: published apps of the commercial platform hold both.
   */
  strict?: boolean;
  /** Told of what strict mode refuses and ran all the same, once for each place. */
  onWarning?: (warning: string) => void;
  /** Default: one pool for the whole process, started when JavaScript is first needed. */
  pool?: SandboxPool;
}

/**
 * An evaluator for one task. Its JavaScript shares compiled code with no other task's. Safe to be asked many things at
 * once: what is asked in the same turn is evaluated in one go.
 */
export function createEvaluator(options: EvaluatorOptions = {}): Evaluator {
  const libraries = new LibraryTable((options.now ?? new Date()).getTime(), options.strict ?? false);
  const warned = new Set<string>();

  /** The value of one `$(…)` or `${…}`: at once when no JavaScript is needed. */
  function evaluatePart(part: CodePart, context: ExpressionContext): Value | Promise<Value> {
    const { reference } = part;
    if (reference && (reference.isExact || context.javascript)) {
      try {
        return resolveReference(reference, context);
      } catch (error) {
        if (!(error instanceof MissingReference)) throw error;
        // JavaScript knows more: the length of a string, a method, undefined.
        if (!context.javascript) throw new ExpressionError(textOf(part), error.message, { context });
      }
    }
    if (!context.javascript) throw new ExpressionError(textOf(part), whyNotJavascript(part), { context });
    return runJavascript(part, context, context.javascript.expressionLib);
  }

  async function runJavascript(part: CodePart, context: ExpressionContext, expressionLib: string[]): Promise<Value> {
    const pool = options.pool ?? (await sharedPool());
    const variables = JSON.stringify(usedVariables(part.code, expressionLib, context));
    const answer = await pool.ask({ library: libraries.get(expressionLib), code: part.code, isBody: part.isBody, variables });
    if ("json" in answer) {
      if (answer.warning) warn(part, answer.warning, context);
      if (!isNestedTooDeep(answer.json)) return JSON.parse(answer.json) as Value;
      const why = `it gave arrays and objects that are nested deeper than ${MOST_NESTED}`;
      throw new ExpressionError(textOf(part), why, { context });
    }
    const { why, ...where } = answer.failure;
    throw new ExpressionError(textOf(part), why, { ...where, context });
  }

  function warn(part: CodePart, { why, ...where }: Failure, { explain }: ExpressionContext): void {
    const key = `${part.code} ${why}`;
    if (options.onWarning === undefined || warned.has(key)) return;
    warned.add(key);
    const error = new ExpressionError(textOf(part), why, where);
    options.onWarning(explain?.(error) ?? error.message);
  }

  return {
    async evaluate(text: Expression, context: ExpressionContext): Promise<Value> {
      const parts = partsOf(text, context);
      if (parts.length === 1 && typeof parts[0] === "string" && parts[0] === text) return text;
      const sole = soleExpression(parts);
      if (sole) return evaluatePart(sole, context);
      const values = await Promise.all(parts.map((part) => (typeof part === "string" ? part : evaluatePart(part, context))));
      return interpolate(parts, values);
    },
  };
}

function partsOf(text: Expression, context: ExpressionContext): readonly Part[] {
  const isPlain = !text.includes("$(") && !text.includes("${");
  if (isPlain) return [text];
  const isOld = context.cwlVersion === "v1.0" || context.cwlVersion === "v1.1";
  try {
    return scan(context.keepsWhitespace ? text : text.trim(), isOld ? "before v1.2" : "v1.2");
  } catch (error) {
    if (error instanceof UnfinishedExpression) throw new ExpressionError(text, error.message);
    throw error;
  }
}

/** The expression of a text that is nothing else: its value keeps its type. */
function soleExpression(parts: readonly Part[]): CodePart | undefined {
  const [only, ...others] = parts;
  return others.length === 0 && typeof only === "object" ? only : undefined;
}

const textOf = (part: CodePart): string => (part.isBody ? `\${${part.code}}` : `$(${part.code})`);

function whyNotJavascript(part: CodePart): string {
  const what = part.isBody ? "a `${…}` is JavaScript" : "this is no parameter reference, so it is JavaScript";
  return `${what}, which needs InlineJavascriptRequirement (to mean the characters themselves, write a backslash before the dollar)`;
}

/** Leaves out what the code cannot name: `inputs` may be large. Code that builds code sees everything. */
function usedVariables(code: string, expressionLib: string[], { inputs, self, runtime }: ExpressionContext): object {
  const isNamed = (name: string) => code.includes(name) || expressionLib.some((library) => library.includes(name));
  const all = isNamed("eval");
  return {
    ...((all || isNamed("inputs")) && { inputs }),
    // Code that does not name it cannot tell null from undefined.
    ...((all || isNamed("self")) && { self }),
    ...((all || isNamed("runtime")) && runtime && { runtime }),
  };
}

/** Numbers the libraries of one task; numbers are unique in the process. */
class LibraryTable {
  readonly #realm = nextNumber++;
  readonly #now: number;
  readonly #byList = new WeakMap<readonly string[], Library>();
  readonly #byText = new Map<string, Library>();

  readonly #isStrict: boolean;

  constructor(now: number, isStrict: boolean) {
    this.#now = now;
    this.#isStrict = isStrict;
  }

  get(expressionLib: readonly string[]): Library {
    const known = this.#byList.get(expressionLib);
    if (known) return known;
    // The loader may have made a list for every step that names the same library.
    const text = JSON.stringify(expressionLib);
    const library = this.#byText.get(text) ?? {
      library: nextNumber++,
      realm: this.#realm,
      now: this.#now,
      expressionLib,
      isStrict: this.#isStrict,
    };
    this.#byText.set(text, library);
    this.#byList.set(expressionLib, library);
    return library;
  }
}
let nextNumber = 1;

let pool: Promise<SandboxPool> | undefined;
/** Loaded late: most command lines are built without JavaScript. */
function sharedPool(): Promise<SandboxPool> {
  pool ??= import("./sandbox/pool.ts").then(({ SandboxPool }) => new SandboxPool());
  return pool;
}

/** Starts the process's shared sandbox in the background, for a program that expects JavaScript. */
export async function warmSandbox(): Promise<void> {
  (await sharedPool()).warm();
}

/** Ends the process's shared sandbox, if it was started: for a server that shuts down, and for tests. */
export async function closeSandbox(): Promise<void> {
  const started = pool;
  pool = undefined;
  await (await started)?.close();
}

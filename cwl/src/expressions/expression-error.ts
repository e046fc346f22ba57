import type { ExpressionContext, Value } from "../model.ts";
import { MissingReference, readReference, resolveReference, showPath } from "./reference.ts";

/** What stopped an expression, when it was a limit of the sandbox. */
export type ExpressionLimit = "time" | "memory" | "stack";

/** An expression that has no value. The message names the expression, the line, the cause and the values it read. */
export class ExpressionError extends Error {
  readonly expression: string;
  /** What went wrong, without the expression and the values. */
  readonly why: string;
  /** The line inside the expression's code, or of the library, from 1; absent when unknown. */
  readonly line: number | undefined;
  /** The index in `expressionLib` of the library that failed. */
  readonly library: number | undefined;
  readonly limit: ExpressionLimit | undefined;

  constructor(
    expression: string,
    why: string,
    where: { line?: number; library?: number; limit?: ExpressionLimit; context?: ExpressionContext } = {},
  ) {
    const isOver = where.library !== undefined || expression.includes("\n");
    const of = where.library === undefined ? "" : ` of expressionLib[${where.library}]`;
    const line = where.line !== undefined && isOver ? `, line ${where.line}${of}` : "";
    const values = where.context ? showValues(expression, where.context) : [];
    super([`${shorten(expression.trim(), 300)}${line}: ${why}`, ...values.map((value) => `  where ${value}`)].join("\n"));
    this.expression = expression;
    this.why = why;
    this.line = where.line;
    this.library = where.library;
    this.limit = where.limit;
  }
}

const SHOWN_VALUES = 8;

/** The values that the expression names, each shortened to a line. */
function showValues(expression: string, context: ExpressionContext): string[] {
  const names = expression.match(/\b(?:inputs|runtime)(?:\.\w+|\[(?:'[^'\\]*'|"[^"\\]*")\])+|\bself\b/g) ?? [];
  const lines: string[] = [];
  for (const name of new Set(names)) {
    const found = deepestValue(name, context);
    if (found && lines.length < SHOWN_VALUES) lines.push(`${found.path} = ${shorten(JSON.stringify(found.value), 200)}`);
  }
  return [...new Set(lines)];
}

/** The value at the longest part of the path that has one: of `inputs.x.toUpperCase` that of `inputs.x`. */
function deepestValue(name: string, context: ExpressionContext): { path: string; value: Value } | undefined {
  const reference = readReference(name);
  if (!reference) return undefined;
  for (let length = reference.keys.length; length >= 0; length--) {
    try {
      const keys = reference.keys.slice(0, length);
      return { path: showPath(reference.root, keys), value: resolveReference({ ...reference, keys }, context) };
    } catch (error) {
      if (!(error instanceof MissingReference)) throw error;
    }
  }
  return undefined;
}

const shorten = (text: string, length: number): string => (text.length <= length ? text : `${text.slice(0, length - 1)}…`);

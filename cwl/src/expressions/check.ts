import { type CodePart, type Escapes, mayHoldExpression, scan, UnfinishedExpression } from "./scanner.ts";

/** What is wrong with an expression, and where: `offset` in characters from the start of the text, where it is known. */
interface ExpressionProblem {
  message: string;
  offset?: number;
  /** Only strict mode refuses it, which CWL asks for (v1.2 §Expressions) and the commercial platform does not use. */
  isDialect?: true;
}

/**
 * Looks for mistakes in a text's expressions without running them.
 *
 * @param javascriptAllowed whether InlineJavascriptRequirement holds where the text stands
 * @returns the first problem; undefined when there is none
 */
export function checkExpression(
  text: string,
  javascriptAllowed: boolean,
  escapes: Escapes = "v1.2",
): ExpressionProblem | undefined {
  if (!mayHoldExpression(text)) return undefined;
  try {
    for (const part of scan(text, escapes)) {
      if (typeof part === "string") continue;
      const problem = javascriptAllowed ? checkJavascript(part) : checkReference(part);
      if (problem) return { ...problem, offset: Math.max(0, text.indexOf(part.code)) + (problem.offset ?? 0) };
    }
    return undefined;
  } catch (error) {
    if (error instanceof UnfinishedExpression) return { message: error.message, offset: error.offset };
    throw error;
  }
}

/** What is wrong with the JavaScript of one library of `expressionLib`, if anything. */
export const checkLibrary = (code: string): ExpressionProblem | undefined => syntaxProblem(code, "", "");

function checkReference(part: CodePart): ExpressionProblem | undefined {
  if (part.isBody) return { message: "JavaScript in `${…}` needs InlineJavascriptRequirement" };
  const { reference } = part;
  if (!reference?.isExact)
    return { message: `\`${part.code}\` is no parameter reference; JavaScript needs InlineJavascriptRequirement` };
  if (["inputs", "self", "runtime", "null"].includes(reference.root)) return undefined;
  return { message: `\`${reference.root}\` is not defined; known here: inputs, self, runtime` };
}

const checkJavascript = ({ code, isBody }: CodePart): ExpressionProblem | undefined =>
  isBody ? syntaxProblem(code, "", "") : syntaxProblem(code, "return (", "\n);");

/** The code inside of a function, first as strict mode has it. */
function syntaxProblem(code: string, before: string, after: string): ExpressionProblem | undefined {
  const inside = (directive: string) => parseProblem(`(function () { ${directive}\n${before}${code}${after}\n})`);
  const strict = inside('"use strict";');
  if (strict === undefined) return undefined;
  const isDialect = inside("") === undefined;
  return {
    message: `JavaScript syntax: ${strict.message}`,
    ...(strict.line !== undefined && {
      offset: offsetOf(code, strict.line - 1, strict.column - (strict.line === 2 ? before.length : 0)),
    }),
    ...(isDialect && { isDialect }),
  };
}

/** The offset of a line, from 1, and a column, from 0; never behind the code. */
function offsetOf(code: string, line: number, column: number): number {
  const lines = code.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  return Math.min(start + Math.max(0, column), Math.max(0, code.trimEnd().length - 1));
}

/** V8 only parses here: a `Script` that is never run runs nothing. (To run anything, `node:vm` would be no sandbox.) */
function parseProblem(source: string): { message: string; line?: number; column: number } | undefined {
  const { Script } = process.getBuiltinModule("node:vm");
  try {
    new Script(source, { filename: "expression" });
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) return { message: String(error), column: 0 };
    // The stack begins with the place, the line, and a mark below it.
    const [place = "", , mark = ""] = error.stack?.split("\n") ?? [];
    const line = /^expression:(\d+)$/.exec(place)?.[1];
    return { message: error.message, column: Math.max(0, mark.indexOf("^")), ...(line !== undefined && { line: Number(line) }) };
  }
}

import { type Escapes, mayHoldExpression, scan, UnfinishedExpression } from "./scanner.ts";

/** What is wrong with an expression, and where: `offset` in characters from the start of the text, where it is known. */
interface ExpressionProblem {
  message: string;
  offset?: number;
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
      const problem = javascriptAllowed ? checkJavascript(part.code, part.isBody) : checkReference(part);
      if (problem) return { message: problem, offset: text.indexOf(part.code) };
    }
    return undefined;
  } catch (error) {
    if (error instanceof UnfinishedExpression) return { message: error.message, offset: error.offset };
    throw error;
  }
}

/** What is wrong with the JavaScript of one library of `expressionLib`, if anything. */
export const checkLibrary = (code: string): string | undefined => syntaxProblem(`(function () { "use strict";\n${code}\n})`);

function checkReference(part: {
  code: string;
  isBody: boolean;
  reference?: { root: string; isExact: boolean };
}): string | undefined {
  if (part.isBody) return "JavaScript in `${…}` needs InlineJavascriptRequirement";
  const { reference } = part;
  if (!reference?.isExact) return `\`${part.code}\` is no parameter reference; JavaScript needs InlineJavascriptRequirement`;
  if (["inputs", "self", "runtime", "null"].includes(reference.root)) return undefined;
  return `\`${reference.root}\` is not defined; known here: inputs, self, runtime`;
}

function checkJavascript(code: string, isBody: boolean): string | undefined {
  const message = syntaxProblem(`(function () { "use strict";\n${isBody ? code : `return (${code}\n);`}\n})`);
  return message && `JavaScript syntax: ${message}`;
}

/** V8 only parses here: a `Script` that is never run runs nothing. (To run anything, `node:vm` would be no sandbox.) */
function syntaxProblem(source: string): string | undefined {
  const { Script } = process.getBuiltinModule("node:vm");
  try {
    new Script(source);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

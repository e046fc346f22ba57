import { ExpressionError } from "../expressions/expression-error.ts";
import type { Evaluator, Expression, ExpressionContext, Inputs, Process, Runtime, Value } from "../model.ts";
import { JobError } from "./job-error.ts";

/** Evaluates the expressions of one process with its inputs; an error names the place and the text. */
export interface ExpressionScope {
  readonly inputs: Inputs;
  /**
   * The value of `text` with `self`. Blanks around a text with an expression do not count (`$(x)\n` is the value of x)
   * unless `verbatim`, the rule for InitialWorkDir entries (CWL v1.2 §Dirent).
   */
  evaluate(text: Expression, self: Value, place: string, verbatim?: "verbatim"): Promise<Value>;
}

/** Whether evaluating can change the text: most texts hold no expression, and skip the evaluator. */
export const holdsExpression = (text: string): boolean => text.includes("$(") || text.includes("${");

type ScriptFailure = Parameters<NonNullable<ExpressionContext["explain"]>>[0];

/** The line of the document at which a script failed, as `tool.cwl:10: `; "" where it is not known. */
export function lineOf(
  scripts: Process["scripts"],
  text: string,
  javascript: ExpressionContext["javascript"],
  { expression, line, library }: ScriptFailure,
): string {
  if (line === undefined) return "";
  const isLibrary = library !== undefined;
  const written = scripts?.[isLibrary ? (javascript?.expressionLib[library] ?? "") : text];
  const before = isLibrary ? 0 : text.slice(0, Math.max(0, text.indexOf(expression))).split("\n").length - 1;
  const found = written?.lines[before + line - 1];
  return written === undefined || found === undefined ? "" : `${written.file}:${found}: `;
}

export function createScope(process: Process, evaluator: Evaluator, inputs: Inputs, runtime: Partial<Runtime>): ExpressionScope {
  const javascript: ExpressionContext["javascript"] = process.requirements.inlineJavascript ?? process.hints.inlineJavascript;
  const { cwlVersion } = process;
  const explainAt = (place: string, text: string) => (error: ScriptFailure) =>
    `${place}: ${lineOf(process.scripts, text, javascript, error)}${error.message}`;
  return {
    inputs,
    async evaluate(text, self, place, verbatim) {
      if (!holdsExpression(text)) return text;
      try {
        return await evaluator.evaluate(text, {
          inputs,
          self,
          runtime,
          javascript,
          cwlVersion,
          keepsWhitespace: verbatim !== undefined,
          explain: explainAt(place, text),
        });
      } catch (cause) {
        const line = cause instanceof ExpressionError ? lineOf(process.scripts, text, javascript, cause) : "";
        throw new JobError("expression", place, line + (cause instanceof Error ? cause.message : String(cause)), { cause });
      }
    },
  };
}

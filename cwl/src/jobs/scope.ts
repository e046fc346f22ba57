import type { Evaluator, Expression, ExpressionContext, Inputs, Process, Runtime, Value } from "../model.ts";
import { JobError } from "./job-error.ts";

/** Evaluates the expressions of one process with its inputs; an error names the place and the text. */
export interface Scope {
  readonly inputs: Inputs;
  /**
   * The value of `text` with `self`. Blanks around a text with an expression do not count (`$(x)\n` is the value of x)
   * unless `verbatim`, the rule for InitialWorkDir entries (CWL v1.2 §Dirent).
   */
  evaluate(text: Expression, self: Value, place: string, verbatim?: "verbatim"): Promise<Value>;
}

/** Whether evaluating can change the text: most texts hold no expression, and skip the evaluator. */
export const holdsExpression = (text: string): boolean => text.includes("$(") || text.includes("${");

export function createScope(process: Process, evaluator: Evaluator, inputs: Inputs, runtime: Partial<Runtime>): Scope {
  const javascript: ExpressionContext["javascript"] = process.requirements.inlineJavascript ?? process.hints.inlineJavascript;
  const { cwlVersion } = process;
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
        });
      } catch (cause) {
        throw new JobError("expression", place, cause instanceof Error ? cause.message : String(cause), { cause });
      }
    },
  };
}

import { ExpressionError } from "../expressions/expression-error.ts";
import { readContents } from "../jobs/contents.ts";
import { lineOf } from "../jobs/expression-scope.ts";
import { isEntry, isFile, mapEntries, pathOfLocation } from "../jobs/file-value.ts";
import { readListing } from "../jobs/normal-entry.ts";
import type { CwlVersion, Evaluator, Expression, ExpressionContext, Inputs, Step, StepInput, Value, Workflow } from "../model.ts";

/** A step's scatter item that cannot be given its inputs; the message names the step input or `when`. */
export class ScatterItemProblem extends Error {}

/**
 * What one scatter item of a step gives to its process: `valueFrom` applied to every input that has one, each seeing the
 * inputs as they were before (CWL v1.2 §WorkflowStepInput.valueFrom), and only the inputs that the process has. Null
 * when `when` says that the scatter item is skipped.
 *
 * @param inputs of `scatterItemInputs`
 * @param context `cwlVersion` is that of the workflow: a step is written in it, whatever it runs
 * @throws ScatterItemProblem, ExpressionError, JobError
 */
export async function resolveScatterItem(
  step: Step,
  inputs: Inputs,
  { evaluator, cwlVersion, scripts }: { evaluator: Evaluator; cwlVersion: CwlVersion; scripts: Workflow["scripts"] },
): Promise<Inputs | null> {
  const javascript = step.requirements.inlineJavascript ?? step.hints.inlineJavascript;
  const context: Omit<ExpressionContext, "inputs" | "self"> = { javascript, cwlVersion };
  const before = withContents(step, inputs, cwlVersion);
  const evaluate = async (what: string, text: Expression, rest: ExpressionContext): Promise<Value> => {
    const placed = (error: Parameters<NonNullable<ExpressionContext["explain"]>>[0]) =>
      `${what}: ${lineOf(scripts, text, javascript, error)}${error.message}`;
    try {
      return await evaluator.evaluate(text, { ...rest, explain: placed });
    } catch (cause) {
      const message = cause instanceof ExpressionError ? placed(cause) : `${what}: ${(cause as Error).message}`;
      throw new ScatterItemProblem(message, { cause });
    }
  };
  const evaluated = step.in.filter((input) => input.valueFrom !== undefined);
  const values = await Promise.all(
    evaluated.map((input) =>
      evaluate(`valueFrom of \`${input.id}\``, input.valueFrom!, {
        ...context,
        inputs: before,
        self: before[input.id] ?? null,
      }),
    ),
  );
  const after = evaluated.length === 0 ? before : { ...before };
  evaluated.forEach((input, at) => {
    (after as { [port: string]: Value })[input.id] = values[at]!;
  });
  if (step.when !== undefined) {
    const wanted = await evaluate("`when`", step.when, { ...context, inputs: after, self: null });
    if (typeof wanted !== "boolean") {
      const gave = `${step.when} gave ${JSON.stringify(wanted)}`;
      throw new ScatterItemProblem(`\`when\` must give true or false (CWL v1.2 §WorkflowStep): ${gave}`);
    }
    if (!wanted) return null;
  }
  return Object.fromEntries(step.run.inputs.filter(({ id }) => id in after).map(({ id }) => [id, after[id]!]));
}

/** Files and Directories with what `loadContents` and `loadListing` of the step's inputs ask for. */
function withContents(step: Step, inputs: Inputs, version: CwlVersion): Inputs {
  const loading = step.in.filter((input) => input.loadContents || (input.loadListing && input.loadListing !== "no_listing"));
  if (loading.length === 0) return inputs;
  return { ...inputs, ...Object.fromEntries(loading.map((input) => [input.id, load(input, version, inputs[input.id] ?? null)])) };
}

function load(input: StepInput, version: CwlVersion, value: Value): Value {
  return mapEntries(value, (entry) => {
    const location = entry.location ?? entry.path;
    if (!isEntry(entry) || location === undefined) return entry;
    const path = pathOfLocation(location, input.id);
    if (isFile(entry)) return input.loadContents ? { ...entry, contents: readContents(path, version, input.id) } : entry;
    const depth = input.loadListing ?? "no_listing";
    return depth === "no_listing" ? entry : { ...entry, listing: readListing(path, depth, input.id) };
  });
}

import {
  DocumentError,
  formatProblem,
  type InputPort,
  type Inputs,
  jobOrderProblems,
  loadJobOrder,
  loadLimitsIn,
  loadObject,
  type Problem,
  writtenValues,
} from "@causeway/cwl";
import { CliError, EXIT } from "../exit.ts";

/** A file of inputs, read as the engine reads one. */
export interface InputsFile {
  values: { [input: string]: unknown };
  /** A line about each name that is no input, with the place where it stands. */
  strangers: readonly string[];
  /** What is wrong with values, as the engine would say it, by their places: `region.bounds[1]`. */
  problems: ReadonlyMap<string, string>;
  /** What is odd about how it is written. */
  warnings: readonly string[];
}

/**
 * Reads inputs in YAML or JSON.
 *
 * @param document the app's, as the platform has it
 * @param elsewhere inputs that the command line gives
 * @throws CliError naming each line that cannot be read
 */
export async function readInputsFile(
  path: string,
  document: object,
  names: readonly string[],
  elsewhere: ReadonlySet<string>,
): Promise<InputsFile> {
  const limits = loadLimitsIn(process.env);
  const order = await loadJobOrder(path, { defer: true, limits }).catch((error) => {
    throw error instanceof DocumentError ? new CliError(error.message, { exit: EXIT.usage }) : error;
  });
  const values = writtenValues(order) ?? {};
  if (typeof values !== "object" || Array.isArray(values))
    throw new CliError(`${path} must map inputs to values.`, { exit: EXIT.usage });
  const ports = (await portsOfDocument(document)) ?? names.map((id): InputPort => ({ id, type: ["null", "Any"] }));
  const given = Object.fromEntries(Object.entries(values).filter(([key]) => !key.startsWith("$")));
  const found = jobOrderProblems({ ...order, inputs: given as Inputs, problems: [] }, ports, elsewhere);
  const isStranger = (problem: Problem) => problem.unsupported || !isError(problem);
  const [errors, strangers] = [found.filter((problem) => !isStranger(problem)), found.filter(isStranger)];
  return {
    values: given,
    strangers: strangers.map((problem) => formatProblem({ ...problem, severity: "error" })),
    problems: new Map(errors.map((problem) => [problem.path, formatProblem(problem)])),
    warnings: order.problems.filter((problem) => !isError(problem)).map(formatProblem),
  };
}

const isError = ({ severity }: Problem): boolean => severity === "error";

/** Undefined where the document has problems of its own: the platform tells them. */
async function portsOfDocument(document: object): Promise<readonly InputPort[] | undefined> {
  try {
    return (await loadObject(document, "app:/app")).process.inputs;
  } catch (error) {
    if (error instanceof DocumentError) return undefined;
    throw error;
  }
}

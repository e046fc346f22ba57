import type { Job } from "../job.ts";
import type { ExpressionTool, Inputs, Outputs, Value } from "../model.ts";
import { refuseMisshapen } from "./entry-shape.ts";
import { createScope } from "./expression-scope.ts";
import { type Entry, isEntry, isLiteral, locationOfPath, mapEntries, pathOfLocation, visitEntries } from "./file-value.ts";
import { type BindingContext, bindInputs, plainOutputs } from "./input-binding.ts";
import { JobError, naming, shown } from "./job-error.ts";
import { literalName, refuseEmptyLiteral } from "./normal-entry.ts";
import { checkOutputs } from "./outputs.ts";
import { resourcesOf, runtimeOf } from "./resources.ts";

/**
 * The outputs of an ExpressionTool (CWL v1.2 §ExpressionTool): what its expression returns, as the ports want it. Files
 * are inputs passed on, or literals.
 *
 * @throws JobError, its message begins with `name`.
 */
export async function runExpressionTool(
  tool: ExpressionTool,
  given: Inputs,
  context: BindingContext & { name: string },
): Promise<Outputs> {
  return naming(context.name, async () => {
    const inputs = await bindInputs(tool, given, context);
    const resources: Job["resources"] = await resourcesOf(tool, createScope(tool, context.evaluator, inputs, {}));
    const scope = createScope(tool, context.evaluator, inputs, runtimeOf(resources, "", ""));
    const value = await scope.evaluate(tool.expression, null, "expression");
    if (typeof value !== "object" || value === null || Array.isArray(value) || isEntry(value)) {
      throw new JobError("output", "expression", `gave ${shown(value)}, and an object of outputs is needed`);
    }
    const known = locationsOf(inputs);
    const outputs: { [port: string]: Value } = {};
    for (const { id } of tool.outputs) {
      const found = (value as { [port: string]: Value })[id] ?? null;
      outputs[id] = mapEntries(found, (entry) => passedOn(entry, known, `outputs.${id}`));
    }
    return plainOutputs(checkOutputs(tool, outputs));
  });
}

/** An expression cannot make files, so a location it gives must be that of an input, or inside an input Directory. */
function passedOn(entry: Entry, known: Known, place: string): Entry {
  refuseMisshapen(entry, "output", place);
  const inner = entry.class === "File" ? entry.secondaryFiles : entry.listing;
  const field = entry.class === "File" ? "secondaryFiles" : "listing";
  const changed = inner?.map((each, index) => passedOn(each, known, `${place}.${field}[${index}]`));
  const own = changed === undefined ? {} : entry.class === "File" ? { secondaryFiles: changed } : { listing: changed };
  if (isLiteral(entry)) {
    refuseEmptyLiteral(entry, "output", place);
    return { ...entry, basename: literalName({ ...entry, ...own } as Entry), ...own } as Entry;
  }
  const path = pathOfLocation(entry.location ?? entry.path ?? "", place);
  if (!known.paths.has(path) && !known.directories.some((directory) => path.startsWith(`${directory}/`))) {
    throw new JobError("output", place, `${shown(path)} is no input of the expression`);
  }
  return { ...entry, location: locationOfPath(path), ...own } as Entry;
}

interface Known {
  paths: Set<string>;
  directories: string[];
}

function locationsOf(inputs: Inputs): Known {
  const known: Known = { paths: new Set(), directories: [] };
  const note = (entry: Entry): void => {
    if (entry.path !== undefined) {
      known.paths.add(entry.path);
      if (entry.class === "Directory") known.directories.push(entry.path);
    }
    for (const inner of (entry.class === "File" ? entry.secondaryFiles : entry.listing) ?? []) note(inner);
  };
  for (const value of Object.values(inputs)) visitEntries(value, note);
  return known;
}

import type { CompiledDocument, Expression, FileValue, Value } from "../model.ts";
import type { ExpressionScope } from "./expression-scope.ts";
import { JobError, shown } from "./job-error.ts";

/**
 * Refuses a File whose format is none of those a port allows, nor a subclass of or equivalent to one in the document's
 * ontologies (CWL v1.2 §File.format, §InputArraySchema.format).
 */
export async function refuseOtherFormats(
  file: FileValue,
  allowed: readonly Expression[],
  scope: ExpressionScope,
  ontology: CompiledDocument["formats"],
  place: string,
  acceptUnknown = false,
): Promise<void> {
  if (file.format === undefined && acceptUnknown) return;
  const iris: string[] = [];
  for (const text of allowed) {
    const value = await scope.evaluate(text, file as Value, `${place}.format`);
    if (value === null) continue;
    for (const iri of Array.isArray(value) ? value : [value]) {
      if (typeof iri !== "string")
        throw new JobError("expression", `${place}.format`, `${shown(text)} gave ${shown(value)}, no format`);
      iris.push(iri);
    }
  }
  if (iris.length === 0) return;
  const { format } = file;
  if (format === undefined) {
    const wanted = iris.length === 1 ? `format: ${iris[0]}` : `a format of ${iris.join(", ")}`;
    throw new JobError("input", place, `${nameOf(file)} says no format: write ${wanted} beside its path`);
  }
  const known = [format, ...(ontology[format] ?? [])];
  if (!known.some((iri) => iris.includes(iri))) {
    const wanted =
      iris.length === 1 ? `not ${iris[0]}, nor a subclass of it` : `none of ${iris.join(", ")}, nor a subclass of one`;
    throw new JobError("input", place, `${nameOf(file)} has the format ${format}, which is ${wanted}`);
  }
}

const nameOf = ({ basename }: FileValue): string => basename ?? "the File";

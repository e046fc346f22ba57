import type { CompiledDocument } from "../model.ts";
import { type FetchText, splitFragment } from "./fetch.ts";
import type { Node } from "./node.ts";
import type { Relations } from "./ontology.ts";
import type { Problems } from "./problem.ts";

/**
 * What a document's `$schemas` say about the formats that its ports ask for (CWL v1.2 §Format checks). Ontologies are big:
 * they are read only when a port asks for a format. One that cannot be read is a warning, as formats are then still
 * compared by their names.
 */
export async function relateFormats(
  schemas: ReadonlyMap<string, Node>,
  asked: ReadonlySet<string>,
  fetchText: FetchText,
  problems: Problems,
): Promise<CompiledDocument["formats"]> {
  if (asked.size === 0 || schemas.size === 0) return {};
  const { closure, readOntology } = await import("./ontology.ts");
  const relations: Relations = new Map();
  for (const [uri, at] of schemas) {
    try {
      const found = readOntology(await fetchText(splitFragment(uri).document));
      for (const [iri, above] of found) relations.set(iri, new Set([...above, ...(relations.get(iri) ?? [])]));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      problems.warning(at, "$schemas", `the ontology is not used, so formats only match by name: ${why}`);
    }
  }
  const isComputed = [...asked].some((format) => format.includes("$("));
  return closure(relations, isComputed ? undefined : asked);
}

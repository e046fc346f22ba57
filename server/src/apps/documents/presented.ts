import { textOfJson } from "@causeway/contract/exact-json";
import { compileFields } from "@causeway/contract/fields";
import { parseAsWritten } from "./exact-json.ts";
import type { CwlObject } from "./facts.ts";
import type { Presented } from "./messages.ts";

/** The JSON text of an app's document as it is shown (apps.md §1.3), or of the app with the document as its `raw`. */
export function presentedText({ text, serverKeys, app, fields }: Presented): string {
  const { "sbg:publisher": publisher = "sbg", ...document } = withPortLists(parseAsWritten(text) as CwlObject);
  const raw = { ...document, ...serverKeys, "sbg:publisher": publisher };
  return textOfJson(compileFields(fields, "all").apply(app === undefined ? raw : { ...app, raw }));
}

/**
 * Ports as lists of objects with `id` and `type`, which R's `input_matrix()` and many scripts read: an app that was
 * uploaded with the map form is shown with lists, which mean the same.
 */
function withPortLists(document: CwlObject): CwlObject {
  const listed = { ...document };
  for (const key of ["inputs", "outputs"]) {
    const ports = document[key];
    if (typeof ports !== "object" || ports === null || Array.isArray(ports)) continue;
    listed[key] = Object.entries(ports).map(([id, port]) => {
      const isPort = typeof port === "object" && port !== null && !Array.isArray(port);
      return isPort ? { id, ...port } : { id, type: port };
    });
  }
  return listed;
}

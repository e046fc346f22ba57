import { mapEntries, type Value, visitEntries } from "@causeway/cwl";
import type { PortValues } from "./tables.ts";

/** A file or folder in a task's values, as it is stored and shown: `path` is its platform id. */
export interface StoredEntry {
  class: "File" | "Directory";
  path: string;
  name?: string;
  /** Companions that the caller named; those of the app's patterns are found when the task is submitted. */
  secondaryFiles?: StoredEntry[];
}

/** Whether a File or Directory of a value names a file of the platform: what it is, is for the caller of the API to say. */
export const isStored = (value: object): value is StoredEntry =>
  "class" in value &&
  (value.class === "File" || value.class === "Directory") &&
  "path" in value &&
  typeof value.path === "string";

/** Values with every file and folder in them replaced by what `change` returns. */
export const mapStoredEntries = (values: PortValues, change: (entry: StoredEntry) => object): PortValues =>
  mapEntries(values as Value, (entry) => (isStored(entry) ? (change(entry) as typeof entry) : entry)) as PortValues;

/** Every file and folder of values; their companions are the visitor's own. */
export function visitStoredEntries(values: PortValues, visit: (entry: StoredEntry) => void): void {
  visitEntries(values as Value, (entry) => {
    if (isStored(entry)) visit(entry);
  });
}

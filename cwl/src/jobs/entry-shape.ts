import type { Entry } from "./file-value.ts";
import { JobError, shown } from "./job-error.ts";

const TEXTS = ["location", "path", "basename", "dirname", "nameroot", "nameext", "checksum", "format", "contents"] as const;

/**
 * Refuses a File or Directory whose fields are of other types than the specification gives them (CWL v1.2 §File,
 * §Directory): values of inputs, what expressions return and what commands write may be any JSON.
 */
export function refuseMisshapen(entry: Entry, kind: "input" | "output", place: string): void {
  const fields: { readonly [key: string]: unknown } = { ...entry };
  const refuse = (field: string, wanted: string) => {
    throw new JobError(kind, `${place}.${field}`, `${shown(fields[field])} is no ${wanted}`);
  };
  for (const field of TEXTS) if (!isAbsent(fields[field]) && typeof fields[field] !== "string") refuse(field, "text");
  if (!isAbsent(fields.size) && typeof fields.size !== "number") refuse("size", "number");
  for (const field of ["secondaryFiles", "listing"])
    if (!isAbsent(fields[field]) && !Array.isArray(fields[field])) refuse(field, "list");
  const { metadata } = fields;
  if (!isAbsent(metadata) && (typeof metadata !== "object" || Array.isArray(metadata))) refuse("metadata", "object");
}

const isAbsent = (value: unknown): boolean => value === undefined || value === null;

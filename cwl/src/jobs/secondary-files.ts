import { statSync } from "node:fs";
import type { FileValue, SecondaryFile, Value } from "../model.ts";
import { type ExpressionScope, holdsExpression } from "./expression-scope.ts";
import { dirOf, type Entry, isEntry } from "./file-value.ts";
import { JobError, shown } from "./job-error.ts";

/**
 * The name that a pattern gives beside `basename`: every leading `^` takes one extension away, and the rest is appended
 * (CWL v1.2 §SecondaryFileSchema.pattern). `^.bai` on `a.bam` is `a.bai`; without an extension `^` takes nothing.
 */
function nameByPattern(basename: string, pattern: string): string {
  let name = basename;
  let rest = pattern;
  while (rest.startsWith("^")) {
    rest = rest.slice(1);
    const dot = name.lastIndexOf(".");
    if (dot > 0) name = name.slice(0, dot);
  }
  return name + rest;
}

/** What one pattern asks for: names relative to the primary file's directory, or Files and Directories as they are. */
export interface WantedSecondaryFile {
  items: (string | Entry)[];
  required: boolean;
  pattern: string;
}

/** Evaluates the patterns of a port for one primary file. */
export async function wantedSecondaryFiles(
  patterns: readonly SecondaryFile[],
  primary: FileValue,
  scope: ExpressionScope,
  place: string,
): Promise<WantedSecondaryFile[]> {
  const wanted: WantedSecondaryFile[] = [];
  for (const [index, { pattern, required }] of patterns.entries()) {
    const at = `${place}.secondaryFiles[${index}]`;
    const needed = typeof required === "boolean" ? required : await scope.evaluate(required, primary as Value, at);
    if (needed !== null && typeof needed !== "boolean") {
      throw new JobError("expression", at, `${shown(required)} gave ${shown(needed)}, and required is a boolean`);
    }
    const items = holdsExpression(pattern)
      ? asItems(await scope.evaluate(pattern, primary as Value, at), pattern, at)
      : [nameByPattern(primary.basename ?? "", pattern)];
    wanted.push({ items, required: needed === true, pattern });
  }
  return wanted;
}

/** What is at a path: a File or Directory without more than its path, or undefined. Dangling links are nothing. */
export function entryAt(path: string): Entry | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return undefined;
  return stats.isDirectory() ? { class: "Directory", path } : { class: "File", path };
}

/** The path of a name beside a primary file. */
export const besidePrimary = (primaryPath: string, name: string): string =>
  name.startsWith("/") ? name : `${dirOf(primaryPath) === "/" ? "" : dirOf(primaryPath)}/${name}`;

function asItems(value: Value, pattern: string, place: string): (string | Entry)[] {
  if (value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item: Value) => asItems(item, pattern, place));
  if (typeof value === "string" || isEntry(value)) return [value];
  throw new JobError("expression", place, `${shown(pattern)} gave ${shown(value)}: a file name, File or Directory is needed`);
}

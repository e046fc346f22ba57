import { checkExpression } from "../expressions/check.ts";
import type { Expression, FileTraits, LoadListing, SecondaryFile } from "../model.ts";
import { type Cursor, quoted } from "./cursor.ts";
import { resolveUri } from "./fetch.ts";
import { expandPrefix } from "./library.ts";
import { checkFields, type ProcessScope, since } from "./process-scope.ts";
import { linesInSource, offsetInSource } from "./text-place.ts";
import { escapesOf, marksSecondaryFiles } from "./versions.ts";

/** What ports and record fields of File and Directory types share (CWL v1.2 §FieldBase). */
export function readFileTraits(cursor: Cursor, scope: ProcessScope, side: "input" | "output"): FileTraits {
  const traits: FileTraits = {};
  const secondaryFiles = cursor.get("secondaryFiles");
  const streamable = cursor.get("streamable")?.boolean();
  const format = cursor.get("format");
  const loadContents = cursor.get("loadContents")?.boolean();
  const loadListing = readLoadListing(cursor.get("loadListing"));
  if (secondaryFiles) traits.secondaryFiles = readSecondaryFiles(secondaryFiles, scope, side);
  if (streamable !== undefined) traits.streamable = streamable;
  if (format) traits.format = format.itemsOrOne().flatMap((item) => readFormat(item, scope) ?? []);
  if (loadContents !== undefined) traits.loadContents = loadContents;
  if (loadListing !== undefined) traits.loadListing = loadListing;
  return traits;
}

const SECONDARY_FILE = since("v1.1", "pattern", "required");

/** CWL v1.2 §SecondaryFileSchema and its DSL. In v1.0 there is only a pattern, and `?` is part of it. */
function readSecondaryFiles(cursor: Cursor, scope: ProcessScope, side: "input" | "output"): SecondaryFile[] {
  const required = side === "input";
  return cursor.itemsOrOne().flatMap((item): SecondaryFile[] => {
    if (item.isMapping && marksSecondaryFiles(scope.version)) {
      checkFields(item, SECONDARY_FILE, scope);
      const pattern = item.get("pattern");
      if (!pattern) {
        item.error(`needs ${quoted("pattern")}`);
        return [];
      }
      const text = readExpression(pattern, scope);
      const asked = item.get("required");
      const wanted = asked && (typeof asked.scalar === "string" ? readExpression(asked, scope) : asked.boolean());
      return text === undefined ? [] : [{ pattern: text, required: wanted ?? required }];
    }
    const pattern = readExpression(item, scope);
    if (pattern === undefined) return [];
    const optional = marksSecondaryFiles(scope.version) && pattern.endsWith("?");
    return [optional ? { pattern: pattern.slice(0, -1), required: false } : { pattern, required }];
  });
}

/** A format's IRI, its prefix expanded, or an expression. */
function readFormat(cursor: Cursor, scope: ProcessScope): Expression | undefined {
  const written = readExpression(cursor, scope);
  if (written === undefined) return undefined;
  const format = /\$[({]/.test(written) ? written : formatIri(written, cursor.node.source.uri, scope.namespaces);
  scope.formats.add(format);
  return format;
}

function formatIri(written: string, base: string, namespaces: ProcessScope["namespaces"]): string {
  const expanded = expandPrefix(written, namespaces);
  if (expanded.includes(":")) return expanded;
  return resolveUri(expanded.includes("#") ? expanded : `#${expanded}`, base);
}

export function readLoadListing(cursor: Cursor | undefined): LoadListing | undefined {
  return cursor?.oneOf(["no_listing", "shallow_listing", "deep_listing"]);
}

/** A text that may hold expressions: their syntax is checked here, what they do only when they run. */
export function readExpression(cursor: Cursor, scope: ProcessScope): Expression | undefined {
  const written = cursor.string("a text or an expression");
  if (written === undefined) return undefined;
  noteScript(cursor, scope);
  const problem = checkExpression(written, scope.javascript, escapesOf(scope.version));
  if (problem !== undefined) tellScript(cursor, scope, problem);
  return written;
}

/** Where a text with code in it stands, so that what fails in it when it runs can be found. */
export function noteScript({ node }: Cursor, scope: ProcessScope): void {
  const { value, source } = node;
  if (!scope.javascript || source.text === undefined || typeof value !== "string" || !/[\n;(]/.test(value)) return;
  scope.scripts[value] ??= { file: source.name, lines: linesInSource(node) };
}

/** Tells what is wrong with a script at the line where it is. */
export function tellScript(
  cursor: Cursor,
  scope: ProcessScope,
  { message, offset, isDialect }: { message: string; offset?: number; isDialect?: true },
): void {
  const { node } = cursor;
  const at = offset === undefined ? cursor : cursor.at({ ...node, offset: offsetInSource(node, offset) });
  if (isDialect && !scope.library.strict) {
    at.warning(`${message}; it is run without strict mode, as on the commercial platform`);
    // Without the requirement the text may still be one that never runs: the engine refuses it when it does.
  } else if (scope.javascript) at.error(message);
  else at.warning(message);
}

import type { YAMLParseError } from "yaml";
import { position, type SourceText } from "./node.ts";
import type { Problem } from "./problem.ts";
import type { Rewritten } from "./yaml-tolerance.ts";

/** Messages of the parser for a mapping that begins inside of a value: the line after is indented too far. */
const TOO_FAR = /^(Nested mappings are not allowed in compact mappings|Implicit keys need to be on a single line)/;
/** For a line that fits none of the levels above it. */
const NO_LEVEL =
  /^(All (mapping|sequence|collection) items must start at the same column|Unexpected indentation|Bad indentation|A block sequence may not be used as an implicit map key)/i;
/** For `[` or `{` in a text that is not quoted, inside of brackets. */
const BRACKET = /^Unexpected flow-(seq|map)-start at node end/;
/** What follows from a mistake before. */
const MISREAD = /in YAML stream\b|^Unexpected \S+ at node end|must be sufficiently indented/;

/**
 * What the YAML parser says, at the line that is wrong. A wrong indentation is told once, where it is: the parser points to
 * the line before it and goes on to misread what follows.
 */
export function syntaxProblems(
  errors: readonly YAMLParseError[],
  written: Rewritten,
  source: SourceText & { text: string },
): Problem[] {
  const lines = source.text.split("\n");
  const problems = new Map<string, Problem>();
  const explained = new Set<number>();
  for (const { message, pos } of errors) {
    const place = position(source, Math.min(written.original(pos[0]), source.text.length));
    const indentation =
      (TOO_FAR.test(message) && tooFar(lines, place.line)) || (NO_LEVEL.test(message) && noLevel(lines, place.line));
    const known =
      indentation ||
      (TOO_FAR.test(message) && unquoted(lines, place)) ||
      (BRACKET.test(message) && { ...place, message: bracketInText(lines, place) });
    if (known) explained.add(known.line);
    // What else is read into such a line is not what is wrong with it.
    else if (explained.has(place.line) || (problems.size > 0 && MISREAD.test(message))) continue;
    const problem = known || { ...place, message };
    const key = `${problem.line}:${problem.column}:${problem.message}`;
    if (!problems.has(key)) problems.set(key, { severity: "error", file: source.name, path: "", ...problem });
  }
  return [...problems.values()];
}

interface At {
  line: number;
  column: number;
  message: string;
}

/** The first line after `line` that is indented more than it, though that has its value already. */
function tooFar(lines: readonly string[], line: number): At | undefined {
  const above = indentOf(lines[line - 1] ?? "");
  const next = lines.findIndex((text, index) => index >= line && indentOf(text) >= 0);
  const indent = next < 0 ? -1 : indentOf(lines[next]!);
  if (indent <= above) return undefined;
  const message = `wrong indentation: this line begins with ${blanks(indent)}, and line ${line} above it, which has its value already, with ${blanks(above)}`;
  return { line: next + 1, column: indent + 1, message };
}

/** A text that is not quoted and holds a colon with a blank after it: `doc: Note: …`, `valueFrom: $(a ? b : c)`. */
function unquoted(lines: readonly string[], { line, column }: { line: number; column: number }): At | undefined {
  const rest = (lines[line - 1] ?? "").slice(column - 1);
  if (!/^[^\s"'|>[{&*!#%@`-].*:\s/.test(rest)) return undefined;
  return { line, column, message: 'a text with ": " in it needs quotes around it, or to stand below as a block after |' };
}

function bracketInText(lines: readonly string[], { line, column }: { line: number; column: number }): string {
  const bracket = lines[line - 1]?.[column - 1] ?? "[";
  return `a text with ${bracket} in it needs quotes around it where it stands inside of other brackets`;
}

function noLevel(lines: readonly string[], line: number): At {
  const indent = Math.max(0, indentOf(lines[line - 1] ?? ""));
  const above = lines.slice(0, line - 1).findLast((text) => indentOf(text) >= 0) ?? "";
  const message = `wrong indentation: this line begins with ${blanks(indent)}, which is the column of nothing that it could go on with; the line above it begins with ${blanks(Math.max(0, indentOf(above)))}`;
  return { line, column: indent + 1, message };
}

/** -1 for a line with nothing but blanks or a comment. */
const indentOf = (line: string): number => (/^\s*#/.test(line) ? -1 : line.search(/\S/));
const blanks = (count: number): string => (count === 1 ? "1 blank" : `${count} blanks`);

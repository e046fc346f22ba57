import { type Node, position } from "./node.ts";

/**
 * Where a character of a text stands in its document, as an offset. A text over lines is written without the indentation of
 * its document, folded, or with escapes; but what is no blank stands in both in the same order, so that is counted.
 */
export function offsetInSource(node: Node, at: number): number {
  const source = node.source.text;
  const { value } = node;
  if (source === undefined || typeof value !== "string") return node.offset;
  if (source === value) return at;
  let from = node.offset;
  const opening = source[from];
  if (opening === "|" || opening === ">") from = source.indexOf("\n", from) + 1;
  const isQuoted = opening === '"' || opening === "'";
  if (isQuoted) from += 1;
  let inValue = 0;
  while (from < source.length) {
    while (inValue < at && /\s/.test(value[inValue]!)) inValue++;
    if (/\s/.test(source[from]!)) {
      from++;
      continue;
    }
    const escaped = isQuoted ? escapeAt(source, from, opening) : undefined;
    if (escaped?.isBlank) {
      from += escaped.length;
      continue;
    }
    if (inValue >= at) return from;
    from += escaped?.length ?? 1;
    inValue++;
  }
  return node.offset;
}

/** An escape of a quoted scalar: how long it is, and whether it stands for nothing that is counted. */
function escapeAt(source: string, at: number, quote: string): { length: number; isBlank: boolean } | undefined {
  if (quote === "'") return source.startsWith("''", at) ? { length: 2, isBlank: false } : undefined;
  if (source[at] !== "\\") return undefined;
  const next = source[at + 1] ?? "";
  const digits = { x: 2, u: 4, U: 8 }[next];
  return { length: 2 + (digits ?? 0), isBlank: /[ntr \n\rfv]/.test(next) };
}

/** The lines of the document on which the lines of a text stand, from 1. */
export function linesInSource(node: Node): number[] {
  if (node.source.text === undefined || typeof node.value !== "string") return [];
  const lines: number[] = [];
  let at = 0;
  for (const line of node.value.split("\n")) {
    const blank = line.search(/\S/);
    const { line: found } = position(node.source, offsetInSource(node, at + Math.max(0, blank)));
    lines.push(blank < 0 && lines.length > 0 ? lines.at(-1)! + 1 : found);
    at += line.length + 1;
  }
  return lines;
}

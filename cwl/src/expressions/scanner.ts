import { type Reference, readReference } from "./reference.ts";

/** A piece of a text: literal characters, or the code of one `$(…)` (an expression) or `${…}` (a function body). */
export type Part = string | CodePart;
export interface CodePart {
  code: string;
  /** `${…}`: statements with a `return`. */
  isBody: boolean;
  /** Set when the code is a parameter reference, which needs no JavaScript (CWL v1.2 §Parameter references). */
  reference?: Reference;
}

/** How a backslash outside of expressions reads: v1.2 has rules of its own, before that it hides the next character. */
export type Escapes = "v1.2" | "before v1.2";

/** An expression that does not end. `offset` counts characters from the start of the text. */
export class UnfinishedExpression extends Error {
  readonly offset: number;
  constructor(text: string, offset: number) {
    const closing = text[offset + 1] === "(" ? ")" : "}";
    super(`the expression that starts with ${JSON.stringify(text.slice(offset, offset + 40))} has no closing "${closing}"`);
    this.offset = offset;
  }
}

/**
 * Splits a text into literals and expressions, in one pass (CWL v1.2 §Expressions, "escaping rules"). A text
 * without `$(` or `${` is one literal, untouched: its backslashes are no escapes.
 *
 * @throws UnfinishedExpression
 */
export function scan(text: string, escapes: Escapes = "v1.2"): readonly Part[] {
  if (!mayHoldExpression(text)) return [text];
  const cache = CACHE[escapes];
  const known = cache.get(text);
  if (known) return known;
  const parts = split(text, escapes);
  if (cache.size >= CACHED_TEXTS) cache.clear();
  cache.set(text, parts);
  return parts;
}

export const mayHoldExpression = (text: string): boolean => text.includes("$(") || text.includes("${");

// A scatter asks for the same few texts thousands of times.
const CACHED_TEXTS = 2000;
const CACHE: Record<Escapes, Map<string, readonly Part[]>> = { "v1.2": new Map(), "before v1.2": new Map() };

function split(text: string, escapes: Escapes): Part[] {
  const parts: Part[] = [];
  let literal = "";
  let at = 0;
  while (at < text.length) {
    const here = text[at];
    const next = text[at + 1];
    if (here === "\\" && next !== undefined) {
      const [shown, length] = readEscape(text, at, escapes);
      literal += shown;
      at += length;
    } else if (here === "$" && (next === "(" || next === "{")) {
      const end = endOfCode(text, at);
      if (literal) parts.push(literal);
      literal = "";
      parts.push(codePart(text.slice(at + 2, end - 1), next === "{"));
      at = end;
    } else {
      literal += here;
      at++;
    }
  }
  if (literal) parts.push(literal);
  return parts;
}

/** What a backslash at `at` stands for, and how many characters it takes. */
function readEscape(text: string, at: number, escapes: Escapes): [shown: string, length: number] {
  const next = text[at + 1]!;
  if (escapes === "before v1.2") return [next, 2];
  if (next === "\\") return ["\\", 2];
  if (next === "$" && (text[at + 2] === "(" || text[at + 2] === "{")) return [text.slice(at + 1, at + 3), 3];
  return [`\\${next}`, 2];
}

function codePart(code: string, isBody: boolean): CodePart {
  const reference = isBody ? undefined : readReference(code);
  return reference ? { code, isBody, reference } : { code, isBody };
}

/**
 * The offset after the bracket that closes the expression at `start`. Brackets inside of strings, templates, comments
 * and regular expressions do not count.
 */
function endOfCode(text: string, start: number): number {
  const open = text[start + 1]!;
  const close = open === "(" ? ")" : "}";
  let depth = 0;
  let at = start + 1;
  while (at < text.length) {
    const here = text[at]!;
    const afterToken = endOfQuoted(text, at, start + 2);
    if (afterToken !== undefined) {
      at = afterToken;
      continue;
    }
    if (here === open) depth++;
    if (here === close && --depth === 0) return at + 1;
    at++;
  }
  throw new UnfinishedExpression(text, start);
}

/** The offset after the string, template, comment or regular expression that starts at `at`, if one does. */
function endOfQuoted(text: string, at: number, codeStart: number): number | undefined {
  const here = text[at];
  if (here === '"' || here === "'") return endOfString(text, at, here);
  if (here === "`") return endOfTemplate(text, at);
  if (here !== "/") return undefined;
  if (text[at + 1] === "/") return endOfComment(text, at, "\n");
  if (text[at + 1] === "*") return endOfComment(text, at, "*/");
  return startsRegex(text, at, codeStart) ? endOfRegex(text, at) : undefined;
}

function endOfComment(text: string, start: number, mark: string): number {
  const found = text.indexOf(mark, start + 2);
  return found < 0 ? text.length : found + mark.length;
}

function endOfString(text: string, start: number, quote: string): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === quote) return at + 1;
  }
  return text.length;
}

function endOfTemplate(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === "`") return at + 1;
    else if (text[at] === "$" && text[at + 1] === "{") at = endOfCode(text, at) - 1;
  }
  return text.length;
}

/** A slash starts a regular expression where a value may start: after an operator, an opening bracket or a keyword. */
function startsRegex(text: string, at: number, codeStart: number): boolean {
  const before = text.slice(codeStart, at).trimEnd();
  return (
    before === "" || /[([{,;=:!&|?+\-*%~^<>]$/.test(before) || /\b(?:return|typeof|case|in|of|void|throw|else)$/.test(before)
  );
}

/** A regular expression ends on its line; a slash that finds no partner there was a division. */
function endOfRegex(text: string, start: number): number | undefined {
  let isInClass = false;
  for (let at = start + 1; at < text.length && text[at] !== "\n"; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === "[") isInClass = true;
    else if (text[at] === "]") isInClass = false;
    else if (text[at] === "/" && !isInClass) return at + 1;
  }
  return undefined;
}

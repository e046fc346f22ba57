import { wholeNumber } from "../long.ts";
import type { Node, Scalar, SourceText } from "./node.ts";

/**
 * Reads JSON, many times faster than a YAML parser: packed workflows have megabytes.
 *
 * @returns undefined when the text is not plain JSON or repeats a key; the YAML parser then says what is wrong
 */
export function parseJson(source: SourceText & { text: string }): Node | undefined {
  const { text } = source;
  let at = 0;
  let failed = false;

  const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
  const SPACE = /[ \t\r\n]*/y;
  // A control character ends a JSON string's validity.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const STRING = /"(?:[^"\\\u0000-\u001f]|\\.)*"/y;
  const LITERALS: readonly (readonly [string, Scalar])[] = [
    ["true", true],
    ["false", false],
    ["null", null],
  ];

  const root = value(0);
  skipSpace();
  return failed || at !== text.length ? undefined : root;

  function value(depth: number): Node {
    skipSpace();
    const offset = at;
    const first = text[at];
    // Deeper ones are left to the YAML parser, which has limits of its own.
    if (depth > 500) failed = true;
    if (failed) return { value: null, source, offset };
    if (first === "{") return { value: mapping(depth), source, offset };
    if (first === "[") return { value: sequence(depth), source, offset };
    if (first === '"') return { value: string(), source, offset };
    for (const [word, scalar] of LITERALS) {
      if (text.startsWith(word, at)) {
        at += word.length;
        return { value: scalar, source, offset };
      }
    }
    const number = match(NUMBER);
    return {
      value: number === undefined ? fail() : /^-?\d+$/.test(number) ? wholeNumber(number) : Number(number),
      source,
      offset,
    };
  }

  function mapping(depth: number): Map<string, Node> {
    const entries = new Map<string, Node>();
    at += 1;
    skipSpace();
    if (taken("}")) return entries;
    do {
      skipSpace();
      const keyOffset = at;
      const key = string();
      skipSpace();
      if (!taken(":") || entries.has(key)) fail();
      entries.set(key, { ...value(depth + 1), keyOffset });
      skipSpace();
    } while (!failed && taken(","));
    if (!taken("}")) fail();
    return entries;
  }

  function sequence(depth: number): Node[] {
    const items: Node[] = [];
    at += 1;
    skipSpace();
    if (taken("]")) return items;
    do {
      items.push(value(depth + 1));
      skipSpace();
    } while (!failed && taken(","));
    if (!taken("]")) fail();
    return items;
  }

  function string(): string {
    const quoted = match(STRING);
    if (quoted === undefined) return fail() ?? "";
    if (!quoted.includes("\\")) return quoted.slice(1, -1);
    try {
      return JSON.parse(quoted) as string;
    } catch {
      // An escape that JSON does not have.
      return fail() ?? "";
    }
  }

  function match(pattern: RegExp): string | undefined {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    at += found?.length ?? 0;
    return found;
  }
  function taken(character: string): boolean {
    if (text[at] !== character) return false;
    at += 1;
    return true;
  }
  function skipSpace(): void {
    match(SPACE);
  }
  function fail(): null {
    failed = true;
    return null;
  }
}

import { isAlias, isMap, isScalar, isSeq, type ParsedNode, parseDocument } from "yaml";
import { wholeNumber } from "../long.ts";
import { type Mapping, type Node, position, type Scalar, type SourceText } from "./node.ts";
import type { Parsed } from "./parsed.ts";
import { DocumentError, type Problem } from "./problem.ts";
import { syntaxProblems } from "./yaml-errors.ts";
import { type Rewritten, rewriteTolerated } from "./yaml-tolerance.ts";

/** A document may not grow beyond this many values by repeated aliases ("billion laughs"). */
const MAX_VALUES = 2_000_000;

/**
 * Reads YAML 1.2 or JSON; and what YAML 1.2 has not, but real documents have and other engines read, with a warning each.
 *
 * @throws DocumentError with every syntax error, among them keys that occur twice.
 */
export function parseYaml(source: SourceText & { text: string }): Parsed {
  const asWritten: Rewritten = { text: source.text, original: (offset) => offset, found: [] };
  const strict = parseText(asWritten.text);
  if (strict.errors.length === 0) return { root: build(strict, asWritten, source), warnings: [] };
  const rewritten = rewriteTolerated(source.text);
  const tolerant = parseText(rewritten.text);
  if (tolerant.errors.length === 0) {
    const warnings = rewritten.found.map(({ offset, message }): Problem => {
      return { severity: "warning", file: source.name, ...position(source, offset), path: "", message };
    });
    return { root: build(tolerant, rewritten, source), warnings };
  }
  // What is tolerated is not what is wrong: it should not be told.
  const [errors, written] =
    rewritten.found.length > 0 && tolerant.errors.length <= strict.errors.length
      ? [tolerant.errors, rewritten]
      : [strict.errors, asWritten];
  throw new DocumentError(syntaxProblems(errors, written, source));
}

function parseText(text: string) {
  // Keys that occur twice are found below: the library compares every key with all others.
  const document = parseDocument(text, {
    strict: false,
    uniqueKeys: false,
    merge: true,
    prettyErrors: false,
    intAsBigInt: true,
    logLevel: "silent",
  });
  // The parser reports its own exhausted stack as a syntax error.
  if (document.errors.some((error) => error.message.includes("call stack"))) throw new RangeError("nested too deeply");
  return document;
}

/** Our tree of what was parsed out of `written`, with places in `source`. */
function build(document: ReturnType<typeof parseText>, written: Rewritten, source: SourceText & { text: string }): Node {
  const sizes = new Map<Node, number>();
  const converted = new Map<unknown, Node>();
  const repeated: Problem[] = [];

  function convert(yaml: ParsedNode | null, fallback: number): Node {
    if (yaml === null) return measured({ value: null, source, offset: fallback }, 1);
    const offset = written.original(yaml.range[0]);
    if (isAlias(yaml)) {
      const target = yaml.resolve(document);
      const node = converted.get(target);
      if (node === undefined) fail(offset, `alias *${yaml.source} stands inside the value it names, or names none`);
      return measured({ ...node }, sizes.get(node) ?? 1);
    }
    if (isScalar(yaml)) return remember(yaml, measured({ value: scalar(yaml.value), source, offset }, 1));
    if (isSeq(yaml)) {
      const items = yaml.items.map((item) => convert(item as ParsedNode, offset));
      return remember(yaml, measured({ value: items, source, offset }, total(items)));
    }
    const entries = new Map<string, Node>();
    const merged: Mapping[] = [];
    for (const pair of isMap(yaml) ? yaml.items : []) {
      const key = pair.key as ParsedNode;
      const value = convert(pair.value as ParsedNode | null, written.original(key.range[1]));
      if (isScalar(key) && key.value !== null && typeof key.value === "symbol")
        merged.push(...mergedMappings(value, (offset) => fail(offset, "`<<` takes in mappings, and this is none")));
      else if (isScalar(key)) {
        const name = String(key.source ?? key.value);
        const keyOffset = written.original(key.range[0]);
        const before = entries.get(name)?.keyOffset;
        if (before !== undefined)
          repeated.push(problem(keyOffset, `the key ${name} is here twice: first in line ${position(source, before).line}`));
        entries.set(name, { ...value, keyOffset });
      } else fail(written.original(key.range[0]), "a key must be a text");
    }
    for (const mapping of merged) for (const [key, value] of mapping) if (!entries.has(key)) entries.set(key, value);
    return remember(yaml, measured({ value: entries, source, offset }, total(entries.values())));
  }
  function remember(yaml: ParsedNode, node: Node): Node {
    converted.set(yaml, node);
    return node;
  }
  function measured(node: Node, size: number): Node {
    if (size > MAX_VALUES) fail(node.offset, `the document has more than ${MAX_VALUES} values`);
    sizes.set(node, size);
    return node;
  }
  function total(nodes: Iterable<Node>): number {
    let size = 1;
    for (const node of nodes) size += sizes.get(node) ?? 1;
    return size;
  }
  function problem(offset: number, message: string): Problem {
    return { severity: "error", file: source.name, ...position(source, offset), path: "", message };
  }
  function fail(offset: number, message: string): never {
    throw new DocumentError([problem(offset, message)]);
  }

  const root = convert(document.contents as ParsedNode | null, 0);
  if (repeated.length > 0) throw new DocumentError(repeated);
  return root;
}

function scalar(value: unknown): Scalar {
  if (typeof value === "bigint") return wholeNumber(String(value));
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return value === undefined ? null : String(value);
}

function mergedMappings(node: Node, refuse: (offset: number) => never): Mapping[] {
  if (node.value instanceof Map) return [node.value];
  return Array.isArray(node.value) ? node.value.flatMap((item) => mergedMappings(item, refuse)) : refuse(node.offset);
}

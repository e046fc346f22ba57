import { setKey } from "../keys.ts";

/**
 * A document as a tree that remembers where every value was written. YAML, JSON and plain objects all become this, and
 * `$import`, packed parts and upgrades only move nodes about, so a message can always name file, line and column.
 */
export interface Node {
  readonly value: Scalar | readonly Node[] | ReadonlyMap<string, Node>;
  readonly source: SourceText;
  /** Characters from the start of the source. */
  readonly offset: number;
  /** Where the key of this value stands, when it is the value of one. */
  readonly keyOffset?: number;
}
/** `bigint`: a whole number beyond 2^53. */
export type Scalar = null | boolean | number | bigint | string;
export type Mapping = ReadonlyMap<string, Node>;
export interface MappingNode extends Node {
  readonly value: Mapping;
}
export interface SequenceNode extends Node {
  readonly value: readonly Node[];
}

/** A text that was read. References in it are relative to `uri`. `text` is absent for objects given in memory. */
export interface SourceText {
  readonly uri: string;
  /** How people know it: a path where it is one. */
  readonly name: string;
  readonly text?: string;
}

export function isMapping(node: Node | undefined): node is MappingNode {
  return node?.value instanceof Map;
}

export function isSequence(node: Node | undefined): node is SequenceNode {
  return Array.isArray(node?.value);
}

/** The value under `key`; undefined where it is absent, null, or where `node` is no mapping. */
export function child(node: Node | undefined, key: string): Node | undefined {
  const found = isMapping(node) ? node.value.get(key) : undefined;
  return found === undefined || found.value === null ? undefined : found;
}

/** The text under `key`, if it is a text. */
export function text(node: Node | undefined, key: string): string | undefined {
  const value = child(node, key)?.value;
  return typeof value === "string" ? value : undefined;
}

/** The same place in the document with another value. */
export function withValue(node: Node, value: Node["value"]): Node {
  return { ...node, value };
}

/** `node`, a mapping, with `key` set (undefined: removed). */
export function withKey(node: Node, key: string, value: Node | undefined): Node {
  const entries = new Map(isMapping(node) ? node.value : []);
  if (value === undefined) entries.delete(key);
  else entries.set(key, value);
  return withValue(node, entries);
}

/** Plain data, without places. */
export function plain(node: Node): unknown {
  if (isSequence(node)) return node.value.map(plain);
  if (!isMapping(node)) return node.value;
  const object: { [key: string]: unknown } = {};
  for (const [key, value] of node.value) setKey(object, key, plain(value));
  return object;
}

/** A tree of plain data, all of it at the start of `source`. */
export function nodeOf(value: unknown, source: SourceText): Node {
  const offset = 0;
  if (Array.isArray(value)) return { value: value.map((item) => nodeOf(item, source)), source, offset };
  if (typeof value === "object" && value !== null) {
    const entries = new Map<string, Node>();
    for (const [key, item] of Object.entries(value)) if (item !== undefined) entries.set(key, nodeOf(item, source));
    return { value: entries, source, offset };
  }
  return { value: (value ?? null) as Scalar, source, offset };
}

/** Line and column, both from 1. */
export function position(source: SourceText, offset: number): { line: number; column: number } {
  if (source.text === undefined) return { line: 1, column: 1 };
  const starts = lineStarts(source, source.text);
  let [line, after] = [0, starts.length];
  while (after - line > 1) {
    const middle = (line + after) >> 1;
    if (starts[middle]! <= offset) line = middle;
    else after = middle;
  }
  return { line: line + 1, column: offset - starts[line]! + 1 };
}

const LINE_STARTS = new WeakMap<SourceText, number[]>();

/** Where each line begins. Kept: every process of a document asks for its place, and there may be thousands. */
function lineStarts(source: SourceText, text: string): number[] {
  const known = LINE_STARTS.get(source);
  if (known) return known;
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  LINE_STARTS.set(source, starts);
  return starts;
}

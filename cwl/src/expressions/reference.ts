import type { ExpressionContext, Value } from "../model.ts";

/** A parsed parameter reference: `inputs.reads[0].path` is `{ root: "inputs", keys: ["reads", 0, "path"] }`. */
export interface Reference {
  root: string;
  keys: readonly (string | number)[];
  /** False when there are blanks around it or escapes that only JavaScript has: then it is JavaScript. */
  isExact: boolean;
}

/** Why a reference has no value, for people. */
export class MissingReference extends Error {}

/** Parses `code` by the grammar of CWL v1.2 §Parameter references; undefined when it is something else. */
export function readReference(code: string): Reference | undefined {
  const text = code.trim();
  const symbol = SYMBOL.exec(text);
  if (!symbol) return undefined;
  const keys: (string | number)[] = [];
  let isExact = text.length === code.length;
  let rest = text.slice(symbol[0].length);
  while (rest) {
    const segment = SEGMENT.exec(rest);
    if (!segment) return undefined;
    const [whole, name, single, double, index] = segment;
    const quoted = single ?? double;
    if (name !== undefined) keys.push(name);
    else if (quoted !== undefined) {
      if (/\\[^'"\\]/.test(quoted)) isExact = false;
      keys.push(quoted.replace(/\\(['"\\])/g, "$1"));
    } else keys.push(Number(index));
    rest = rest.slice(whole.length);
  }
  return { root: symbol[0], keys, isExact };
}

const SYMBOL = /^[\p{L}\p{N}_]+/u;
const SEGMENT = /^(?:\.([\p{L}\p{N}_]+)|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]|\[([0-9]+)\])/u;

/**
 * The value of a reference (CWL v1.2 §Parameter references, the algorithm). The value is the context's own, not a copy.
 *
 * @throws MissingReference naming the key that is not there.
 */
export function resolveReference(reference: Reference, context: ExpressionContext): Value {
  const { root, keys } = reference;
  if (root === "null") {
    if (keys.length > 0) throw new MissingReference("`null` has no fields");
    return null;
  }
  if (root !== "inputs" && root !== "self" && root !== "runtime") {
    throw new MissingReference(`\`${root}\` is not defined; known here: inputs, self, runtime`);
  }
  let value: Value | undefined = root === "runtime" ? (context.runtime as Value | undefined) : context[root];
  if (value === undefined) throw new MissingReference(`\`${root}\` is not available here`);
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at]!;
    if (key === "length" && at === keys.length - 1 && Array.isArray(value)) return value.length;
    const found = lookUp(value, key);
    if (found === undefined) throw new MissingReference(describeMiss(root, keys, at, value));
    value = found;
  }
  return value;
}

function lookUp(value: Value, key: string | number): Value | undefined {
  if (typeof key === "number") return Array.isArray(value) || typeof value === "string" ? value[key] : undefined;
  if (value === null || typeof value !== "object" || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, key) ? (value as { [key: string]: Value })[key] : undefined;
}

function describeMiss(root: string, keys: readonly (string | number)[], at: number, value: Value): string {
  const parent = showPath(root, keys.slice(0, at));
  const key = keys[at]!;
  if (value === null) return `\`${parent}\` is null: it has no ${JSON.stringify(key)}`;
  if (typeof key === "number") {
    if (Array.isArray(value)) return `\`${parent}\` has ${value.length} items: there is no [${key}]`;
    return `\`${parent}\` is no array: it has no [${key}]`;
  }
  if (typeof value !== "object" || Array.isArray(value)) return `\`${parent}\` is no object: it has no "${key}"`;
  const known = Object.keys(value).slice(0, 20).join(", ");
  return `\`${parent}\` has no "${key}"${known ? `; it has ${known}` : ""}`;
}

/** A path as one would write it. */
export function showPath(root: string, keys: readonly (string | number)[]): string {
  return (
    root +
    keys
      .map((key) => (typeof key === "number" ? `[${key}]` : /^\w+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`))
      .join("")
  );
}

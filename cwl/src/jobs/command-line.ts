import { decimal } from "../expressions/index.ts";
import type { CommandLineTool, CwlType, InputBinding, Value } from "../model.ts";
import type { ExpressionScope } from "./expression-scope.ts";
import { isEntry } from "./file-value.ts";
import { JobError, shown } from "./job-error.ts";
import { shellQuoted } from "./shell.ts";
import { memberFor } from "./type-match.ts";

/**
 * The command of a job (CWL v1.2 §Input binding): baseCommand, then the bindings of `arguments` and inputs in the order
 * of their sorting keys. With ShellCommandRequirement it is one shell line, quoted but for `shellQuote: false`.
 *
 * @throws JobError where an expression fails or a value has no place on a command line.
 */
export async function commandLine(tool: CommandLineTool, scope: ExpressionScope): Promise<string[]> {
  const bound: Bound[] = [];
  for (const [index, argument] of tool.arguments.entries()) {
    const place = `arguments[${index}]`;
    const binding = typeof argument === "string" ? { valueFrom: argument } : argument;
    bound.push({ key: [await positionOf(binding, null, scope, place), index], binding, value: null, place });
  }
  for (const port of tool.inputs) {
    const value = scope.inputs[port.id] as Value;
    // Without a value there is nothing to bind, not even valueFrom (CWL v1.2 §CommandLineBinding.valueFrom).
    if (value === null || value === undefined) continue;
    await collect(port.type, port.inputBinding, value, { lead: [], name: port.id, place: `inputs.${port.id}`, scope, bound });
  }
  bound.sort((a, b) => compareKeys(a.key, b.key));

  const shell = tool.requirements.shellCommand ?? tool.hints.shellCommand;
  const words = shell ? tool.baseCommand.map(shellQuoted) : [...tool.baseCommand];
  for (const { binding, value, place } of bound) {
    const shown = binding.valueFrom === undefined ? value : await scope.evaluate(binding.valueFrom, value, `${place}.valueFrom`);
    for (const word of wordsOf(binding, shown, place)) {
      words.push(shell && binding.shellQuote !== false ? shellQuoted(word) : word);
    }
  }
  return shell ? ["/bin/sh", "-c", words.join(" ")] : words;
}

/** A value on its way to the command line, with its sorting key. */
interface Bound {
  key: (number | string)[];
  binding: InputBinding;
  value: Value;
  place: string;
}

interface Walk {
  /** The sorting key of what surrounds the value. */
  lead: (number | string)[];
  /** The port or field that holds the value: the last part of its key. */
  name: string;
  place: string;
  scope: ExpressionScope;
  bound: Bound[];
}

/**
 * Collects the bindings of a value: its own, those of its type, and those of its items or fields (CWL v1.2 §Input
 * binding, step 2). An array's own binding, and without `itemSeparator` that of its port, applies to the items.
 */
async function collect(type: CwlType, binding: InputBinding | undefined, value: Value, walk: Walk): Promise<void> {
  let { lead } = walk;
  if (binding) {
    lead = [...lead, await positionOf(binding, value, walk.scope, walk.place), walk.name];
    walk.bound.push({ key: lead, binding, value, place: walk.place });
    // What valueFrom gives replaces the whole value, with everything bound inside it.
    if (binding.valueFrom !== undefined) return;
  }
  const member = memberFor(type, value);
  const schema = typeof member === "object" ? member : undefined;
  if (Array.isArray(value)) {
    const items = schema?.type === "array" ? schema.items : "Any";
    const inherited = binding && binding.itemSeparator === undefined ? {} : undefined;
    const itemBinding = (schema?.type === "array" ? schema.inputBinding : undefined) ?? inherited;
    for (const [index, item] of value.entries()) {
      await collect(items, itemBinding, item, { ...walk, lead: [...lead, index], place: `${walk.place}[${index}]` });
    }
    return;
  }
  if (schema && schema.type !== "array" && schema.inputBinding) {
    await collect(schema.type === "enum" ? "string" : "Any", schema.inputBinding, value, { ...walk, lead });
  }
  if (schema?.type === "record") {
    const record = value as { [key: string]: Value };
    for (const field of schema.fields) {
      const inner = record[field.name];
      if (inner === undefined || inner === null) continue;
      const place = `${walk.place}.${field.name}`;
      await collect(field.type, field.inputBinding, inner, { ...walk, lead, name: field.name, place });
    }
  }
}

async function positionOf(binding: InputBinding, value: Value, scope: ExpressionScope, place: string): Promise<number> {
  const { position } = binding;
  if (position === undefined) return 0;
  if (typeof position === "number") return position;
  const found = await scope.evaluate(position, value, `${place}.position`);
  if (found === null) return 0;
  const number = typeof found === "string" ? Number(found) : found;
  if (typeof number !== "number" || !Number.isInteger(number)) {
    throw new JobError(
      "expression",
      `${place}.position`,
      `${shown(position)} gave ${shown(found)}, and a position is an integer`,
    );
  }
  return number;
}

/** Entry by entry, numbers before strings (CWL v1.2 §Input binding, step 4); the shorter of two alike comes first. */
function compareKeys(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  for (let index = 0; index < a.length && index < b.length; index++) {
    const [x, y] = [a[index], b[index]];
    if (x === y) continue;
    if (typeof x === "number") return typeof y === "number" ? x - y : -1;
    if (typeof y === "number") return 1;
    return (x as string) < (y as string) ? -1 : 1;
  }
  return a.length - b.length;
}

/** One binding and its value as words, by the rules of CWL v1.2 §CommandLineBinding. */
function wordsOf(binding: InputBinding, value: Value, place: string): string[] {
  const { prefix, separate = true, itemSeparator } = binding;
  const alone = prefix === undefined || prefix === "" ? [] : [prefix];
  if (value === null || value === false) return [];
  if (value === true) return alone;
  if (Array.isArray(value)) {
    if (value.length === 0) return [];
    if (itemSeparator !== undefined) return prefixed(value.map((item) => wordOf(item, place)).join(itemSeparator));
    // The items of an input have bindings of their own; those of valueFrom are here.
    return binding.valueFrom === undefined ? alone : [...alone, ...value.map((item) => wordOf(item, place))];
  }
  if (typeof value === "object" && !isEntry(value)) return alone;
  return prefixed(wordOf(value, place));

  function prefixed(word: string): string[] {
    if (prefix === undefined) return [word];
    return separate ? [...alone, word] : [prefix + word];
  }
}

/** A single value as text: Files and Directories are their paths, numbers are written without an exponent. */
export function wordOf(value: Value, place: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "bigint") return decimal(value);
  if (isEntry(value)) {
    if (value.path === undefined) throw new JobError("command", place, `the ${value.class} ${shown(value)} has no path`);
    return value.path;
  }
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

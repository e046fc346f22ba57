import { isOfEveryObject } from "../keys.ts";
import { child, isMapping, isSequence, type Node, plain, type Scalar, withKey } from "./node.ts";
import type { ProblemOptions, Problems } from "./problem.ts";

/** One entry of a list or map of things with ids (CWL's "identifier map"). */
export interface Entry {
  /** The id as written; empty when it is missing. */
  id: string;
  body: Cursor;
}

/**
 * A place in a document that is being read: the node, its path for people, and where problems go. Every reading method
 * notes a problem and answers undefined when the document says something else, so that reading goes on to the next fault.
 */
export class Cursor {
  readonly node: Node;
  readonly path: string;
  readonly problems: Problems;

  constructor(node: Node, path: string, problems: Problems) {
    this.node = node;
    this.path = path;
    this.problems = problems;
  }

  /** The value under `key`; undefined where it is absent or null. */
  get(key: string): Cursor | undefined {
    const found = child(this.node, key);
    return found && this.at(found, key);
  }

  /** The same reading at another node; `step` is added to the path. */
  at(node: Node, step?: string): Cursor {
    const path =
      step === undefined ? this.path : step.startsWith("[") || this.path === "" ? this.path + step : `${this.path}.${step}`;
    return new Cursor(node, path, this.problems);
  }

  error(message: string, options: ProblemOptions = {}): undefined {
    this.problems.error(this.node, this.path, message, options);
    return undefined;
  }

  warning(message: string): void {
    this.problems.warning(this.node, this.path, message);
  }

  /** A fault of a key itself rather than of its value. */
  keyError(key: string, message: string): undefined {
    const found = isMapping(this.node) ? this.node.value.get(key) : undefined;
    this.problems.error(found ?? this.node, this.path, message, { onKey: found !== undefined });
    return undefined;
  }

  keyWarning(key: string, message: string): void {
    const found = isMapping(this.node) ? this.node.value.get(key) : undefined;
    const at = found ?? this.node;
    this.problems.warning({ ...at, offset: at.keyOffset ?? at.offset }, this.path, message);
  }

  get isMapping(): boolean {
    return isMapping(this.node);
  }
  get isSequence(): boolean {
    return isSequence(this.node);
  }
  get scalar(): Scalar | undefined {
    return this.isMapping || this.isSequence ? undefined : (this.node.value as Scalar);
  }

  string(what = "a text"): string | undefined {
    return typeof this.node.value === "string" ? this.node.value : this.expected(what);
  }

  boolean(): boolean | undefined {
    return typeof this.node.value === "boolean" ? this.node.value : this.expected("true or false");
  }

  integer(): number | undefined {
    return Number.isInteger(this.node.value) ? (this.node.value as number) : this.expected("an integer");
  }

  number(): number | undefined {
    return typeof this.node.value === "number" ? this.node.value : this.expected("a number");
  }

  oneOf<T extends string>(allowed: readonly T[]): T | undefined {
    const { value } = this.node;
    if (typeof value === "string" && (allowed as readonly string[]).includes(value)) return value as T;
    return this.expected(`one of ${allowed.join(", ")}`);
  }

  /** Text, where CWL also allows a list of texts that are joined by lines (`doc`). */
  lines(): string | undefined {
    if (!this.isSequence) return this.string("a text or a list of texts");
    return this.items()
      .map((item) => item.string() ?? "")
      .join("\n");
  }

  /** The elements of a list. */
  items(): Cursor[] {
    if (isSequence(this.node)) return this.node.value.map((node, index) => this.at(node, `[${index}]`));
    this.expected("a list");
    return [];
  }

  /** The elements of a list, or the one thing that stands instead of a list. */
  itemsOrOne(): Cursor[] {
    return this.isSequence ? this.items() : [this];
  }

  strings(): string[] {
    return this.itemsOrOne().flatMap((item) => item.string() ?? []);
  }

  /**
   * A list of mappings with `subject` (id, name, class …), or a map from it to the rest. Where a map's value is no mapping,
   * it is the value of `predicate` (schema-salad §Identifier maps).
   */
  entries(subject: string, predicate?: string): Entry[] {
    const entries = this.#entriesOf(subject, predicate);
    for (const { id, body } of entries)
      if (isOfEveryObject(shortName(id)))
        body.error(`${quoted(shortName(id))} cannot be a name here: every object of JavaScript has it`);
    return entries;
  }

  #entriesOf(subject: string, predicate?: string): Entry[] {
    if (isMapping(this.node)) {
      return [...this.node.value].map(([id, node]) => {
        const shorthand = !isMapping(node) && node.value !== null && predicate !== undefined;
        const body = shorthand
          ? { ...node, value: new Map([[predicate, node]]) }
          : node.value === null
            ? { ...node, value: new Map() }
            : node;
        return { id, body: this.at(body, shortName(id)) };
      });
    }
    return this.items().flatMap((item, index) => {
      if (!item.isMapping) {
        item.expected(`a mapping with ${quoted(subject)}`);
        return [];
      }
      const id = child(item.node, subject);
      if (typeof id?.value === "string") return { id: id.value, body: this.at(item.node, shortName(id.value)) };
      if (id !== undefined) item.at(id, subject).expected("a text");
      else item.error(`${quoted(subject)} is missing`);
      return { id: "", body: this.at(item.node, `[${index}]`) };
    });
  }

  plain(): unknown {
    return plain(this.node);
  }

  /** This mapping without `key`. */
  without(key: string): Cursor {
    return this.at(withKey(this.node, key, undefined));
  }

  /** Notes that something else than `what` was written here. */
  expected(what: string): undefined {
    return this.error(`must be ${what}, not ${describe(this.node)}`);
  }
}

/** The last part of an identifier: `reads` of `reads`, `#reads`, `#main/reads` and `tool.cwl#main/reads`. */
export function shortName(id: string): string {
  const fragment = id.slice(id.lastIndexOf("#") + 1);
  return fragment.slice(fragment.lastIndexOf("/") + 1);
}

export function quoted(text: string): string {
  return `\`${text}\``;
}

function describe(node: Node): string {
  if (isMapping(node)) return "a mapping";
  if (isSequence(node)) return "a list";
  if (node.value === null) return "null";
  const shown = JSON.stringify(node.value);
  return `${typeof node.value === "string" ? "the text " : ""}${shown.length > 60 ? `${shown.slice(0, 57)}…` : shown}`;
}

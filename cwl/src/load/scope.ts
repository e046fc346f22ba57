import type { CwlType, CwlVersion } from "../model.ts";
import { type Cursor, quoted } from "./cursor.ts";
import type { Library } from "./library.ts";
import { isMapping } from "./node.ts";
import { atLeast } from "./versions.ts";

/** What holds for everything that is written in one process. */
export interface Scope {
  /** IRI of the process: `file:///…/tool.cwl#main`. */
  id: string;
  /** The version whose forms hold, and the one whose run-time rules do: they differ where sbg:draft-2 was upgraded. */
  version: CwlVersion;
  rules: CwlVersion;
  namespaces: { readonly [prefix: string]: string };
  /** Whether InlineJavascriptRequirement holds here. */
  javascript: boolean;
  library: Library;
  /** The named types that can be used, by IRI. Filled as definitions are read; shared by one load. */
  named: Map<string, CwlType>;
  /** Every format that a port asks for: IRIs and expressions. Shared by one load. */
  formats: Set<string>;
}

/** The fields of one kind of mapping, each with the version of CWL that introduced it. */
export type Fields = { readonly [name: string]: CwlVersion };

/** Fields that a table lists; all of them since v1.0. */
export function since(version: CwlVersion, ...names: string[]): Fields {
  return Object.fromEntries(names.map((name) => [name, version]));
}

/**
 * Refuses fields that the version does not have here. Names with a prefix (`sbg:x`), IRIs and `$…` are extensions and
 * always allowed.
 *
 * @returns whether `cursor` is a mapping at all
 */
export function checkFields(cursor: Cursor, fields: Fields, scope: Scope): boolean {
  if (!isMapping(cursor.node)) {
    cursor.expected("a mapping");
    return false;
  }
  for (const key of cursor.node.value.keys()) {
    const introduced = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (introduced === undefined) {
      if (isExtension(key)) continue;
      const known = Object.keys(fields).filter((name) => atLeast(scope.version, fields[name]!));
      cursor.keyError(key, `unknown field ${quoted(key)}; ${suggestion(key, known)}`);
    } else if (!atLeast(scope.version, introduced)) {
      cursor.keyError(key, `field ${quoted(key)} exists since CWL ${introduced}, and this document is ${scope.version}`);
    }
  }
  return true;
}

/** A workflow may have thousands of names, and as many wrong ones. */
const SUGGESTED_OF = 1000;
const NAMED_AT_MOST = 100;

/** `did you mean …?`, or all that is allowed. */
export function suggestion(word: string, known: readonly string[]): string {
  const near = known
    .slice(0, SUGGESTED_OF)
    .map((name) => ({ name, distance: editDistance(word.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(Math.min(word.length, name.length) / 3)))
    .sort((a, b) => a.distance - b.distance)[0];
  if (near) return `did you mean ${quoted(near.name)}?`;
  if (known.length === 0) return "nothing is allowed here";
  const names = [...new Set(known)].sort();
  return `allowed are ${names.slice(0, NAMED_AT_MOST).join(", ")}${names.length > NAMED_AT_MOST ? ", …" : ""}`;
}

/** The vendor's keys of a mapping, as written. */
export function extensions(cursor: Cursor): { [key: string]: unknown } | undefined {
  if (!isMapping(cursor.node)) return undefined;
  const found = [...cursor.node.value.keys()].filter(isExtension).filter((key) => !key.startsWith("$"));
  if (found.length === 0) return undefined;
  return Object.fromEntries(found.map((key) => [key, cursor.get(key)?.plain() ?? null]));
}

function isExtension(key: string): boolean {
  return key.includes(":") || key.startsWith("$");
}

/** Letters to insert, drop, replace or swap with their neighbour to get from one word to the other. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, replaced, isSwap ? before[j - 2]! + 1 : replaced));
    }
    [before, row] = [row, next];
  }
  return row[b.length]!;
}

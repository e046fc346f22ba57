import type { CwlType, CwlVersion, Process } from "../model.ts";
import { suggestion } from "../suggestion.ts";
import { type Cursor, quoted } from "./cursor.ts";
import type { Library } from "./library.ts";
import { isMapping } from "./node.ts";
import { atLeast } from "./versions.ts";

/** What holds for everything that is written in one process. */
export interface ProcessScope {
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
  /** Where the process's JavaScript is written; see `Process.scripts`. */
  scripts: NonNullable<Process["scripts"]>;
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
export function checkFields(cursor: Cursor, fields: Fields, scope: ProcessScope): boolean {
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

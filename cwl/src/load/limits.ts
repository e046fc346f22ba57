import { isMapping, isSequence, type Node } from "./node.ts";
import { DocumentError } from "./problem.ts";

/**
 * What loading one document may cost at most, with all the files that it refers to. A document of a few kilobytes can ask
 * for any amount of work: by aliases, by nesting, by workflows that run each other twice.
 */
export interface LoadLimits {
  /** Of all texts that are read. */
  bytes: number;
  /** Lists and mappings inside each other, and workflows that run each other. */
  depth: number;
  /** Values of lists and mappings, each as often as aliases repeat it. */
  entries: number;
  /** Steps, counted as often as the workflow that has them is run by others. */
  steps: number;
  /** Inputs, or outputs, of one process. */
  ports: number;
}

interface Limit {
  /** The setting: an environment variable. */
  readonly variable: string;
  readonly default: number;
  readonly description: string;
}

const MiB = 2 ** 20;

/** The limits with the settings that change them, the same for the platform and the command line. */
export const DOCUMENT_LIMITS: { readonly [K in keyof LoadLimits]: Limit } = {
  bytes: {
    variable: "CAUSEWAY_DOCUMENT_BYTES",
    default: 16 * MiB,
    description: "Bytes that a CWL document and all the files it refers to may have together.",
  },
  depth: {
    variable: "CAUSEWAY_DOCUMENT_DEPTH",
    default: 200,
    description: "Lists, mappings and workflows of a CWL document that may stand inside each other.",
  },
  entries: {
    variable: "CAUSEWAY_DOCUMENT_ENTRIES",
    default: 500_000,
    description: "Values that a CWL document may have, each counted as often as YAML aliases repeat it.",
  },
  steps: {
    variable: "CAUSEWAY_DOCUMENT_STEPS",
    default: 10_000,
    description: "Steps that a workflow may have, those of the workflows it runs included, each as often as it would run.",
  },
  ports: {
    variable: "CAUSEWAY_DOCUMENT_PORTS",
    default: 5000,
    description: "Inputs that one process of a CWL document may have, and outputs.",
  },
};

/** Deeper than this the stack of a thread may not do, whatever the setting says. */
export const DEEPEST = 1000;

export const DEFAULT_LOAD_LIMITS: LoadLimits = limitsBy(({ default: value }) => value);

/**
 * The limits that the environment of a command gives. One person's command may do ten times what a platform lets each of
 * its users do.
 *
 * @throws Error naming a variable that is no whole number above 0
 */
export function loadLimitsIn(environment: { readonly [variable: string]: string | undefined }): LoadLimits {
  return limitsBy(({ variable, default: value }, name) => {
    const given = environment[variable];
    if (given === undefined || given === "") return name === "depth" ? value : 10 * value;
    if (!/^[1-9]\d*$/.test(given) || (name === "depth" && Number(given) > DEEPEST))
      throw new Error(
        `${variable}=${given} does not fit: a whole number above 0${name === "depth" ? `, at most ${DEEPEST}` : ""}`,
      );
    return Number(given);
  });
}

function limitsBy(amount: (limit: Limit, name: keyof LoadLimits) => number): LoadLimits {
  const names = Object.keys(DOCUMENT_LIMITS) as (keyof LoadLimits)[];
  return Object.fromEntries(names.map((name) => [name, amount(DOCUMENT_LIMITS[name], name)])) as unknown as LoadLimits;
}

/** A document costs more than is allowed. Nothing more of it is read. */
export class OverLimit extends DocumentError {}

/** Keeps account of what one load has cost. */
export class Budget {
  readonly limits: LoadLimits;
  #bytes = 0;
  #entries = 0;

  constructor(limits: LoadLimits) {
    this.limits = limits;
  }

  /** @throws OverLimit when all texts together are too long */
  read(text: string, file: string): void {
    this.#bytes += Buffer.byteLength(text);
    if (this.#bytes > this.limits.bytes) this.refuse("bytes", file, `it has ${grouped(this.#bytes)} bytes`);
  }

  /** @throws OverLimit when a text alone is too long to be looked at */
  fits(text: string, file: string): void {
    const bytes = Buffer.byteLength(text);
    if (bytes > this.limits.bytes) this.refuse("bytes", file, `it has ${grouped(bytes)} bytes`);
  }

  /** Counts the values of a document. @throws OverLimit when there are too many, or they stand too deep */
  measure(root: Node): void {
    const { entries, depth } = sizeOf(root);
    const file = root.source.name;
    this.#entries += entries;
    if (depth > this.limits.depth)
      this.refuse("depth", file, `lists and mappings stand inside each other ${grouped(depth)} deep: it is nested too deeply`);
    if (this.#entries > this.limits.entries) this.refuse("entries", file, `it has ${grouped(this.#entries)} values`);
  }

  refuse(name: keyof LoadLimits, file: string, what: string, place: { line: number; column: number; path: string } = TOP): never {
    throw overLimit(name, this.limits[name], file, what, place);
  }
}

const TOP = { line: 1, column: 1, path: "" };

/** What a document is told that costs more than is allowed: what it has, what is allowed, and the setting. */
export function overLimit(
  name: keyof LoadLimits,
  allowed: number,
  file: string,
  what: string,
  place: { line: number; column: number; path: string } = TOP,
): OverLimit {
  const message = `${what}, and ${grouped(allowed)} are allowed (${DOCUMENT_LIMITS[name].variable})`;
  return new OverLimit([{ severity: "error", file, ...place, message }]);
}

const grouped = (count: number): string =>
  Number.isFinite(count) ? count.toLocaleString("en-US") : `more than ${Number.MAX_VALUE.toExponential(0)}`;

/** How many values a tree holds, repeated ones every time, and how deep. Not recursive: the tree may be of any depth. */
function sizeOf(root: Node): { entries: number; depth: number } {
  const known = new Map<Node["value"], { entries: number; depth: number }>();
  const open: Node[] = [root];
  while (open.length > 0) {
    const node = open.at(-1)!;
    const inner = isMapping(node) ? node.value.values() : isSequence(node) ? node.value : undefined;
    if (inner === undefined || known.has(node.value)) {
      open.pop();
      continue;
    }
    let entries = 1;
    let depth = 0;
    const before = open.length;
    for (const child of inner) {
      const size = isMapping(child) || isSequence(child) ? known.get(child.value) : SCALAR;
      if (size === undefined) open.push(child);
      else {
        entries += size.entries;
        depth = Math.max(depth, size.depth);
      }
    }
    if (open.length > before) continue;
    known.set(node.value, { entries, depth: depth + 1 });
    open.pop();
  }
  return known.get(root.value) ?? SCALAR;
}

const SCALAR = { entries: 1, depth: 0 };

import type { OPERATIONS } from "../operations.ts";

/**
 * How an operation compares with the same one of the Seven Bridges API, as far as public sources tell. A sentence each, in
 * Markdown: what is there, and why. An empty comparison says that nothing is known to differ.
 */
export interface Comparison {
  /** What a script can notice. */
  readonly differs?: readonly string[];
  /** What no public source says, and what was chosen here. */
  readonly chosen?: readonly string[];
  /** Why there is an operation that the Seven Bridges API does not document. */
  readonly added?: string;
}

/** A comparison for every operation of a group: TypeScript misses those that are left out. */
export type Comparisons<Tag> = Readonly<Record<IdOf<Tag>, Comparison>>;

type IdOf<Tag> = {
  [Id in keyof typeof OPERATIONS]: (typeof OPERATIONS)[Id]["tag"] extends Tag ? Id : never;
}[keyof typeof OPERATIONS];

/** Operations of the Seven Bridges API that are not served. */
export interface NotServed {
  /** `GET /storage/volumes`; `/v2` is left out. */
  readonly calls: readonly string[];
  readonly title: string;
  /** Why not, and what a script meets. */
  readonly why: string;
}

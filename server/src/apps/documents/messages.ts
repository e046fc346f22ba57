import type { LoadLimits, Problem } from "@causeway/cwl";
import type { CompiledPieces } from "./compiled-form.ts";
import type { CwlObject } from "./facts.ts";

/** Work on one document, which a thread of its own does: what is sent to it. */
export type DocumentJob =
  | { do: "receive"; bytes: Uint8Array; mediaType: string; uri: string; shortName: string }
  | { do: "compile"; text: string; uri: string }
  | ({ do: "present" } & Presented);

/**
 * What comes back: once, that the thread is `up`; then of an upload what was `decoded`, then what was `checked`. What ends the job is its
 * `result`; `failed` is a fault of ours.
 */
export type DocumentAnswer =
  | { is: "up" }
  | { is: "decoded"; decoded: Decoded }
  | { is: "result"; result: unknown }
  | { is: "failed"; error: Error };

/** A document that is shown: with keys of the server, alone or as the `raw` of an app, and of it what `fields` selects. */
export interface Presented {
  text: string;
  serverKeys: CwlObject;
  app: object | undefined;
  fields: readonly string[];
}

export interface ThreadData {
  limits: LoadLimits;
}

/** An uploaded document, ready to be stored. */
export interface Decoded {
  /** JSON text, without the server's keys; numbers are as they were written. */
  text: string;
  notes: string | null;
  label: string;
  words: string;
  contentHash: string;
  cwlVersions: string[];
}

/** What is wrong with a document, and odd about it: texts with the place in front. */
export interface Checked {
  errors: string[];
  warnings: string[];
}

/** The request cannot be taken. `isValue`: it can be read, but is no document. */
export interface Refused {
  refused: "undecodable" | "badRequest";
  detail: string;
}

/** The engine's form of a document, or why there is none. */
export type Compiled = { compiled: CompiledPieces } | { problems: readonly Problem[] };

import { ApiError } from "../../http/errors.ts";
import type { BatchBy } from "../tables.ts";

/** How a batch makes children: of which input's values, and one a value or one a group. */
export interface Batching {
  input: string;
  by: BatchBy;
}

/** What a request says about batching (tasks.md §3.2). */
export interface GivenBatching {
  batch?: boolean | undefined;
  batch_input?: string | null | undefined;
  batch_by?: { type: "ITEM" | "CRITERIA"; criteria?: string[] | undefined } | null | undefined;
}

/**
 * The batching that a request asks for, the app's own where it asks for a batch without saying how; null where it says
 * that there shall be none, undefined where it says nothing.
 *
 * @throws ApiError `batchCriteriaMissing`, `batchFieldsIncomplete`
 */
export function readBatching(given: GivenBatching, ofApp: Batching | undefined): Batching | null | undefined {
  const { batch_by: by, batch_input: input } = given;
  if (by?.type === "CRITERIA" && !by.criteria?.length) throw new ApiError("batchCriteriaMissing");
  if (by && input) return { input, by: by.type === "ITEM" ? { type: "ITEM" } : { type: "CRITERIA", criteria: by.criteria! } };
  if (by || input) throw new ApiError("batchFieldsIncomplete");
  if (given.batch === true) {
    if (!ofApp) throw new ApiError("batchFieldsIncomplete", "The app names no batching of its own.");
    return ofApp;
  }
  return given.batch === false || (by === null && input === null) ? null : undefined;
}

/** What an app's document says of batching, as it is written there. */
export interface SuggestedBatching {
  readonly batch_input: unknown;
  readonly batch_by: unknown;
}

/** The batching that a workflow's author suggests: `sbg:batchInput` and `sbg:batchBy` (execution-hints.md §8). */
export function batchingOf({ batch_input: input, batch_by: by }: SuggestedBatching): Batching | undefined {
  if (typeof input !== "string" || typeof by !== "object" || by === null) return undefined;
  const { type, criteria } = by as { type?: unknown; criteria?: unknown };
  const keys = [criteria].flat().filter((key) => typeof key === "string");
  const isItem = typeof type === "string" ? type.toLowerCase() === "item" : keys.length === 0;
  if (!isItem && keys.length === 0) return undefined;
  return { input: input.replace(/^#/, ""), by: isItem ? { type: "ITEM" } : { type: "CRITERIA", criteria: keys } };
}

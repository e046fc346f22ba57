import { type ErrorEnvelope, errorEnvelope } from "@causeway/contract";
import { ApiError } from "../http/errors.ts";

/** What became of one thing of many (files.md §4): what it is, or why not. */
export type Result<Resource> = { resource: Resource } | { error: ErrorEnvelope; id: string };

/**
 * Does `work` for one id after the other and answers a result for each, in that order. A refusal is the result of its
 * own item and the others go on; what nobody foresaw ends the whole call.
 */
export async function resultsOf<Resource>(
  ids: readonly string[],
  baseUrl: string,
  work: (id: string, index: number) => Promise<Resource>,
): Promise<{ items: Result<Resource>[] }> {
  const items: Result<Resource>[] = [];
  for (const [index, id] of ids.entries()) {
    try {
      items.push({ resource: await work(id, index) });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      items.push({ error: errorEnvelope(error.kind, baseUrl, error.detail), id });
    }
  }
  return { items };
}

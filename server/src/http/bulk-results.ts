import { type Element, type ErrorEnvelope, errorEnvelope } from "@causeway/contract";
import { ApiError } from "./errors.ts";
import { turnTaker } from "./in-turns.ts";

/** What became of one thing of many (files.md §4): what it is, or why not, with the id that was asked for. */
export type Result<Resource> = { resource: Resource } | { error: ErrorEnvelope; id?: string };

/**
 * Does `work` for one element after the other and answers a result for each, in that order. A refusal is the result of
 * its own element and the others go on, also when it is the element itself that does not fit; what nobody foresaw ends the
 * whole call.
 */
export async function resultsOf<Given, Resource>(
  elements: readonly Element<Given>[],
  baseUrl: string,
  work: (element: Given) => Promise<Resource>,
): Promise<{ items: Result<Resource>[] }> {
  const items: Result<Resource>[] = [];
  const takeTurn = turnTaker();
  for (const element of elements) {
    await takeTurn();
    try {
      if (!("value" in element)) throw new ApiError(element.kind, element.detail);
      items.push({ resource: await work(element.value) });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      items.push({ error: errorEnvelope(error.kind, baseUrl, error.detail), ...idOf(element.given) });
    }
  }
  return { items };
}

/** An element is an id, or has one; one that does not fit may have none. */
function idOf(given: unknown): { id?: string } {
  const id = typeof given === "object" && given !== null ? (given as { id?: unknown }).id : given;
  return typeof id === "string" ? { id } : {};
}

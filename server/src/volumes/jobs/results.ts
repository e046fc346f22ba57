import type { Element, ErrorEnvelope } from "@causeway/contract";
import { resultsOf } from "../../http/bulk-results.ts";

/** A job, or why there is none: never both keys (volumes.md §1.9). */
export type JobResult<Job> = { resource: Job } | { error: ErrorEnvelope };

/** As `resultsOf`, without the ids that were asked for, which this envelope has not. */
export async function jobResultsOf<Given, Job>(
  elements: readonly Element<Given>[],
  baseUrl: string,
  work: (element: Given) => Promise<Job>,
): Promise<{ items: JobResult<Job>[] }> {
  const { items } = await resultsOf(elements, baseUrl, work);
  return { items: items.map((item) => ("error" in item ? { error: item.error } : item)) };
}

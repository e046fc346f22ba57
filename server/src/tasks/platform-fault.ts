import { isDocumentFault, JobError } from "@causeway/cwl";
import { isOutage } from "../http/outages.ts";

/** What went wrong is ours, not the task's: the database or the executor does not do what it should. */
class PlatformFault extends Error {}

/** Does what only the platform's own parts can fail at; what a tool left badly stays the tool's. @throws PlatformFault, JobError */
export async function asPlatformFault<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof JobError || cause instanceof PlatformFault) throw cause;
    throw new PlatformFault((cause as Error).message, { cause });
  }
}

/**
 * Whose fault it is that driving a task failed.
 *
 * - `task`: the document's or the tool's. Trying again gives the same: the task FAILS with the message.
 * - `outage`: the database, the store or the disk cannot be reached or is full. The task waits for them, however long.
 * - `platform`: everything else, mistakes of ours included. It is tried a few times.
 */
export type Blame = "task" | "outage" | "platform";

export function blameFor(error: unknown): Blame {
  if (isDocumentFault(error)) return "task";
  return isOutage(error) && !isRefusal(error) ? "outage" : "platform";
}

/** A right or a name that the system refuses does not come back by itself, as a server does. */
function isRefusal(error: unknown): boolean {
  for (let here = error; here instanceof Error; here = here.cause) {
    const { code, path } = here as NodeJS.ErrnoException;
    if (path !== undefined && code !== undefined && REFUSALS.has(code)) return true;
  }
  return false;
}

const REFUSALS = new Set(["EACCES", "EPERM", "ENOTDIR"]);

/** Whether `error`, or what caused it, is of that kind. */
export const hasCause = (error: unknown, kind: new (...args: never[]) => Error): boolean => causeOf(error, kind) !== undefined;

/** `error` itself, or what caused it, if it is of that kind. */
export function causeOf<Kind extends Error>(error: unknown, kind: new (...args: never[]) => Kind): Kind | undefined {
  if (error instanceof kind) return error;
  return error instanceof Error ? causeOf(error.cause, kind) : undefined;
}

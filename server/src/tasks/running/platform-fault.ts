/** What went wrong is ours, not the task's: the database or the executor cannot be reached. The task is tried again. */
export class PlatformFault extends Error {}

/** Does what only the platform's own parts can fail at. @throws PlatformFault */
export async function ours<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new PlatformFault((cause as Error).message, { cause });
  }
}

/** Whether `error`, or what caused it, is of that kind. */
export function hasCause(error: unknown, kind: new (...args: never[]) => Error): boolean {
  return error instanceof kind || (error instanceof Error && hasCause(error.cause, kind));
}

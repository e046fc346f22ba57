import pRetry from "p-retry";

/** `attempts` in all; `pause` in milliseconds before the second, doubled before each one after it. */
export interface Patience {
  attempts: number;
  pause: number;
}

/**
 * Asks again after a failure that passes. With `spread` pauses differ from caller to caller, for a service that asks for
 * fewer requests. @throws what the last attempt threw; the signal's reason
 */
export function retrying<Answer>(
  ask: () => Promise<Answer>,
  { attempts, pause }: Patience,
  { passes, spread = false, signal }: { passes: (error: unknown) => boolean; spread?: boolean; signal?: AbortSignal | undefined },
): Promise<Answer> {
  return pRetry(ask, {
    retries: attempts - 1,
    minTimeout: pause,
    randomize: spread,
    ...(signal && { signal }),
    shouldRetry: ({ error }) => passes(error),
  });
}

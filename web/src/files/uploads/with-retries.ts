import { ApiFailure } from "@causeway/contract/client";

const PAUSES_MS = [500, 1000, 2000, 4000, 8000, 15_000, 30_000, 30_000, 60_000];

/**
 * Does it again when the connection fails, or the platform is away, for some minutes; at once when the network is back.
 *
 * @throws what the last attempt threw, also when `signal` has ended it
 */
export async function withRetries<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      const isFinal = error instanceof ApiFailure && error.status < 500 && error.status !== 429;
      const pause = PAUSES_MS[attempt];
      if (isFinal || pause === undefined || signal.aborted) throw error;
      await untilLaterOrOnline(pause, signal);
    }
  }
}

function untilLaterOrOnline(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    addEventListener("online", done);
    signal.addEventListener("abort", done);
  });
}

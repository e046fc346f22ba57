import { ApiFailure } from "@causeway/contract/client";

const PAUSES_MS = [500, 1000, 2000, 4000, 8000, 15_000, 30_000, 30_000, 60_000];

/** Does it again when the connection fails, or the platform is away, for some minutes; at once when the network is back. */
export async function persistently<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const isFinal = error instanceof ApiFailure && error.status < 500 && error.status !== 429;
      const pause = PAUSES_MS[attempt];
      if (isFinal || pause === undefined) throw error;
      await untilLaterOrOnline(pause);
    }
  }
}

function untilLaterOrOnline(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    addEventListener("online", done);
  });
}

import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";

/** What the embedded database may take to end, after everything else (`END_WITHIN_MS` and its SIGKILL). */
const DATABASE_ENDS_SECONDS = 9;

/** Within so many seconds the process is gone, whatever it is at. `stopSeconds`: the setting. */
export const stopsWithin = (stopSeconds: number): number => stopSeconds + DATABASE_ENDS_SECONDS;

/** A terminal and the program between it and us may both pass the same Ctrl-C on. */
const SAME_SIGNAL_MS = 1000;

/**
 * Resolves when somebody wants this process to end: SIGTERM, SIGINT, or a parent that started it with a channel and is
 * gone. A second signal ends it at once, and so does the end of its time; both with exit code 1. What was under way is
 * then taken up by the next start, as after a crash, and the guard of the embedded database ends that.
 */
export function toldToStop(stopSeconds: number, log: Logger): Promise<void> {
  return new Promise((resolve) => {
    let since: number | undefined;
    const onTold = () => {
      if (since !== undefined) return;
      since = Date.now();
      setTimeout(() => {
        log.fatal(`The platform did not end within ${stopsWithin(stopSeconds)} s: it is broken off`);
        process.exit(1);
      }, stopsWithin(stopSeconds) * 1000).unref();
      resolve();
    };
    const onSignal = () => {
      if (since !== undefined && Date.now() > since + SAME_SIGNAL_MS) process.exit(1);
      onTold();
    };
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, onSignal);
    process.on("disconnect", onTold);
  });
}

/** Closes something, and says whether it did so by `deadline` (milliseconds since 1970); left alone, it may go on. */
export async function closesBy(deadline: number, close: () => unknown): Promise<boolean> {
  const closing = Promise.resolve(close()).then(() => true);
  if (deadline === Number.POSITIVE_INFINITY) return closing;
  const late = new AbortController();
  // Nobody waits any more for one that fails late.
  closing.catch(() => {});
  try {
    const left = Math.max(0, deadline - Date.now());
    return await Promise.race([closing, pause(left, false, { signal: late.signal })]);
  } finally {
    late.abort();
  }
}

import type { Logger } from "pino";

const HOUR_MS = 60 * 60 * 1000;
/** A platform that is started for less than an hour at a time sweeps as well, but not while it starts. */
const FIRST_MS = 60 * 1000;

/**
 * Does `sweeps` one after another, a minute from now and then every hour; one that fails is logged and tried again an hour later. Stopping
 * does not wait for one that is at work: sweeps can be cut off anywhere.
 */
export function everyHour(logger: Logger, sweeps: readonly (() => Promise<unknown>)[]): { stop(): void } {
  let atWork = false;
  let stopped = false;
  const run = async () => {
    if (atWork) return;
    atWork = true;
    for (const sweep of sweeps) {
      if (stopped) return;
      await sweep().catch((error: unknown) => {
        if (!stopped) logger.error({ err: error }, "a sweep failed; tried again in an hour");
      });
    }
    atWork = false;
  };
  const first = setTimeout(() => void run(), FIRST_MS);
  const timer = setInterval(() => void run(), HOUR_MS);
  return {
    stop() {
      stopped = true;
      clearTimeout(first);
      clearInterval(timer);
    },
  };
}

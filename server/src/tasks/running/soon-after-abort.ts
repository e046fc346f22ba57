/** How long a run that was told to end may take to hear of it, in milliseconds. */
const HEARS_WITHIN_MS = 3000;

/**
 * Waits for a run; after an abort only so long as it takes to hear of that. What still goes on then (a file that is
 * fetched, an expression) starts nothing any more, since everything looks at the signal before it does.
 */
export async function orSoonAfterAbort(run: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  let timer: NodeJS.Timeout | undefined;
  const onAbort = () => {
    timer = setTimeout(() => reject(signal.reason), HEARS_WITHIN_MS);
  };
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  run.catch(() => {}); // Nobody may wait for it any more.
  await Promise.race([run, promise]).finally(() => {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  });
}

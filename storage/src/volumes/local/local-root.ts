import { stat } from "node:fs/promises";
import { codeOf } from "../../blobs/blob-errors.ts";
import type { VolumeAction } from "../volume-errors.ts";
import { VolumeError } from "../volume-errors.ts";
import type { CallOptions } from "../volume-store.ts";
import { asLocalFault } from "./local-faults.ts";

/** How many calls into each root have not come back within their time: the system holds a thread for each of them. */
const stuck = new Map<string, number>();

/**
 * Does `work` below `root` within `ms`, if there is such a limit, with its errors in the words of volumes. Its signal is
 * aborted when nobody waits for it any more: work of many steps ends then. A call into a share whose server is gone
 * cannot be ended, only left: while one hangs, others to the same root fail at once instead of taking the next thread.
 * What comes after all is given to `discard`.
 */
export async function inRoot<Answer>(
  root: string,
  { action, ms, signal }: { action: VolumeAction; ms: number | undefined } & CallOptions,
  work: (signal: AbortSignal) => Promise<Answer>,
  discard: (late: Answer) => Promise<void> = async () => {},
): Promise<Answer> {
  signal?.throwIfAborted();
  if ((stuck.get(root) ?? 0) > 0) {
    throw new VolumeError("Unreachable", { action, detail: "an earlier call to its file system has not come back" });
  }
  const over = new AbortController();
  const working = work(over.signal);
  let settled = false;
  const late = new Promise<never>((_, reject) => {
    const tooLate = (ms: number) => {
      if (settled) return;
      stuck.set(root, (stuck.get(root) ?? 0) + 1);
      working.catch(() => {}).finally(() => stuck.set(root, stuck.get(root)! - 1));
      const error = new VolumeError("Timeout", { action, detail: `its file system did not answer within ${ms / 1000} s` });
      over.abort(error);
      reject(error);
    };
    const timer = ms === undefined ? undefined : setTimeout(tooLate, ms, ms);
    const aborted = () => {
      over.abort(signal!.reason);
      reject(signal!.reason);
    };
    signal?.addEventListener("abort", aborted, { once: true });
    working
      .catch(() => {})
      .finally(() => {
        settled = true;
        clearTimeout(timer);
        signal?.removeEventListener("abort", aborted);
      });
  });
  try {
    return await Promise.race([working, late]);
  } catch (error) {
    working.then(discard).catch(() => {});
    throw asLocalFault(error, action);
  }
}

/** Throws `Unreachable` when the root is not there: a share that is not mounted. */
export async function checkRoot(root: string): Promise<void> {
  try {
    if ((await stat(root)).isDirectory()) return;
  } catch (error) {
    if (codeOf(error) !== "ENOENT" && codeOf(error) !== "ENOTDIR") throw error;
  }
  throw new VolumeError("Unreachable", { detail: "the directory of the root is not there" });
}

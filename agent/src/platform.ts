import type { Outputs } from "@causeway/cwl";
import type { JobResult } from "@causeway/executors";
import type { StoredBytes } from "@causeway/storage";
import type { StoredLog } from "./order.ts";

/**
 * What the platform promises the agent about one job. In the platform's own process these are function calls; an agent on
 * another host will call the same over HTTP, so what goes in and comes out is plain data.
 *
 * - Of one job at most one call of each kind is under way, but `store`, which is called for several files at once. Calls for
 *   different jobs come at once.
 * - Any call may be repeated: the agent that made it may have died before it heard the answer, and another does the job's
 *   rest. What was said first about an end stands.
 * - When a promise resolves, what it says is durable, but for `waiting`, `running` and `logs`, which are for people to see:
 *   where one of these fails, the job goes on and the next tells more.
 * - Errors are the platform's faults. Those of `found`, `ended` and `store` end the agent's work on the job; the command
 *   goes on or has ended, and the order may be given again.
 */
export interface JobPlatform {
  /** The job waits, for what is said: for a free core, for its image. */
  waiting(reason: string): Promise<void>;

  /** The command runs since then (ISO 8601), in that image; null: on the host's programs. */
  running(since: string, imageDigest: string | null): Promise<void>;

  /** What the command has written so far: logs that replace those of the same names. */
  logs(logs: readonly StoredLog[]): Promise<void>;

  /** The command has ended: its cores and memory are free. What it left is looked at next. */
  ended(end: JobResult): Promise<void>;

  /**
   * The command has succeeded and left these, which the order says from now on. Told before any file of the command's is
   * stored, if one is: what is stored may have other names afterwards, and could not be found again.
   */
  found(outputs: Outputs): Promise<void>;

  /**
   * Stores the regular file at a path of the agent's host, which does not change any more, and answers what it is under.
   * What is stored already is not stored again. A path that both sides see is linked, where the file system allows it; from
   * another host the bytes will go to signed addresses of the store. Rejects with the signal's reason soon after its abort.
   */
  store(path: string, signal: AbortSignal): Promise<StoredBytes>;
}

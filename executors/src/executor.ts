import type { JobSpec, JobStatus } from "./job.ts";

/**
 * Runs jobs somewhere: as processes of this host, on Slurm, on a TES server, on Kubernetes.
 *
 * - The platform may die at any line. An executor keeps nothing in memory that a restart would need: a new executor with
 *   the same settings answers for the jobs of the old one, and a running job does not notice the change.
 * - A job is started at most once, whatever is repeated and however many executors share the settings.
 * - Safe for concurrent use. Throws only when the backend cannot be reached or a job is malformed; the caller tries
 *   the former again later.
 */
export interface Executor {
  /** Hands the job over and returns the backend's id for it. The same `job.id` again gives the same id and starts nothing. */
  submit(job: JobSpec): Promise<string>;
  /**
   * One status for every id asked for, in one round. An id that the backend does not know is `lost`. A final status
   * never changes, and is kept until `remove` and for days after it.
   */
  poll(ids: readonly string[]): Promise<Map<string, JobStatus>>;
  /**
   * Ends every process of the job and frees what it held; afterwards it is `killed: aborted`, unless it had ended
   * before. Safe to call again, and on a job that is waiting or unknown.
   */
  remove(id: string): Promise<void>;
  /** Calls `listener` when a job of this executor has probably changed, so that the caller need not wait for its next poll. */
  onChange?(listener: (id: string) => void): void;
  /** Lets go of timers and helpers. Jobs go on; a new executor finds them again. */
  close?(): Promise<void>;
}

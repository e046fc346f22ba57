import type { Logger } from "pino";
import type { Registry } from "prom-client";
import type { Database } from "../../db/database.ts";
import { ApiError } from "../../http/errors.ts";
import { isOutage } from "../../http/outages.ts";
import { FaultCounts, faultText, OUTAGE_PAUSE_MS, pauseAfter } from "../../queue/faults.ts";
import type { TryAgain, WorkItemContext } from "../../queue/queue.ts";
import { beginJob, failJob, hasEnded, type JobTable, noteJobFault } from "./queries.ts";
import { mayPass } from "./refusals.ts";

/** Somebody ended the job while it was worked on: its volume was deactivated. */
export class JobEnded extends Error {
  override name = "JobEnded";
}

/** Nothing is wrong, and the rest of the job is for later: it was told to stop, or has had its turn. */
export class GoOnLater extends Error {
  override name = "GoOnLater";
}

/** One kind of job on volumes. */
export interface VolumeJobKind<Job> {
  table: JobTable;
  /** Does the job, or goes on with it, and ends it. Killed at any moment, it is called again. */
  work(job: Job, signal: AbortSignal): Promise<void>;
  /** Why the job ends that met `error`; undefined where the fault is not its own. */
  refusalOf(job: Job, error: unknown): Promise<ApiError | undefined>;
  /** Removes what a job that ended badly has left on the volume. Called again until it succeeds. */
  clean(job: Job): Promise<void>;
}

/** How often a service is tried again that could not be reached, beside the attempts of every single request. */
const SERVICE_TRIES = 3;
/** How often it is looked whether a job was ended by somebody else. */
const LOOK_EVERY_MS = 1000;

export interface VolumeJobDeps {
  db: Database;
  log: Logger;
  /** Faults of the platform in a row after which a job fails. */
  faultTries: number;
}

export type VolumeJobWork = ReturnType<typeof createVolumeJobWork>;

/**
 * Does the jobs of one kind to their end: `COMPLETED` or `FAILED`, whatever happens to the platform meanwhile. A service
 * that cannot be reached is tried a few times with growing pauses, faults of the platform `faultTries` times; an outage of
 * the database or the store is waited for, however long.
 */
export function createVolumeJobWork<Job extends { id: string }>(
  { db, log, faultTries }: VolumeJobDeps,
  kind: VolumeJobKind<Job>,
) {
  const counts = new FaultCounts();
  const { table } = kind;

  return {
    async run({ jobId }: { jobId: string }, { stopping }: Pick<WorkItemContext, "stopping">): Promise<TryAgain | undefined> {
      let job: Job | undefined;
      try {
        const begun = await beginJob<Job>(db, table, jobId);
        if (!begun) return undefined;
        job = begun.job;
        if (begun.hasEnded) {
          await kind.clean(job);
          return undefined;
        }
        await whileNotEnded(jobId, stopping, (signal) => kind.work(job!, signal));
        return undefined;
      } catch (error) {
        return afterwards(jobId, job, error);
      }
    },

    /** Shows operators how often jobs of this kind met a fault, in `/metrics`. */
    measure: (registry: Registry): void =>
      counts.measure(registry, `causeway_${table.slice(0, -1)}_faults_total`, `one of the ${table} of volumes could not go on`),
  };

  async function whileNotEnded(jobId: string, stopping: AbortSignal, work: (signal: AbortSignal) => Promise<void>) {
    const ended = new AbortController();
    const stop = () => ended.abort(new GoOnLater());
    stopping.addEventListener("abort", stop, { once: true });
    if (stopping.aborted) stop();
    const timer = setInterval(() => {
      // What cannot be asked now is asked again in a moment.
      hasEnded(db, table, jobId).then(
        (is) => is && ended.abort(new JobEnded()),
        () => {},
      );
    }, LOOK_EVERY_MS);
    try {
      await work(ended.signal);
    } catch (error) {
      throw ended.signal.aborted ? ended.signal.reason : error;
    } finally {
      clearInterval(timer);
      stopping.removeEventListener("abort", stop);
    }
  }

  async function afterwards(jobId: string, job: Job | undefined, error: unknown): Promise<TryAgain | undefined> {
    // Called again, it finds the job ended, and cleans up after it.
    if (error instanceof GoOnLater || error instanceof JobEnded) return { againInMs: 0 };
    const refusal = error instanceof ApiError ? error : job && (await kind.refusalOf(job, error).catch(() => undefined));
    if (refusal === undefined && isOutage(error)) {
      counts.add("outage");
      log.error({ err: error, job: jobId }, `one of the ${table} could not go on: outage`);
      return { againInMs: OUTAGE_PAUSE_MS };
    }
    if (refusal && !mayPass(error)) return fail(jobId, refusal);
    const faults = await noteJobFault(db, table, jobId, faultText(error));
    // A job that has ended is not failed, but cleaned up after until that is done.
    if (refusal === undefined) {
      counts.add("platform");
      log.error({ err: error, job: jobId, faults }, `one of the ${table} could not go on: platform`);
    }
    const tries = refusal ? Math.min(SERVICE_TRIES, faultTries) : faultTries;
    if (faults >= tries) return fail(jobId, refusal ?? new ApiError("unexpected"));
    return { againInMs: pauseAfter(faults) };
  }

  async function fail(jobId: string, { kind: error, detail }: ApiError): Promise<TryAgain | undefined> {
    const isCleaned = !(await failJob(db, table, jobId, error, detail));
    // One that has ended before and cannot be cleaned up after by now never will be.
    return isCleaned ? undefined : { againInMs: 0 };
  }
}

import { availableParallelism, totalmem } from "node:os";
import { openHostAgent } from "@causeway/agent";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import type { AppService } from "../../apps/service.ts";
import type { Ledger } from "../../billing/ledger.ts";
import type { BillingService } from "../../billing/service.ts";
import type { Database } from "../../db/database.ts";
import type { PgNotifications } from "../../db/pg-notifications.ts";
import type { Worker, WorkItemContext, WorkKind } from "../../queue/queue.ts";
import { ABORT_BATCH, ABORT_NOTICE, abortChildren, enqueueBatchAbort } from "../aborts.ts";
import { EXPAND_BATCH, enqueueExpansion, expandBatch } from "../batches/expansion.ts";
import { unfinishedBatches } from "../batches/queries.ts";
import { type Dispatcher, startDispatcher, TASK_NOTICE } from "../dispatch/dispatcher.ts";
import type { TaskFiles } from "../files/task-files.ts";
import { createTaskDriver } from "./driver.ts";
import { createFaults } from "./faults.ts";
import { blobSources, type ImageLimitSettings } from "./image-archives.ts";
import type { JobLimitSettings } from "./job-limits.ts";
import { sweepJobs } from "./job-sweep.ts";
import { JobWrites } from "./job-writes.ts";

export interface TaskWorkDeps {
  db: Database;
  notices: PgNotifications;
  apps: AppService;
  files: TaskFiles;
  ledger: Ledger;
  billing: BillingService;
  /** Of jobs and of the executor's records: a local disk. */
  directory: string;
  /** Tasks that one process drives at once; most of their time they only wait for jobs. */
  tasksAtOnce: number;
  /** What part of this machine's cores may be given out twice, for first jobs of users. */
  sharedCores: number;
  /** `auto`: commands run in the image that their tool names; `ignore`: on this host's programs all the same. */
  images: "auto" | "ignore";
  imageLimits: ImageLimitSettings;
  /** What every job is held to. */
  limits: JobLimitSettings;
  /** What is to stay free of the disk that jobs write to, in MiB. */
  keepFreeMiB: number;
  /** How often a task is tried when the platform fails to run it. */
  faultTries: number;
  /** Whether tools run without walls where there is no container engine for them (`none`), or wait until there is one. */
  isolation: "required" | "none";
  log: Logger;
}

/** What a worker of the queue needs to drive tasks. */
export interface TaskWork {
  readonly kinds: readonly WorkKind[];
  /** Begins to drive tasks. */
  dispatch(by: WorkItemContext): Worker;
  /** Puts into the queue what should be worked on and is not. */
  reconcile(): Promise<void>;
  /** Removes what killed platforms have left of jobs that have ended. */
  sweep(): Promise<number>;
  /** Adds what operators should see to `/metrics`. */
  measure(registry: Registry): void;
  /** After the worker has stopped. */
  close(): Promise<void>;
}

/** Tasks of one user in one project that are driven before their jobs can run, besides two for each core. */
const AHEAD = 4;
/** Batches that one process expands or aborts at once. */
const BATCHES_AT_ONCE = 2;

/** Drives tasks in this process: runs their jobs on this host, hears of aborts. */
export async function createTaskWork(deps: TaskWorkDeps): Promise<TaskWork> {
  const { db, log } = deps;
  const machine = { cpus: availableParallelism(), memoryMib: Math.floor(totalmem() / 2 ** 20) };
  const host = await openHostAgent({
    directory: `${deps.directory}/executor`,
    images: deps.images,
    isolation: deps.isolation,
    sources: blobSources(deps.files, deps.imageLimits),
    keepFreeMiB: deps.keepFreeMiB,
    firstJobCores: machine.cpus * deps.sharedCores,
    log,
  });
  const faults = createFaults({ db, log }, deps.faultTries);
  const writes = new JobWrites(db);
  const driver = createTaskDriver({
    ...deps,
    directory: `${deps.directory}/tasks`,
    host,
    agent: host.agent,
    faults,
    machine,
    writes,
    ignoreImages: deps.images === "ignore",
  });
  await deps.notices.on(ABORT_NOTICE, (taskId) => {
    // Without a payload the connection was lost: the reconciling finds what was missed.
    if (taskId) driver.abort(taskId);
  });
  let dispatcher: Dispatcher | undefined;
  await deps.notices.on(TASK_NOTICE, () => dispatcher?.wake());
  const batches: WorkKind = {
    concurrency: BATCHES_AT_ONCE,
    handlers: {
      [EXPAND_BATCH]: async ({ taskId }: { taskId: string }) => {
        try {
          await expandBatch(deps, taskId);
          await faults.forget(taskId);
          return undefined;
        } catch (error) {
          return faults.noteBatch(taskId, error);
        }
      },
      [ABORT_BATCH]: async ({ taskId }: { taskId: string }) => {
        await abortChildren(db, taskId);
        return undefined;
      },
    },
  };
  return {
    kinds: [batches],
    dispatch(by) {
      const settings = { tasksAtOnce: deps.tasksAtOnce, ahead: AHEAD + 2 * machine.cpus };
      dispatcher = startDispatcher({ db, log, driver }, settings, by);
      return dispatcher;
    },
    async reconcile() {
      await dispatcher?.reconcile();
      for (const { id, status } of await unfinishedBatches(db))
        await (status === "CREATING" ? enqueueExpansion(db, id) : enqueueBatchAbort(db, id));
    },
    sweep: () => sweepJobs({ db, host, directory: `${deps.directory}/tasks` }),
    measure: (registry) => faults.measure(registry),
    async close() {
      await writes.close();
      await host.close();
    },
  };
}

import { existsSync } from "node:fs";
import type { Agent } from "@causeway/agent";
import { blamingTool, JobError, type Outputs, RunError, refuseUnkeepable } from "@causeway/cwl";
import type { Logger } from "pino";
import { parseObjectKey } from "../../aliases/object-key.ts";
import type { AppService } from "../../apps/service.ts";
import type { Ledger } from "../../billing/ledger.ts";
import type { Database } from "../../db/database.ts";
import { outputFolders } from "../files/output-location.ts";
import { stagedName } from "../files/staged-name.ts";
import type { TaskBlobs } from "../files/task-blobs.ts";
import type { TaskFiles } from "../files/task-files.ts";
import { asPlatformFault, hasCause } from "../platform-fault.ts";
import type { TaskRow } from "../queries.ts";
import { type MoveChange, type MoveCondition, moveTask } from "../states.ts";
import { chargeTask } from "./charge.ts";
import { type RowLogs, storeLargeLogs } from "./ended-logs.ts";
import { failureText } from "./failure-text.ts";
import { type JobRow, listJobs } from "./job-queries.ts";
import type { JobWrites } from "./job-writes.ts";
import { inputPathKey, storeOutputs, type TaskInputs } from "./task-outputs.ts";

export interface EndingDeps {
  db: Database;
  apps: AppService;
  files: TaskFiles;
  /** Charges tasks that have ended. */
  ledger: Ledger;
  /** Does the jobs. */
  agent: Agent;
  /** What becomes of jobs, on its way to their rows. */
  writes: JobWrites;
  log: Logger;
}

/** Where a task's run has its files on this machine. */
export interface RunFiles {
  directory: string;
  paths: TaskBlobs;
  /** Ends what is under way, with its reason. */
  signal: AbortSignal;
}

/** What is stored of the logs of an aborted job, in milliseconds: people wait for the end. */
const ABORTED_LOGS_MS = 4000;
/** How long the end of a task's processes is waited for before it is tried again, in milliseconds. */
const LONGEST_KILL_MS = 8000;

/** The ways in which a task that is driven ends. Each may be cut off at any line, and done again by another driver. */
export function createTaskEnding({ db, apps, files, ledger, agent, writes, log }: EndingDeps) {
  return { complete, fail, abort, giveUp };

  /** Makes files of the outputs and moves the task: both or neither. */
  async function complete(
    task: TaskRow,
    worker: number,
    { paths, directory, signal }: RunFiles,
    outputs: Outputs,
  ): Promise<void> {
    refuseUnkeepable(outputs, "outputs");
    // What a job made is stored already, if it is kept for later ones.
    const adopting = { adopt: async (path: string) => paths.at(path) ?? files.adopt(path, signal) };
    const stored = await asPlatformFault(async () => {
      const [inputs, folders] = [await inputsOf(task, paths), await foldersOf(task)];
      return blamingTool({ directory }, () => storeOutputs(outputs, inputs, adopting, directory, folders));
    });
    if (stored.renamed.length > 0) log.info({ task: task.id, folders: stored.renamed }, "folders of outputs got other names");
    // From here on it is one transaction, which an abort comes before or after.
    signal.throwIfAborted();
    await asPlatformFault(() =>
      db.transaction().execute(async (tx) => {
        const { root_folder } = await tx
          .selectFrom("projects")
          .select("root_folder")
          .where("id", "=", task.project_id)
          .executeTakeFirstOrThrow();
        const into = { projectId: task.project_id, root: root_folder, origin: { task: task.id } };
        const placed = await files.place(tx, stored.entries, into);
        const values = JSON.stringify({ ...task.outputs, ...stored.finish(placed) });
        // Whoever lost the task meanwhile must not write: nothing of this transaction stays then.
        if (!(await moveTask(tx, task.id, "COMPLETED", { ended_at: new Date(), outputs: values }, { driver: worker })))
          throw new Superseded();
        await chargeTask(tx, ledger, task.id);
        await tx
          .updateTable("tasks")
          .set((row) => ({ steps_completed: row.ref("steps_total") }))
          .where("id", "=", task.id)
          .execute();
      }),
    ).catch(async (error) => {
      if (!hasCause(error, Superseded)) throw error;
      log.info({ task: task.id }, "a task that was finished here was aborted or taken over before");
      const now = await db.selectFrom("tasks").select("status").where("id", "=", task.id).executeTakeFirst();
      if (now?.status === "ABORTING") await abort(task);
    });
  }

  /** Ends what else runs, and moves the task with what went wrong. */
  async function fail(task: TaskRow, worker: number, error: Error, directory: string): Promise<void> {
    await endJobs(task, "aborted: another job of the task failed");
    const message = error instanceof RunError || error instanceof JobError ? error.message : `${error.name}: ${error.message}`;
    // Messages about an object of a volume have its name already.
    const pathOf = async (key: string) => (parseObjectKey(key) ? undefined : files.pathOf(key));
    const failure = await asPlatformFault(() => failureText(message, task, { pathOf }, directory));
    await end(task, "FAILED", { ended_at: new Date(), failure }, { driver: worker });
    log.info({ task: task.id, failure }, "task failed");
  }

  /** Ends what runs, and moves the task that somebody has told to end. */
  async function abort(task: TaskRow): Promise<void> {
    await endJobs(task, "aborted");
    await end(task, "ABORTED", { ended_at: new Date() });
  }

  /** Ends the task after faults of ours, whatever else fails; an aborted one is ABORTED. Jobs that cannot be ended are logged. */
  async function giveUp(task: TaskRow, worker: number, failure: string): Promise<void> {
    await endJobs(task, "the task was given up").catch((error) =>
      log.error({ err: error, task: task.id }, "jobs of a task that was given up could not be ended"),
    );
    await end(task, "ABORTED", { ended_at: new Date() }, { driver: worker, from: "ABORTING" });
    await end(task, "FAILED", { ended_at: new Date(), failure }, { driver: worker });
    log.error({ task: task.id, failure }, "a task was given up after faults of the platform");
  }

  /** Ends the task without outputs and charges what it used. */
  async function end(task: TaskRow, to: "FAILED" | "ABORTED", change: MoveChange, condition?: MoveCondition): Promise<void> {
    await db.transaction().execute(async (tx) => {
      if (await moveTask(tx, task.id, to, change, condition)) await chargeTask(tx, ledger, task.id);
    });
  }

  /** Ends every process of the task; returns when they are gone. */
  async function endJobs(task: TaskRow, why: string): Promise<void> {
    await asPlatformFault(() => writes.flush());
    const jobs = (await listJobs(db, task.id)).filter(({ status }) => status === "QUEUED" || status === "RUNNING");
    await Promise.all(
      jobs.map(async (job) => {
        await asPlatformFault(() => within(LONGEST_KILL_MS, agent.remove(job.executor_id)));
        const end = { status: "ABORTED", failure: why, ...(await lastLogs(task, job)) } as const;
        const recorded = writes.end({ task: task.id, name: job.name }, end);
        await asPlatformFault(() => Promise.all([recorded, writes.flush()]));
      }),
    );
  }

  /**
   * The logs of a job that was ended early, as far as they can be had in a moment: nobody waits for hours of hashing, or
   * until there is room for them.
   */
  async function lastLogs(task: TaskRow, { name, job, logs }: JobRow): Promise<RowLogs> {
    // One that was never staged has nothing to tell.
    if (!existsSync(job.directory)) return { logs, packed: undefined };
    try {
      const last = await agent.lastLogs(job, files.adopt, AbortSignal.timeout(ABORTED_LOGS_MS));
      return await storeLargeLogs({ db, files }, { id: task.id, projectId: task.project_id, job: name }, last, logs);
    } catch (error) {
      log.warn({ err: error, job: job.id }, "the logs of a job that was ended were not kept");
      return { logs, packed: undefined };
    }
  }

  /** Into which folders each output of the task goes. */
  async function foldersOf(task: TaskRow): Promise<(output: string) => string[]> {
    const project = await db
      .selectFrom("projects")
      .select(["owner", "short_name"])
      .where("id", "=", task.project_id)
      .executeTakeFirstOrThrow();
    return outputFolders(task.output_location, {
      task_id: task.id,
      task_name: task.name,
      app_name: (await apps.revision(task.app_revision_id)).label,
      project_id: `${project.owner}/${project.short_name}`,
      batch_group: task.batch_group?.value ?? "",
      username: task.executed_by ?? task.created_by,
      date: (task.started_at ?? task.created_at).toISOString().slice(0, 10),
    });
  }

  async function inputsOf(task: TaskRow, brought: TaskBlobs): Promise<TaskInputs> {
    const { ids, values, names = {} } = task.engine_inputs!;
    const paths = new Map<string, { id: string; name: string }>();
    for (const { blob, name, id } of ids) {
      const path = brought.pathOf(blob) ?? (await files.pathOf(blob));
      paths.set(inputPathKey(path, stagedName(name)), { id, name });
    }
    return { paths, values, names };
  }
}

/** What `work` answers. @throws Error when it takes longer; it goes on. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`the processes of a job have not ended after ${ms / 1000} s`)), ms);
  return Promise.race([work, promise]).finally(() => clearTimeout(timer));
}

/** The task was moved by somebody else before its outputs were written. */
class Superseded extends Error {}

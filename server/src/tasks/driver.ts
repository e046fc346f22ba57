import { existsSync } from "node:fs";
import { mkdir, realpath, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { type CompiledDocument, createEvaluator, type JobRunner, type Outputs, RunError, runDocument } from "@causeway/cwl";
import type { Executor } from "@causeway/executors";
import type { Logger } from "pino";
import type { AppService } from "../apps/service.ts";
import type { Room } from "../billing/instances.ts";
import type { Ledger } from "../billing/ledger.ts";
import type { BillingService } from "../billing/service.ts";
import type { Database } from "../db/database.ts";
import type { TaskFiles } from "../files/task-files.ts";
import type { ProjectSettings } from "../projects/tables.ts";
import { enqueue } from "../queue/queue.ts";
import { chargeTask } from "./charge.ts";
import { durableTool } from "./durable-tool.ts";
import { readInstanceWishes } from "./instance-wish.ts";
import { endedLogs } from "./job-logs.ts";
import { countStepDone, listJobs, markJobEnded } from "./job-queries.ts";
import type { JobWatch } from "./job-watch.ts";
import { outputFolders } from "./output-location.ts";
import { ours, PlatformFault } from "./platform-fault.ts";
import { claimTask, releaseTask, type TaskRow } from "./queries.ts";
import { TaskReuse } from "./reuse.ts";
import { type MoveChange, type MoveCondition, moveTask } from "./states.ts";
import { StoredPaths } from "./stored-paths.ts";
import { TaskInstances } from "./task-instances.ts";
import { inputPathKey, storeOutputs, type TaskInputs } from "./task-outputs.ts";

/** The work item that drives a task to its end. */
export const RUN_TASK = "run-task";

/** Under which key a task is in the queue: once. */
export const taskKey = (taskId: string): string => `task ${taskId}`;

export const enqueueTask = (db: Parameters<typeof enqueue>[0], taskId: string): Promise<void> =>
  enqueue(db, RUN_TASK, { taskId }, { key: taskKey(taskId) });

export interface DriverSetting {
  db: Database;
  apps: AppService;
  files: TaskFiles;
  /** Charges tasks that have ended. */
  ledger: Ledger;
  billing: BillingService;
  executor: Executor;
  /** What the executor has for jobs on this machine. */
  machine: Room;
  watch: JobWatch;
  /** Where the jobs of all tasks have their directories. */
  directory: string;
  wraps: JobRunner["wraps"];
  /** The content of an image as jobs of this host get it. */
  imageDigest: NonNullable<JobRunner["imageDigest"]>;
  /** Why no command can run in an image here; absent where one can. */
  imagesUnusable: string | undefined;
  /** Runs tools on this host's programs whatever image they name. */
  ignoreImages: boolean;
  log: Logger;
}

/** What ends a run early. */
class Aborted extends Error {}
class HandedOver extends Error {}

/**
 * Drives tasks: asks the engine what comes next, runs that, and makes files of what comes out. All it needs to know is in
 * the database and with the executor, so that after a crash another driver makes the same plan again and goes on.
 */
export function createTaskDriver(setting: DriverSetting) {
  const { db, apps, files, ledger, executor, log } = setting;
  const driving = new Map<string, AbortController>();
  const directoryOf = (task: TaskRow): string => join(setting.directory, task.id);
  const removeDirectory = (task: TaskRow) => rm(directoryOf(task), { recursive: true, force: true });

  return {
    /** Drives the task until it has ended, unless somebody else does. Told to stop, it lets go of it and jobs go on. */
    async drive(taskId: string, worker: number, stopping: AbortSignal): Promise<void> {
      if (driving.has(taskId)) {
        // Enqueued anew while it is driven here: the notice of an abort may have been missed.
        const now = await db.selectFrom("tasks").select("status").where("id", "=", taskId).executeTakeFirst();
        if (now?.status === "ABORTING") this.abort(taskId);
        return;
      }
      const controller = new AbortController();
      driving.set(taskId, controller);
      const onStop = () => controller.abort(new HandedOver());
      stopping.addEventListener("abort", onStop, { once: true });
      try {
        const task = await claimTask(db, taskId, worker);
        if (task) await driveClaimed(task, worker, controller.signal);
      } finally {
        stopping.removeEventListener("abort", onStop);
        driving.delete(taskId);
      }
    },

    /** Ends the run of a task that this process drives; the database says already that it shall be aborted. */
    abort(taskId: string): void {
      driving.get(taskId)?.abort(new Aborted());
    },
  };

  async function driveClaimed(task: TaskRow, worker: number, signal: AbortSignal): Promise<void> {
    if (task.status === "ABORTING") return finishAbort(task);
    await moveTask(db, task.id, "RUNNING", { started_at: task.started_at ?? new Date() }, { driver: worker });
    try {
      const paths = new StoredPaths(files);
      const outputs = await run(task, paths, signal);
      await complete(task, worker, paths, outputs);
    } catch (error) {
      if (signal.reason instanceof HandedOver) return handOver(task, worker);
      if (signal.reason instanceof Aborted) return finishAbort(task);
      if (hasCause(error, PlatformFault) || !(error instanceof Error)) {
        await releaseTask(db, task.id, worker);
        throw error;
      }
      await fail(task, worker, error);
    }
    await removeDirectory(task);
  }

  async function run(task: TaskRow, paths: StoredPaths, signal: AbortSignal): Promise<Outputs> {
    const document = await apps.compiled(task.app_revision_id);
    const directory = directoryOf(task);
    await mkdir(directory, { recursive: true });
    const steps = new Set(document.process.class === "Workflow" ? document.process.steps.map(({ id }) => id) : []);
    const settings = await settingsOf(task.project_id);
    const instances = await instancesOf(task, document, settings.use_interruptible_instances);
    const { values, ids } = task.engine_inputs!;
    await ours(() => paths.bring(ids.map(({ blob }) => blob)));
    const of = { id: task.id, projectId: task.project_id };
    const isWanted = task.execution_settings?.use_memoization ?? settings.use_memoization;
    let done = 0;
    return runDocument(document, paths.local(values), {
      runner: {
        wraps: setting.wraps,
        imageDigest: setting.imageDigest,
        run: () => Promise.reject(new Error("tools are run durably")),
      },
      runTool: durableTool({
        ...setting,
        instances,
        reuse: new TaskReuse({ db, files, log, paths, directory, task: of, isWanted }),
        task: of,
        directory,
        // The document asks, and the project may forbid (execution-hints.md §8).
        adjust: (job) => ({ network: job.network && settings.allow_network_access }),
      }),
      workDirectory: directory,
      // The executor knows how much room there is; here every job that can run is handed over.
      capacity: { cores: 10_000, ramMiB: Number.MAX_SAFE_INTEGER },
      // An expression that asks for the time reads the same after a crash as before it.
      evaluator: createEvaluator({ now: task.started_at ?? task.created_at }),
      tool: { acceptUnknownFormats: true, mayRead: await readable(paths, directory) },
      signal,
      report: (event) => {
        if (event.is !== "gathered" || !steps.has(event.name)) return;
        // For people to see: the next step that is done counts this one as well.
        countStepDone(db, task.id, ++done).catch((error) => log.warn({ err: error, task: task.id }, "a step was not counted"));
      },
    });
  }

  async function settingsOf(projectId: string): Promise<ProjectSettings> {
    const project = await ours(() =>
      db.selectFrom("projects").select("settings").where("id", "=", projectId).executeTakeFirstOrThrow(),
    );
    return project.settings;
  }

  /** The instances on which the task's jobs run. `byProject`: whether the project lets instances be interrupted. */
  async function instancesOf(task: TaskRow, document: CompiledDocument, byProject: boolean): Promise<TaskInstances> {
    return ours(async () => {
      const prices = await setting.billing.prices();
      const wishes = readInstanceWishes(document, task.execution_settings, prices.instances);
      if (wishes.unknown.length > 0)
        log.info({ task: task.id, instances: wishes.unknown }, "the app hints at instance types that are not in the price list");
      const { bavail, bsize } = await statfs(setting.directory);
      return TaskInstances.open(
        {
          db,
          log,
          taskId: task.id,
          wishes,
          prices,
          isInterruptible: task.use_interruptible_instances ?? byProject,
          machine: setting.machine,
          ownDiskGb: Math.floor((bavail * bsize) / 1e9),
        },
        task.started_at === null,
      );
    });
  }

  /** A document may name any path of this machine: only the task's inputs and what jobs made for it can be read. */
  async function readable(paths: StoredPaths, directory: string): Promise<(path: string) => boolean> {
    const own = `${await realpath(directory)}/`;
    return (path) => path.startsWith(own) || paths.at(path) !== undefined;
  }

  async function complete(task: TaskRow, worker: number, paths: StoredPaths, outputs: Outputs): Promise<void> {
    // What a job made is stored already, if it is kept for later ones.
    const adopting = { adopt: async (path: string) => paths.at(path) ?? files.adopt(path) };
    const stored = await ours(async () =>
      storeOutputs(outputs, await inputsOf(task), adopting, directoryOf(task), await foldersOf(task)),
    );
    await ours(() =>
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
      if (now?.status === "ABORTING") await finishAbort(task);
    });
  }

  async function fail(task: TaskRow, worker: number, error: Error): Promise<void> {
    await endJobs(task, "aborted: another job of the task failed");
    const failure = error instanceof RunError ? error.message : `${error.name}: ${error.message}`;
    await end(task, "FAILED", { ended_at: new Date(), failure }, { driver: worker });
    log.info({ task: task.id, failure }, "task failed");
  }

  async function finishAbort(task: TaskRow): Promise<void> {
    await endJobs(task, "aborted");
    await end(task, "ABORTED", { ended_at: new Date() });
    await removeDirectory(task);
  }

  /** Ends the task without outputs and charges what it used. */
  async function end(task: TaskRow, to: "FAILED" | "ABORTED", change: MoveChange, condition?: MoveCondition): Promise<void> {
    await db.transaction().execute(async (tx) => {
      if (await moveTask(tx, task.id, to, change, condition)) await chargeTask(tx, ledger, task.id);
    });
  }

  /** Ends every process of the task; returns when they are gone. */
  async function endJobs(task: TaskRow, why: string): Promise<void> {
    const jobs = (await listJobs(db, task.id)).filter(({ status }) => status === "QUEUED" || status === "RUNNING");
    await Promise.all(
      jobs.map(async (job) => {
        await ours(() => executor.remove(job.executor_id));
        // One that was never staged has nothing to tell.
        const logs = existsSync(job.job.directory) ? await ours(() => endedLogs(job.job, {}, files)) : [];
        await db.transaction().execute(async (tx) => {
          const ids = await files.keepLogs(tx, { id: task.id, projectId: task.project_id }, logs, job.logs);
          await markJobEnded(tx, task.id, job.name, { status: "ABORTED", failure: why, logs: ids });
        });
      }),
    );
  }

  async function handOver(task: TaskRow, worker: number): Promise<void> {
    await db.transaction().execute(async (tx) => {
      await releaseTask(tx, task.id, worker);
      await enqueueTask(tx, task.id);
    });
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

  async function inputsOf(task: TaskRow): Promise<TaskInputs> {
    const { ids, values } = task.engine_inputs!;
    const paths = new Map<string, string>();
    for (const { blob, name, id } of ids) paths.set(inputPathKey(await files.pathOf(blob), name), id);
    return { paths, values };
  }
}

/** The task was moved by somebody else before its outputs were written. */
class Superseded extends Error {}

function hasCause(error: unknown, kind: new (...args: never[]) => Error): boolean {
  return error instanceof kind || (error instanceof Error && hasCause(error.cause, kind));
}

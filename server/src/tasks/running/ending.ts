import { existsSync } from "node:fs";
import { type Outputs, RunError } from "@causeway/cwl";
import type { Executor } from "@causeway/executors";
import type { Logger } from "pino";
import type { AppService } from "../../apps/service.ts";
import type { Ledger } from "../../billing/ledger.ts";
import type { Database } from "../../db/database.ts";
import type { TaskFiles } from "../../files/task-files.ts";
import type { TaskRow } from "../queries.ts";
import type { StoredPaths } from "../reuse/stored-paths.ts";
import { type MoveChange, type MoveCondition, moveTask } from "../states.ts";
import { chargeTask } from "./charge.ts";
import { endedLogs } from "./job-logs.ts";
import { listJobs, markJobEnded } from "./job-queries.ts";
import { outputFolders } from "./output-location.ts";
import { hasCause, ours } from "./platform-fault.ts";
import { inputPathKey, storeOutputs, type TaskInputs } from "./task-outputs.ts";

export interface EndingParts {
  db: Database;
  apps: AppService;
  files: TaskFiles;
  /** Charges tasks that have ended. */
  ledger: Ledger;
  executor: Executor;
  log: Logger;
}

/** Where a task's run has its files on this machine. */
export interface Workplace {
  directory: string;
  paths: StoredPaths;
}

/** The ways in which a task that is driven ends. Each may be cut off at any line, and done again by another driver. */
export function createTaskEnding({ db, apps, files, ledger, executor, log }: EndingParts) {
  return { complete, fail, abort };

  /** Makes files of the outputs and moves the task: both or neither. */
  async function complete(task: TaskRow, worker: number, { paths, directory }: Workplace, outputs: Outputs): Promise<void> {
    // What a job made is stored already, if it is kept for later ones.
    const adopting = { adopt: async (path: string) => paths.at(path) ?? files.adopt(path) };
    const stored = await ours(async () =>
      storeOutputs(outputs, await inputsOf(task), adopting, directory, await foldersOf(task)),
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
      if (now?.status === "ABORTING") await abort(task);
    });
  }

  /** Ends what else runs, and moves the task with what went wrong. */
  async function fail(task: TaskRow, worker: number, error: Error): Promise<void> {
    await endJobs(task, "aborted: another job of the task failed");
    const failure = error instanceof RunError ? error.message : `${error.name}: ${error.message}`;
    await end(task, "FAILED", { ended_at: new Date(), failure }, { driver: worker });
    log.info({ task: task.id, failure }, "task failed");
  }

  /** Ends what runs, and moves the task that somebody has told to end. */
  async function abort(task: TaskRow): Promise<void> {
    await endJobs(task, "aborted");
    await end(task, "ABORTED", { ended_at: new Date() });
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

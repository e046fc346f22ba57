import { mkdir, realpath, statfs } from "node:fs/promises";
import { join } from "node:path";
import { type HostAgent, removeTree } from "@causeway/agent";
import { type CompiledDocument, createEvaluator, type Outputs, RunError, runDocument } from "@causeway/cwl";
import type { JobShare } from "@causeway/executors";
import { BlobMissing } from "@causeway/storage";
import type { Room } from "../../billing/instances.ts";
import type { BillingService } from "../../billing/service.ts";
import type { ProjectSettings } from "../../projects/tables.ts";
import { sharePath } from "../dispatch/choice.ts";
import { announceTask } from "../dispatch/dispatcher.ts";
import { shareOwner } from "../dispatch/queries.ts";
import { Turns } from "../dispatch/turns.ts";
import { TaskBlobs } from "../files/task-blobs.ts";
import { readInstanceRequests } from "../instances/instance-request.ts";
import { TaskInstances } from "../instances/task-instances.ts";
import { asPlatformFault, blameFor, causeOf } from "../platform-fault.ts";
import { type ClaimedTask, claimTask, releaseTask, type TaskRow } from "../queries.ts";
import { TaskReuse } from "../reuse/reuse.ts";
import { moveTask } from "../states.ts";
import type { TaskProblem } from "../tables.ts";
import { BesideTask } from "./beside-task.ts";
import { durableTool } from "./durable-tool.ts";
import { createTaskEnding, type EndingDeps } from "./ending.ts";
import { damagedInput, failureText } from "./failure-text.ts";
import type { Faults } from "./faults.ts";
import { imageArchives } from "./image-archives.ts";
import type { JobLimitSettings } from "./job-limits.ts";
import { countStepDone, knownJobs, noteWarning } from "./job-queries.ts";
import { orSoonAfterAbort } from "./soon-after-abort.ts";

export interface DriverDeps extends EndingDeps {
  billing: BillingService;
  faults: Faults;
  /** What every job is held to. */
  limits: JobLimitSettings;
  /** What the executor has for jobs on this machine. */
  machine: Room;
  /** Where the jobs of all tasks have their directories. */
  directory: string;
  /** The agent of this host, with what is known of its container engines. */
  host: HostAgent;
  /** Runs tools on this host's programs whatever image they name. */
  ignoreImages: boolean;
}

/** Scatter items of one step that are under way at once: instances and the executor decide how many of their jobs run. */
const ITEMS_AT_ONCE = 1000;

/** What ends a run early. */
class Aborted extends Error {}
class HandedOver extends Error {}

/**
 * Drives tasks: asks the engine what comes next, runs that, and makes files of what comes out. All it needs to know is in
 * the database and with the executor, so that after a crash another driver makes the same plan again and goes on.
 */
export function createTaskDriver(deps: DriverDeps) {
  const { db, apps, files, faults, log } = deps;
  const ending = createTaskEnding(deps);
  const driving = new Map<string, AbortController>();
  const turns = new Turns();
  const directoryOf = (task: TaskRow): string => join(deps.directory, task.id);
  /** The task has ended; what cannot be removed now is swept later. */
  const removeDirectory = (task: TaskRow) =>
    removeTree(directoryOf(task)).catch((err) => log.warn({ err, task: task.id }, "the directory of a task was not removed"));

  return {
    /**
     * Drives the task until it has ended, unless somebody else does. Told to stop, it lets go of it and jobs go on. After
     * a fault of the platform's it answers in how many milliseconds the task is to be driven again.
     */
    async drive(taskId: string, worker: number, stopping: AbortSignal): Promise<number | undefined> {
      const controller = new AbortController();
      driving.set(taskId, controller);
      const onStop = () => controller.abort(new HandedOver());
      stopping.addEventListener("abort", onStop, { once: true });
      try {
        const task = await claimTask(db, taskId, worker);
        return task && (await driveClaimed(task, worker, controller.signal));
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

  async function driveClaimed(task: ClaimedTask, worker: number, signal: AbortSignal): Promise<number | undefined> {
    try {
      await driveToItsEnd(task, worker, signal);
      return undefined;
    } catch (error) {
      const verdict = await faults.note(task.id, worker, error);
      if ("retryInMs" in verdict) return verdict.retryInMs;
      await ending.giveUp(task, worker, verdict.giveUp);
      await removeDirectory(task);
      return undefined;
    }
  }

  async function driveToItsEnd(task: ClaimedTask, worker: number, signal: AbortSignal): Promise<void> {
    if (task.status === "ABORTING") return abortAndClear(task);
    const beside = new BesideTask();
    const running = runAndComplete(task, worker, beside, signal);
    try {
      await orSoonAfterAbort(running, signal);
    } catch (error) {
      if (signal.reason instanceof HandedOver) return handOver(task, worker);
      if (signal.reason instanceof Aborted) return abortAndClear(task);
      const missing = causeOf(error, BlobMissing);
      if (!missing && blameFor(error) !== "task") throw error;
      await beside.settled(); // what other jobs made is kept for later tasks
      await ending.fail(task, worker, missing ? damagedInput(task, missing) : (error as Error), directoryOf(task));
    }
    await removeDirectory(task);
  }

  async function runAndComplete(task: ClaimedTask, worker: number, beside: BesideTask, signal: AbortSignal): Promise<void> {
    if (task.started_at === null) await refuseBeginning(task);
    const now = { started_at: task.started_at ?? new Date() };
    await asPlatformFault(() => moveTask(db, task.id, "RUNNING", now, { driver: worker }));
    const paths = new TaskBlobs(files, signal);
    await asPlatformFault(() => deps.host.enginesKnown());
    const share = await asPlatformFault(() => shareOf(task));
    const outputs = await run(task, { share, paths, beside }, signal);
    await asPlatformFault(() => deps.writes.flush());
    await beside.done();
    const workplace = { paths, directory: directoryOf(task), signal };
    await turns.take(share, signal, () => ending.complete(task, worker, workplace, outputs));
  }

  async function abortAndClear(task: TaskRow): Promise<void> {
    await ending.abort(task);
    await removeDirectory(task);
  }

  /** A child of a batch takes from its batch's share of what its user has in the project; older tasks come first. */
  async function shareOf(task: TaskRow): Promise<JobShare> {
    const owner = await shareOwner(db, task);
    const order = (task.started_at ?? new Date()).getTime();
    return { path: sharePath(owner, task.parent_id ?? task.id), user: owner.user, order };
  }

  /** What a run needs before the engine decides what comes first. */
  async function prepare(task: TaskRow, document: CompiledDocument) {
    await mkdir(directoryOf(task), { recursive: true });
    const settings = await settingsOf(task.project_id);
    const instances = await instancesOf(task, document, settings.use_interruptible_instances);
    return { settings, instances };
  }

  async function run(task: TaskRow, { share, paths, beside }: RunDeps, signal: AbortSignal): Promise<Outputs> {
    // A thread of its own compiles it, in which documents wait for each other: not in a turn.
    const asked = { user: task.executed_by ?? task.created_by, isForTask: true };
    const document = await asPlatformFault(() => apps.compiled(task.app_revision_id, asked));
    const { settings, instances } = await turns.take(share, signal, () => prepare(task, document));
    const directory = directoryOf(task);
    const { values, ids } = task.engine_inputs!;
    // Where the bytes are elsewhere this takes long, and little work: not in a turn.
    const changed = await asPlatformFault(() => paths.fetchBlobs(ids.map(({ blob }) => blob)));
    const steps = new Set(document.process.class === "Workflow" ? document.process.steps.map(({ id }) => id) : []);
    const of = { id: task.id, projectId: task.project_id };
    const isWanted = task.execution_settings?.use_memoization ?? settings.use_memoization;
    const known = await asPlatformFault(() => knownJobs(db, task.id));
    let done = 0;
    const noting: Promise<void>[] = [];
    // For people to see: the task goes on.
    const warn = (warning: TaskProblem) => {
      const noted = noteWarning(db, task.id, warning).catch((error) =>
        log.warn({ err: error, task: task.id }, "a warning was not noted"),
      );
      noting.push(noted);
    };
    for (const { blob, name } of ids)
      if (changed.includes(blob))
        warn({ code: "INPUT_CHANGED", message: `${name} has changed on its volume since it was last looked at.` });
    return runDocument(document, paths.local(values), {
      runTool: durableTool({
        ...deps,
        paths,
        archives: imageArchives(files, task.project_id),
        instances,
        reuse: new TaskReuse({ db, files, log, paths, directory, task: of, isWanted }),
        task: of,
        known: (name) => known.get(name),
        goesOn: (work) => beside.add(work),
        signal,
        warn,
        failureText: (message) => failureText(message, task, { pathOf: async (key) => paths.pathOf(key) }, directory),
        share,
        turns,
        directory,
        allowNetwork: settings.allow_network_access,
        // The platform works, then: the next fault is the first again.
        jobCompleted: async () => {
          if (task.fault !== null) await faults.forget(task.id);
        },
      }),
      scatterItemsAtOnce: ITEMS_AT_ONCE,
      // An expression that asks for the time reads the same after a crash as before it.
      evaluator: createEvaluator({
        now: task.started_at ?? task.created_at,
        // A script runs the same without strict mode.
        onWarning: (message) => warn({ code: "SCRIPT", message }),
      }),
      acceptUnknownFormats: true,
      mayRead: await readable(paths, directory),
      signal,
      report: (event) => {
        if (event.is !== "gathered" || !steps.has(event.name)) return;
        // For people to see: the next step that is done counts this one as well.
        countStepDone(db, task.id, ++done).catch((error) => log.warn({ err: error, task: task.id }, "a step was not counted"));
      },
    }).finally(() => Promise.all(noting));
  }

  /**
   * What may have changed while the task waited: its user may have lost the right to run tasks here, and a file may have
   * gone to a project that is not for the members of this one. A task that has begun is the project's, and goes on.
   */
  async function refuseBeginning({ project_id, engine_inputs, may_run, executed_by }: ClaimedTask): Promise<void> {
    if (!may_run) throw new RunError("", `${executed_by} may not run tasks in this project any more.`);
    const { ids } = engine_inputs!;
    const taken = await asPlatformFault(() =>
      files.takenFrom(
        project_id,
        ids.map(({ id }) => id),
      ),
    );
    const named = ids.filter(({ id }) => taken.includes(id)).map(({ id, name }) => `${name} (${id})`);
    if (named.length > 0)
      throw new RunError("", `Inputs have gone to another project since the task was submitted: ${named.join(", ")}.`);
  }

  async function settingsOf(projectId: string): Promise<ProjectSettings> {
    const project = await asPlatformFault(() =>
      db.selectFrom("projects").select("settings").where("id", "=", projectId).executeTakeFirstOrThrow(),
    );
    return project.settings;
  }

  /** The instances on which the task's jobs run. `byProject`: whether the project lets instances be interrupted. */
  async function instancesOf(task: TaskRow, document: CompiledDocument, byProject: boolean): Promise<TaskInstances> {
    return asPlatformFault(async () => {
      const prices = await deps.billing.prices();
      const wishes = readInstanceRequests(document, task.execution_settings, prices.instances);
      if (wishes.unknown.length > 0)
        log.info({ task: task.id, instances: wishes.unknown }, "the app hints at instance types that are not in the price list");
      // All of the disk, not only what is free now: a task that starts on a full disk has room when others let go of theirs.
      const { blocks, bsize } = await statfs(deps.directory);
      return TaskInstances.open(
        {
          db,
          log,
          taskId: task.id,
          wishes,
          prices,
          isInterruptible: task.use_interruptible_instances ?? byProject,
          machine: deps.machine,
          ownDiskGb: Math.ceil((blocks * bsize) / 1e9),
        },
        task.started_at === null,
      );
    });
  }

  /** A document may name any path of this machine: only the task's inputs and what jobs made for it can be read. */
  async function readable(paths: TaskBlobs, directory: string): Promise<(path: string) => boolean> {
    const own = `${await realpath(directory)}/`;
    return (path) => path.startsWith(own) || paths.has(path);
  }

  async function handOver(task: TaskRow, worker: number): Promise<void> {
    // Whoever comes next reads the rows of its jobs.
    await deps.writes.flush();
    await db.transaction().execute(async (tx) => {
      await releaseTask(tx, task.id, worker);
      await announceTask(tx);
    });
  }
}

interface RunDeps {
  share: JobShare;
  paths: TaskBlobs;
  beside: BesideTask;
}

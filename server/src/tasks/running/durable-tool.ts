import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { join } from "node:path";
import {
  bindInputs,
  type CommandLineTool,
  type CommandWrapping,
  collectOutputs,
  type Inputs,
  type Job,
  JobError,
  type JobResult,
  type Outputs,
  prepareJob,
  type RunTool,
  refuseUnkeepable,
  stage,
  successfulCode,
  type ToolCall,
} from "@causeway/cwl";
import type { Executor, JobShare, JobSpec } from "@causeway/executors";
import { digestFile } from "@causeway/storage";
import type { Logger } from "pino";
import type { Room } from "../../billing/instances.ts";
import type { Database } from "../../db/database.ts";
import type { Turns } from "../dispatch/turns.ts";
import type { TaskFiles } from "../files/task-files.ts";
import type { InstanceOffer, TaskInstances } from "../instances/task-instances.ts";
import { asPlatformFault } from "../platform-fault.ts";
import { JobReuse, type TaskReuse } from "../reuse/reuse.ts";
import type { TaskProblem } from "../tables.ts";
import type { ImageArchives } from "./image-archives.ts";
import { type JobLimitSettings, limitsOf } from "./job-limits.ts";
import { endedLogs, stderrOf, stdoutOf } from "./job-logs.ts";
import {
  findJob,
  insertJob,
  type JobEnd,
  markJobEnded,
  markJobPlaced,
  markJobRunning,
  markJobWaiting,
  noteOutputs,
  replaceJob,
} from "./job-queries.ts";
import type { JobWatch } from "./job-watch.ts";
import { withRoomMade } from "./make-room.ts";
import { removeTree } from "./remove-tree.ts";
import { RunningLogs } from "./running-logs.ts";

export interface DurableToolSetting {
  db: Database;
  files: TaskFiles;
  executor: Executor;
  watch: JobWatch;
  instances: TaskInstances;
  reuse: TaskReuse;
  task: { id: string; projectId: string };
  /** Tells the task's user of something that is not as asked. */
  warn(warning: TaskProblem): void;
  /** What went wrong with a job, for its user. */
  failureText(message: string): Promise<string>;
  /** Whose the task's jobs are. */
  share: JobShare;
  /** What this process does for a job, it does in turns. */
  turns: Turns;
  /** Of the task's jobs, on this machine. */
  directory: string;
  wraps: CommandWrapping["wraps"];
  imagesUnusable(): Promise<string | undefined>;
  ignoreImages: boolean;
  archives: ImageArchives;
  imageDigest: NonNullable<CommandWrapping["imageDigest"]>;
  log: Logger;
  /** What every job is held to, and what this machine has for them. */
  limits: JobLimitSettings;
  machine: Room;
  /** Whether the project lets its jobs use the network. */
  allowNetwork: boolean;
  /** Hears of a job that has just completed. */
  jobCompleted(): Promise<void>;
}

/**
 * Runs the tools of one task so that nothing is lost or done twice. What is known of a job is in its row: a completed one
 * answers with its outputs; one that was under way when a driver died is found again at the executor; what a job left is
 * stored before its row says so. When the context's signal aborts, the job goes on: the driver decides what becomes of it.
 *
 * @throws JobError as `runTool`; PlatformFault
 */
export function durableTool(setting: DurableToolSetting): RunTool {
  const runner: CommandWrapping = {
    wraps: setting.wraps,
    imageDigest: async (docker, signal) => setting.imageDigest(await setting.archives(docker), signal),
  };
  return async (tool, given, context) => {
    const inTurn: InTurn = (work) => setting.turns.take(setting.share, context.signal, work);
    const known = await inTurn(() => asPlatformFault(() => findJob(setting.db, setting.task.id, context.name)));
    if (known?.status === "COMPLETED") return asPlatformFault(() => setting.reuse.local(known.outputs!));
    if (known?.status === "FAILED" || known?.status === "ABORTED")
      throw new JobError("exit", "", known.failure ?? "the job was aborted");
    const reuse = new JobReuse(setting.reuse, tool, given, { ...context, runner });
    const run = new ToolRun(setting, inTurn, tool, context, reuse, known?.logs ?? {});
    if (!known) {
      // It may have to be fetched, which takes long, and little work: not in a turn.
      await reuse.bringImage();
      return (await inTurn(() => reuse.takeOver(fileName(context.name)))) ?? run.awaitResult(await run.prepare(given, 1));
    }
    if (known.instance_id === null) await run.place(known.job);
    else run.isOn(known.instance_id);
    return run.awaitResult(known.job, known.executor_id, known.retried, known.outputs ?? undefined);
  };
}

/** The name of a job where it must be safe in a path. */
const fileName = (job: string): string => createHash("sha256").update(job).digest("hex").slice(0, 16);

/** The result of a job that was never handed over. */
const NOT_RUN: JobResult = { is: "lost", why: "it was not started" };

/** Read in threads, off the one that answers requests. */
async function sha1Of(path: string, _size: number, signal?: AbortSignal): Promise<string> {
  const file = await open(path, "r");
  try {
    return `sha1$${(await digestFile(file, { algorithm: "sha1", signal })).digest}`;
  } finally {
    await file.close();
  }
}
type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

class ToolRun {
  readonly #setting: DurableToolSetting;
  readonly #inTurn: InTurn;
  readonly #tool: CommandLineTool;
  readonly #context: ToolCall;
  readonly #reuse: JobReuse;
  /** Of the job's log files, by name. */
  #logIds: { [name: string]: string };
  #instance: string | undefined;

  constructor(
    setting: DurableToolSetting,
    inTurn: InTurn,
    tool: CommandLineTool,
    context: ToolCall,
    reuse: JobReuse,
    logIds: { [name: string]: string },
  ) {
    this.#setting = setting;
    this.#inTurn = inTurn;
    this.#tool = tool;
    this.#context = context;
    this.#reuse = reuse;
    this.#logIds = logIds;
  }

  async prepare(given: Inputs, attempt: number): Promise<Job> {
    const name = `${fileName(this.#context.name)}.${attempt}`;
    const id = `${this.#setting.task.id}.${name}`;
    const directory = join(this.#setting.directory, name);
    const job = await this.#inTurn(async () => {
      const inputs = await bindInputs(this.#tool, given, this.#context);
      const { most } = this.#setting.instances;
      const machine = { cores: most.cpus, ramMiB: most.memoryMib };
      return prepareJob(this.#tool, inputs, { ...this.#context, id, directory, wraps: this.#setting.wraps, machine });
    });
    // The row of the job holds them; contents of a file may be any bytes that are UTF-8.
    refuseUnkeepable(job.inputs, "inputs");
    refuseUnkeepable({ argv: job.argv, env: job.env }, "command");
    await this.#admit(job, attempt);
    return job;
  }

  /** The job was given a place before, by this driver or another. */
  isOn(instance: string): void {
    this.#instance = instance;
  }

  /** Waits until a job that is recorded is on an instance. */
  async place(job: Job): Promise<void> {
    await this.#notePlace(job, this.#setting.instances.place(job, this.#tool, this.#context.signal));
  }

  /** An instance is a size out of a list: what its jobs run on may have less. */
  #warnOfLess({ name, resources: { cores, ramMiB } }: Job): void {
    const { machine, warn } = this.#setting;
    if (!this.#tool.requirements.resource) return;
    const less = [
      ...(ramMiB > machine.memoryMib ? [`${ramMiB} MiB of memory, and the machine has ${machine.memoryMib} MiB`] : []),
      ...(cores > machine.cpus ? [`${cores} cores, and the machine has ${machine.cpus}`] : []),
    ];
    for (const amount of less)
      warn({ code: "RESOURCES", message: `${name}: ResourceRequirement asks for ${amount}: the job runs with what there is` });
  }

  /** Records the job, and waits until it is on an instance. */
  async #admit(job: Job, attempt: number): Promise<void> {
    const { db, task, instances } = this.#setting;
    const record = attempt === 1 ? insertJob : replaceJob;
    const asked = instances.place(job, this.#tool, this.#context.signal);
    this.#warnOfLess(job);
    if (asked.isWaiting) {
      await asPlatformFault(() => record(db, task.id, job, job.id, { waiting: "all instances that the task may have are busy" }));
      return this.#notePlace(job, asked);
    }
    const instance = await asPlatformFault(() => asked.instance);
    this.isOn(instance);
    await asPlatformFault(() => record(db, task.id, job, job.id, { instance }));
  }

  async #notePlace(job: Job, asked: InstanceOffer): Promise<void> {
    const { db, task } = this.#setting;
    const instance = await asPlatformFault(() => asked.instance);
    this.isOn(instance);
    await asPlatformFault(() => markJobPlaced(db, task.id, job.name, instance));
  }

  /** @param found the outputs that a driver before this one had found when the job had succeeded */
  async awaitResult(job: Job, executorId: string = job.id, retried = false, found?: Outputs): Promise<Outputs> {
    const result = await this.#run(job, executorId).catch(async (error) => {
      // It could not even be handed over: for what its document asks for, or what its inputs are.
      if (error instanceof JobError) await this.#keepEnd(job, NOT_RUN, { status: "FAILED", failure: error.message });
      throw error;
    });
    this.#setting.instances.leave(job.name, result.is === "lost");
    try {
      return await this.#inTurn(async () => {
        const code = successfulCode(this.#tool, job, result);
        const outputs = found ?? (await collectOutputs(this.#tool, job, code, { ...this.#context, checksum: sha1Of }));
        refuseUnkeepable(outputs, "outputs");
        // What is stored from here on has a second name then, and could not be collected again.
        if (!found) await asPlatformFault(() => noteOutputs(this.#setting.db, this.#setting.task.id, job.name, outputs));
        await this.#keepEnd(job, result, { status: "COMPLETED", outputs });
        await asPlatformFault(() => this.#setting.jobCompleted());
        return outputs;
      });
    } catch (error) {
      if (!(error instanceof JobError)) throw error;
      if (!retried && (result.is === "lost" || error.temporary)) {
        // The second attempt waits for room where the first has filled the disk.
        await removeTree(job.directory);
        return this.awaitResult(await this.prepare(job.inputs, 2), undefined, true);
      }
      const end = { status: "FAILED", failure: error.message } as const;
      await this.#inTurn(() => withRoomMade(job, result, () => this.#keepEnd(job, result, end)));
      throw error;
    }
  }

  /** Gives the job to the executor, unless a driver that died has done so: its directories must not be made anew. */
  async #handOver(job: Job, executorId: string): Promise<void> {
    const { executor, instances, machine } = this.#setting;
    const [status] = (await asPlatformFault(() => executor.poll([executorId]))).values();
    if (status !== undefined && status.is !== "lost") return;
    const spec = await this.#specOf(job);
    const { inOutdir } = await stage(job, this.#context);
    const size = this.#instance === undefined ? undefined : instances.sizeOf(this.#instance);
    const limits = limitsOf(
      job,
      size ?? { ...machine, diskGb: Number.POSITIVE_INFINITY },
      this.#setting.limits,
      machine,
      inOutdir,
    );
    // Whoever aborts the task ends the jobs that were handed over: none may come after that.
    this.#context.signal.throwIfAborted();
    await asPlatformFault(() => executor.submit({ ...spec, limits }));
  }

  async #run(job: Job, executorId: string): Promise<JobResult> {
    const { db, task, watch } = this.#setting;
    await this.#inTurn(() => this.#handOver(job, executorId));
    const logs = new RunningLogs(this.#setting, job, this.#logIds);
    const progress = {
      waiting: (reason: string) => this.#inTurn(() => markJobWaiting(db, task.id, job.name, reason)),
      running: async (since: Date) => {
        logs.begin();
        await markJobRunning(db, task.id, job.name, since, await this.#digestOf(job));
      },
    };
    try {
      return await watch.end(executorId, progress, this.#context.signal);
    } finally {
      this.#logIds = await logs.end();
    }
  }

  async #specOf(job: Job): Promise<JobSpec> {
    const { id, name, argv, outdir, tmpdir, mounts, stdin, resources, timeLimitSeconds } = job;
    const image = await this.#imageOf(job);
    return {
      id,
      name,
      argv,
      env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", ...job.env },
      outdir,
      tmpdir,
      mounts,
      ...(stdin === undefined ? {} : { stdin }),
      stdout: stdoutOf(job),
      stderr: stderrOf(job),
      ...(image ? { image } : {}),
      resources,
      share: this.#setting.share,
      ...(timeLimitSeconds === undefined ? {} : { timeLimitSeconds }),
      // The document asks, and the project may forbid (execution-hints.md §8).
      network: job.network && this.#setting.allowNetwork,
    };
  }

  /**
   * The image to run the job in, if it shall run in one. Without a container engine, tools that only hint at an image run
   * on this host's programs.
   */
  async #imageOf(job: Job): Promise<Job["image"]> {
    const { archives, ignoreImages } = this.#setting;
    if (!job.image || ignoreImages) return undefined;
    const imagesUnusable = await this.#setting.imagesUnusable();
    if (imagesUnusable === undefined) return { ...job.image, docker: await archives(job.image.docker) };
    if (!job.image.required) return undefined;
    const name = job.image.docker.dockerPull ?? job.image.docker.dockerImageId ?? "an image";
    throw new JobError("command", "DockerRequirement", `the tool runs in ${name}, and ${imagesUnusable}`);
  }

  /** Which image the job runs in: known since it was started. Null on this host's programs, and where it is gone again. */
  async #digestOf(job: Job): Promise<string | null> {
    const image = await this.#imageOf(job).catch((error) => {
      if (error instanceof JobError) return undefined; // it was refused, so nothing ran in it
      throw error;
    });
    if (!image) return null;
    const { imageDigest, log } = this.#setting;
    return imageDigest(image.docker, this.#context.signal).catch((error) => {
      log.warn({ err: error, job: job.id }, "the image of a job that was started cannot be told");
      return null;
    });
  }

  /** Bytes first, then one transaction: the logs become files, and the row says how the job ended. */
  async #keepEnd(job: Job, result: JobResult, end: Pick<JobEnd, "status" | "outputs" | "failure">): Promise<void> {
    const { db, executor, files, task } = this.#setting;
    const { evaluator, signal } = this.#context;
    const imageDigest = result.is === "lost" ? null : await this.#digestOf(job);
    const kept = end.outputs && (await this.#reuse.keep(job, end.outputs));
    const failure =
      end.failure === undefined ? {} : { failure: await asPlatformFault(() => this.#setting.failureText(end.failure!)) };
    const endLogs = await endedLogs(job, { tool: this.#tool, evaluator, outputs: end.outputs }, files, signal);
    const logs = [...endLogs, ...(await asPlatformFault(() => this.#reuse.log(job.directory)))];
    await asPlatformFault(() =>
      db.transaction().execute(async (tx) => {
        const byName = await files.keepLogs(tx, task, logs, this.#logIds);
        const usage = result.is === "lost" ? {} : { usage: result.usage };
        const exitCode = result.is === "exited" ? { exitCode: result.code } : {};
        const resultId = kept && { resultId: await kept.record(tx) };
        await markJobEnded(tx, task.id, job.name, {
          ...end,
          ...failure,
          ...usage,
          ...exitCode,
          ...resultId,
          imageDigest,
          logs: byName,
        });
      }),
    );
    await kept?.recorded();
    await asPlatformFault(() => executor.remove(job.id));
  }
}

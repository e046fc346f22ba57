import { createHash } from "node:crypto";
import { join } from "node:path";
import { type AgentOrder, type AgentResult, type HostAgent, type JobPlatform, removeTree, withRoomMade } from "@causeway/agent";
import {
  asJobError,
  bindInputs,
  type CommandLineTool,
  type CommandWrapping,
  type Inputs,
  type Job,
  JobError,
  type Outputs,
  prepareJob,
  type RunTool,
  refuseUnkeepable,
  type ToolCall,
} from "@causeway/cwl";
import type { JobShare } from "@causeway/executors";
import type { StoredBytes } from "@causeway/storage";
import type { Room } from "../../billing/instances.ts";
import type { Database } from "../../db/database.ts";
import { isAnyFull } from "../../http/outages.ts";
import type { Turns } from "../dispatch/turns.ts";
import type { TaskBlobs } from "../files/task-blobs.ts";
import type { TaskFiles } from "../files/task-files.ts";
import type { InstanceOffer, TaskInstances } from "../instances/task-instances.ts";
import { asPlatformFault } from "../platform-fault.ts";
import { JobReuse, type TaskReuse } from "../reuse/reuse.ts";
import type { TaskProblem } from "../tables.ts";
import { storeLargeLogs } from "./ended-logs.ts";
import type { ImageArchives } from "./image-archives.ts";
import { type JobLimitSettings, limitsOf } from "./job-limits.ts";
import { type JobRow, noteLogs, noteOutputs, replaceJob } from "./job-queries.ts";
import type { JobEnd, JobInstance, JobKey, JobWrites } from "./job-writes.ts";

export interface DurableToolDeps {
  db: Database;
  files: TaskFiles;
  /** What is stored of the task's files on this machine. */
  paths: TaskBlobs;
  /** The agent that does the jobs, with what is known of its host's container engines. */
  host: HostAgent;
  instances: TaskInstances;
  reuse: TaskReuse;
  task: { id: string; projectId: string };
  writes: JobWrites;
  /** What an earlier driver has recorded of the task's job of that name. */
  known(name: string): JobRow | undefined;
  /** Hears of work that goes on while the task does, and must be done when the task ends. */
  goesOn(work: Promise<void>): void;
  /** Aborts with the task's run. */
  signal: AbortSignal;
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
  ignoreImages: boolean;
  archives: ImageArchives;
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
 * stored when its row says what that is. When the context's signal aborts, the job goes on: the driver decides what becomes of it.
 *
 * @throws JobError as `runTool`; PlatformFault
 */
export function durableTool(setting: DurableToolDeps): RunTool {
  // As it is when a task's run begins.
  const { wraps } = setting.host;
  const runner: CommandWrapping = {
    wraps,
    imageDigest: async (docker, signal) => setting.host.imageDigest(await setting.archives(docker), signal),
  };
  return async (tool, given, context) => {
    const inTurn: InTurn = (work) => setting.turns.take(setting.share, context.signal, work);
    const known = setting.known(context.name);
    if (known?.status === "FAILED" || known?.status === "ABORTED")
      throw new JobError("exit", "", known.failure ?? "the job was aborted");
    const reuse = new JobReuse(setting.reuse, { tool, given, context: { ...context, runner } });
    const run = new ToolRun(setting, { tool, context, reuse, wraps, inTurn, logIds: known?.logs ?? {} });
    if (known?.status === "COMPLETED") return run.completedBefore(known);
    if (!known) {
      // It may have to be fetched, which takes long, and little work: not in a turn.
      await reuse.bringImage();
      return (await inTurn(() => reuse.takeOver(fileName(context.name)))) ?? run.awaitResult(await run.prepare(given, 1));
    }
    if (known.instance_id === null) await run.place(known.job);
    else run.isOn(known.instance_id);
    return run.awaitResult(known.job, known.retried, known.outputs ?? undefined);
  };
}

/** The name of a job where it must be safe in a path. */
const fileName = (job: string): string => createHash("sha256").update(job).digest("hex").slice(0, 16);

type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

interface ToolRunOptions {
  tool: CommandLineTool;
  context: ToolCall;
  reuse: JobReuse;
  wraps: CommandWrapping["wraps"];
  inTurn: InTurn;
  /** Of the job's log files, by name. */
  logIds: { [name: string]: string };
}

class ToolRun {
  readonly #setting: DurableToolDeps;
  readonly #inTurn: InTurn;
  readonly #tool: CommandLineTool;
  readonly #context: ToolCall;
  readonly #reuse: JobReuse;
  readonly #wraps: CommandWrapping["wraps"];
  /** Of the job's log files, by name. */
  #logIds: { [name: string]: string };
  #instance: string | undefined;

  constructor(setting: DurableToolDeps, { tool, context, reuse, wraps, inTurn, logIds }: ToolRunOptions) {
    this.#setting = setting;
    this.#inTurn = inTurn;
    this.#tool = tool;
    this.#context = context;
    this.#reuse = reuse;
    this.#wraps = wraps;
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
      return prepareJob(this.#tool, inputs, { ...this.#context, id, directory, wraps: this.#wraps, machine });
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
    await this.#notePlace(this.#setting.instances.place(job, this.#tool, this.#context.signal));
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
    const { db, task, instances, writes } = this.#setting;
    const record = async (place: JobInstance) => {
      if (attempt === 1) return writes.insert(this.#key, job, place);
      await writes.flush();
      await replaceJob(db, task.id, job, job.id, place);
    };
    const asked = instances.place(job, this.#tool, this.#context.signal);
    this.#warnOfLess(job);
    if (asked.isWaiting) {
      await asPlatformFault(() => record({ waiting: "all instances that the task may have are busy" }));
      return this.#notePlace(asked);
    }
    const instance = await asPlatformFault(() => asked.instance);
    this.isOn(instance);
    await asPlatformFault(() => record({ instance }));
  }

  async #notePlace(asked: InstanceOffer): Promise<void> {
    const instance = await asPlatformFault(() => asked.instance);
    this.isOn(instance);
    this.#setting.writes.note(this.#key, { instance });
  }

  get #key(): JobKey {
    return { task: this.#setting.task.id, name: this.#context.name };
  }

  /** @param found the outputs that a driver before this one had found when the job had succeeded */
  async awaitResult(job: Job, retried = false, found?: Outputs): Promise<Outputs> {
    const result = await this.#perform(job, retried, found);
    if (result.is === "completed") {
      const { recorded } = await this.#keepEnd(job, result, { status: "COMPLETED", outputs: result.outputs });
      this.#setting.goesOn(this.#afterEnd(job, result.outputs, recorded));
      return result.outputs;
    }
    if (result.failure.temporary && !retried) {
      // The second attempt waits for room where the first has filled the disk.
      await removeTree(job.directory);
      return this.awaitResult(await this.prepare(job.inputs, 2), true);
    }
    await this.#inTurn(() => withRoomMade(job, isAnyFull, () => this.#keepFailure(job, result, result.failure.message)));
    throw asJobError(result.failure);
  }

  /** Has the job done by the agent. */
  async #perform(job: Job, isLast: boolean, found: Outputs | undefined): Promise<AgentResult> {
    const { agent } = this.#setting.host;
    const { evaluator, signal } = this.#context;
    const context = { evaluator, signal, platform: this.#platformFor(job, found), inTurn: this.#inTurn };
    let image: AgentOrder["image"];
    try {
      image = await this.#imageOf(job);
    } catch (error) {
      if (!(error instanceof JobError)) throw error;
      // One that was started before this driver's time runs, whatever could be said of its image now.
      if (!(await asPlatformFault(() => agent.has(job.id)))) return agent.refuse({ job, tool: this.#tool }, error, context);
    }
    return agent.perform(this.#orderOf(job, { image, isLast, found }), context);
  }

  #orderOf(job: Job, { image, isLast, found }: Pick<AgentOrder, "image" | "isLast" | "found">): AgentOrder {
    const { instances, machine, limits, share, allowNetwork } = this.#setting;
    const size = this.#instance === undefined ? undefined : instances.sizeOf(this.#instance);
    return {
      tool: this.#tool,
      job,
      ...(image ? { image } : {}),
      // The document asks, and the project may forbid (execution-hints.md §8).
      network: job.network && allowNetwork,
      share,
      limits: limitsOf(job, size ?? { ...machine, diskGb: Number.POSITIVE_INFINITY }, limits, machine),
      ...(found ? { found } : {}),
      isLast,
    };
  }

  /** The platform's side of one job. @param found outputs that its row has already */
  #platformFor(job: Job, found: Outputs | undefined): JobPlatform {
    const { db, files, task, instances, writes } = this.#setting;
    return {
      waiting: async (waiting) => writes.note(this.#key, { waiting }),
      running: async (since, imageDigest) => writes.note(this.#key, { since, imageDigest }),
      logs: async (logs) => {
        this.#logIds = await db.transaction().execute(async (tx) => {
          const ids = await files.keepLogs(tx, task, logs, this.#logIds);
          await noteLogs(tx, task.id, job.name, ids);
          return ids;
        });
      },
      ended: async (end) => instances.leave(job.name, end.is === "lost"),
      found: async (outputs) => {
        if (!found) await asPlatformFault(() => noteOutputs(db, task.id, job.name, outputs));
      },
      store: (path, signal) => this.#store(path, signal),
    };
  }

  /**
   * The image to run the job in, if it shall run in one. Without a container engine, tools that only hint at an image run
   * on this host's programs.
   */
  async #imageOf(job: Job): Promise<AgentOrder["image"]> {
    const { archives, ignoreImages } = this.#setting;
    if (!job.image || ignoreImages) return undefined;
    const imagesUnusable = await this.#setting.host.imagesUnusable();
    if (imagesUnusable === undefined) return { ...job.image, docker: await archives(job.image.docker) };
    if (!job.image.required) return undefined;
    const name = job.image.docker.dockerPull ?? job.image.docker.dockerImageId ?? "an image";
    throw new JobError("command", "DockerRequirement", `the tool runs in ${name}, and ${imagesUnusable}`);
  }

  async #store(path: string, signal: AbortSignal): Promise<StoredBytes> {
    const { files, paths } = this.#setting;
    return paths.at(path) ?? files.adopt(path, signal);
  }

  /**
   * Says how the job ended, with its logs; `recorded` resolves when that is written. Until then the job is as if it had just
   * ended: another driver would find it at the executor, and its files as they are now.
   */
  async #keepEnd(
    job: Job,
    { end, imageDigest, logs }: AgentResult,
    outcome: Pick<JobEnd, "status" | "outputs" | "failure">,
  ): Promise<{ recorded: Promise<void> }> {
    const { task, writes } = this.#setting;
    const all = [...logs, ...(await asPlatformFault(() => this.#reuse.logs(job)))];
    const ofRow = await storeLargeLogs(this.#setting, { ...task, job: job.name }, all, this.#logIds);
    const recorded = writes.end(this.#key, {
      ...outcome,
      ...(end.is === "lost" ? {} : { usage: end.usage }),
      ...(end.is === "exited" ? { exitCode: end.code } : {}),
      imageDigest,
      ...ofRow,
    });
    return { recorded };
  }

  /** The outputs of a job that is recorded as completed. What its driver did not come to do afterwards is done now. */
  async completedBefore({ job, outputs, instance_id, result_id }: JobRow): Promise<Outputs> {
    const local = await asPlatformFault(() => this.#setting.reuse.local(outputs!));
    const hasRun = instance_id !== null;
    if (hasRun && result_id === null) this.#setting.goesOn(this.#keepResult(job, local));
    return local;
  }

  /** What comes of a job that has just completed. */
  async #afterEnd(job: Job, outputs: Outputs, recorded: Promise<void>): Promise<void> {
    await asPlatformFault(() => recorded);
    await asPlatformFault(() => this.#setting.jobCompleted());
    await this.#keepResult(job, outputs);
  }

  /** Lets go of a job whose end is recorded, and keeps what it made for later jobs, if it may be kept. May be repeated. */
  async #keepResult(job: Job, outputs: Outputs): Promise<void> {
    const { host, share, signal, turns } = this.#setting;
    await asPlatformFault(() => host.agent.remove(job.id));
    const store = () => host.agent.store(outputs, (...file) => this.#store(...file), signal);
    try {
      await turns.take(share, signal, () => this.#reuse.keep(job, store, signal));
    } catch (error) {
      // Nobody needs it for this task: it is cut off where the task is.
      if (!signal.aborted) throw error;
    }
  }

  async #keepFailure(job: Job, result: AgentResult, message: string): Promise<void> {
    const { host, failureText, writes } = this.#setting;
    const failure = await asPlatformFault(() => failureText(message));
    const { recorded } = await this.#keepEnd(job, result, { status: "FAILED", failure });
    await asPlatformFault(() => Promise.all([recorded, writes.flush()]));
    await asPlatformFault(() => host.agent.remove(job.id));
  }
}

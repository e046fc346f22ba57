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
import type { StoredBytes } from "@causeway/storage";
import { isAnyFull } from "../../http/outages.ts";
import type { Turns } from "../dispatch/turns.ts";
import type { TaskBlobs } from "../files/task-blobs.ts";
import type { TaskFiles } from "../files/task-files.ts";
import { asPlatformFault } from "../platform-fault.ts";
import { JobReuse, type TaskReuse } from "../reuse/reuse.ts";
import { storeLargeLogs } from "./ended-logs.ts";
import { JobAdmission, type JobAdmissionDeps } from "./job-admission.ts";
import { imageOf, type JobOrderDeps, orderOf } from "./job-order.ts";
import { type JobRow, noteLogs, noteOutputs } from "./job-queries.ts";
import type { JobEnd, JobKey } from "./job-writes.ts";

export interface DurableToolDeps extends JobAdmissionDeps, JobOrderDeps {
  files: TaskFiles;
  /** What is stored of the task's files on this machine. */
  paths: TaskBlobs;
  /** The agent that does the jobs, with what is known of its host's container engines. */
  host: HostAgent;
  reuse: TaskReuse;
  task: { id: string; projectId: string };
  /** What an earlier driver has recorded of the task's job of that name. */
  known(name: string): JobRow | undefined;
  /** Hears of work that goes on while the task does, and must be done when the task ends. */
  goesOn(work: Promise<void>): void;
  /** Aborts with the task's run. */
  signal: AbortSignal;
  /** What went wrong with a job, for its user. */
  failureText(message: string): Promise<string>;
  /** What this process does for a job, it does in turns. */
  turns: Turns;
  /** Of the task's jobs, on this machine. */
  directory: string;
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
    const key = { task: setting.task.id, name: context.name };
    const admission = new JobAdmission(setting, { key, tool, signal: context.signal }, known?.instance_id);
    const run = new ToolRun(setting, { key, tool, context, admission, reuse, wraps, inTurn, logIds: known?.logs ?? {} });
    if (known?.status === "COMPLETED") return run.completedBefore(known);
    if (!known) {
      // It may have to be fetched, which takes long, and little work: not in a turn.
      await reuse.bringImage();
      return (await inTurn(() => reuse.takeOver(fileName(context.name)))) ?? run.awaitResult(await run.prepare(given, 1));
    }
    await admission.goOn(known.job);
    return run.awaitResult(known.job, known.retried, known.outputs ?? undefined);
  };
}

/** The name of a job where it must be safe in a path. */
const fileName = (job: string): string => createHash("sha256").update(job).digest("hex").slice(0, 16);

type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

interface ToolRunOptions {
  key: JobKey;
  tool: CommandLineTool;
  context: ToolCall;
  admission: JobAdmission;
  reuse: JobReuse;
  wraps: CommandWrapping["wraps"];
  inTurn: InTurn;
  /** Of the job's log files, by name. */
  logIds: { [name: string]: string };
}

class ToolRun {
  readonly #setting: DurableToolDeps;
  readonly #inTurn: InTurn;
  readonly #key: JobKey;
  readonly #tool: CommandLineTool;
  readonly #context: ToolCall;
  readonly #admission: JobAdmission;
  readonly #reuse: JobReuse;
  readonly #wraps: CommandWrapping["wraps"];
  /** Of the job's log files, by name. */
  #logIds: { [name: string]: string };

  constructor(setting: DurableToolDeps, options: ToolRunOptions) {
    const { key, tool, context, admission, reuse, wraps, inTurn, logIds } = options;
    this.#setting = setting;
    this.#inTurn = inTurn;
    this.#key = key;
    this.#tool = tool;
    this.#context = context;
    this.#admission = admission;
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
    await this.#admission.admit(job, attempt);
    return job;
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
      image = await imageOf(job, this.#setting);
    } catch (error) {
      if (!(error instanceof JobError)) throw error;
      // One that was started before this driver's time runs, whatever could be said of its image now.
      if (!(await asPlatformFault(() => agent.has(job.id)))) return agent.refuse({ job, tool: this.#tool }, error, context);
    }
    const { size } = this.#admission;
    const ordered = { tool: this.#tool, job, image, size, isLast, found };
    return agent.perform(orderOf(ordered, this.#setting), context);
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

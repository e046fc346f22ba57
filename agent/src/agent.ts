import {
  type CollectContext,
  type CommandLineTool,
  collectOutputs,
  type Evaluator,
  failureOf,
  type Job,
  JobError,
  type Outputs,
  refuseUnkeepable,
  stage,
  successfulCode,
} from "@causeway/cwl";
import type { ImageRequirement, JobResult } from "@causeway/executors";
import { commandOf, type Environment } from "./commands/command.ts";
import type { Commands } from "./commands/commands.ts";
import type { JobProgress } from "./commands/job-watch.ts";
import type { AgentLog } from "./log.ts";
import type { AgentOrder, AgentResult, JobLog, StoredOutputs } from "./order.ts";
import type { JobPlatform } from "./platform.ts";
import { RunningLogs } from "./report/running-logs.ts";
import { endedLogs } from "./store/job-logs.ts";
import { filledTheDisk, makeRoom, withRoomMade } from "./store/make-room.ts";
import { storeJobOutputs } from "./store/stored-outputs.ts";

/** What an agent works with on its host. */
export interface AgentDeps {
  commands: Commands;
  /** What commands find in their environment besides what the job says. */
  environment: Environment;
  /** The digest of an image as commands get it here. Absent: nobody asks. */
  imageDigest?: (docker: ImageRequirement, signal: AbortSignal) => Promise<string>;
  /** How the SHA-1 of an output is found; default: in this thread. */
  checksum?: CollectContext["checksum"];
  log?: AgentLog;
}

/** What one job is done with, besides its order. */
export interface JobContext {
  /** Evaluates the expressions of the outputs. */
  evaluator: Evaluator;
  /** Absent: nothing is stored, and nobody is told of anything but the result. */
  platform?: JobPlatform;
  /** Ends the work on the job; what becomes of its command see `Commands`. */
  signal: AbortSignal;
  /** Does what keeps this process busy, staging and collecting, when it is the job's turn. Default: at once. */
  inTurn?: <T>(work: () => Promise<T>) => Promise<T>;
}

/** The result of a job that was never started. */
const NOT_RUN: JobResult = { is: "lost", why: "it was not started" };

/**
 * Does jobs on its host, each from its order to its result: stages its inputs, runs its command, collects its outputs, stores
 * them and its logs, and tells the platform how far it is. Safe for any number of jobs at once. It keeps nothing that an
 * agent after it would need: given the same order again, it goes on with a command that was started and collects once more.
 */
export class Agent {
  readonly #deps: AgentDeps;

  constructor(deps: AgentDeps) {
    this.#deps = deps;
  }

  /**
   * Does the job. What its document, its inputs or its command are to blame for is a result; what is thrown is a fault of
   * the host or the platform, or the signal's reason. What the host has of the job stays until `remove`.
   */
  async perform(order: AgentOrder, context: JobContext): Promise<AgentResult> {
    const { platform, inTurn = atOnce } = context;
    let end: JobResult;
    try {
      end = await this.#run(order, context);
    } catch (error) {
      // It could not even be started: for what its document asks for, or what its inputs are.
      if (error instanceof JobError) return this.refuse(order, error, context);
      throw error;
    }
    await platform?.ended(end);
    return inTurn(() => this.#finish(order, end, context));
  }

  /** The result of a job that cannot be started. */
  async refuse({ job, tool }: Pick<AgentOrder, "job" | "tool">, error: JobError, context: JobContext): Promise<AgentResult> {
    const logs = await this.#logsOf({ job, tool }, context);
    return { is: "failed", end: NOT_RUN, imageDigest: null, failure: failureOf(error), logs };
  }

  /** Whether the command of the job was started before, here or by an agent that died. */
  has(jobId: string): Promise<boolean> {
    return this.#deps.commands.has(jobId);
  }

  /** The logs of a job whose end nobody waits for any more, as far as there are any. */
  async lastLogs(job: Job, store: JobPlatform["store"], signal: AbortSignal): Promise<JobLog[]> {
    return endedLogs(job, {}, store, signal);
  }

  /**
   * Stores the outputs of a job that has completed, which is written down by now: what is stored could not be collected
   * again. Its directory is still there.
   */
  store(outputs: Outputs, store: JobPlatform["store"], signal: AbortSignal): Promise<StoredOutputs> {
    return storeJobOutputs(outputs, store, signal);
  }

  /** Ends every process of the job and frees what the host holds for it, but for its directory. May be repeated. */
  async remove(jobId: string): Promise<void> {
    await this.#deps.commands.remove(jobId);
  }

  /** Stages and starts the command, unless an agent that died has done so, and waits for its end. */
  async #run(order: AgentOrder, context: JobContext): Promise<JobResult> {
    const { job } = order;
    const { platform, signal, inTurn = atOnce } = context;
    const { commands, log = SILENT } = this.#deps;
    await inTurn(() => this.#start(order, signal));
    if (!platform) return commands.end(job.id, UNTOLD, signal);
    const logs = new RunningLogs(platform, job, log);
    const progress = {
      waiting: (reason: string) => platform.waiting(reason),
      running: async (since: string) => {
        logs.begin();
        await platform.running(since, await this.#digestOf(order, signal));
      },
    };
    try {
      return await commands.end(job.id, progress, signal);
    } finally {
      await logs.end();
    }
  }

  async #start(order: AgentOrder, signal: AbortSignal): Promise<void> {
    const { commands, environment } = this.#deps;
    if (await commands.has(order.job.id)) return;
    const { inOutdir } = await stage(order.job, { signal });
    // Whoever aborts ends the jobs that were started: none may come after that.
    signal.throwIfAborted();
    await commands.start(commandOf(order, environment, inOutdir), signal);
  }

  async #finish(order: AgentOrder, end: JobResult, context: JobContext): Promise<AgentResult> {
    const { tool, job } = order;
    const { platform } = context;
    const imageDigest = platform && end.is !== "lost" ? await this.#digestOf(order, context.signal) : null;
    try {
      const outputs = await this.#collect(order, end, context);
      const logs = await this.#logsOf({ job, tool, outputs }, context);
      return { is: "completed", end, imageDigest, outputs, logs };
    } catch (error) {
      if (!(error instanceof JobError)) throw error;
      const failure = failureOf(error);
      if (failure.temporary && !order.isLast) return { is: "failed", end, imageDigest, failure, logs: [] };
      if (filledTheDisk(end)) await makeRoom(job);
      // Loaded when it is needed: the command line starts sooner without.
      const { isFull } = await import("@causeway/storage");
      const logs = await withRoomMade(job, isFull, () => this.#logsOf({ job, tool }, context));
      return { is: "failed", end, imageDigest, failure, logs };
    }
  }

  async #collect({ tool, job, found }: AgentOrder, end: JobResult, context: JobContext): Promise<Outputs> {
    const code = successfulCode(tool, job, end);
    if (found) return found;
    const { evaluator, signal, platform } = context;
    const { checksum } = this.#deps;
    const outputs = await collectOutputs(tool, job, code, { evaluator, signal, ...(checksum && { checksum }) });
    if (platform) refuseUnkeepable(outputs, "outputs");
    return outputs;
  }

  async #logsOf(
    { job, tool, outputs }: { job: Job; tool: CommandLineTool; outputs?: Outputs },
    { platform, evaluator, signal }: JobContext,
  ): Promise<JobLog[]> {
    if (!platform) return [];
    const beforeStoring = async () => {
      if (outputs) await platform.found(outputs);
    };
    const ended = { tool, evaluator, outputs, beforeStoring };
    return endedLogs(job, ended, (...file) => platform.store(...file), signal);
  }

  /** Which image the job runs in. Null on this host's programs, and where it cannot be told, or is gone again. */
  async #digestOf({ job, image }: AgentOrder, signal: AbortSignal): Promise<string | null> {
    const { imageDigest, log } = this.#deps;
    if (!image || !imageDigest) return null;
    return imageDigest(image.docker, signal).catch((err) => {
      log?.warn({ err, job: job.id }, "the image of a job that was started cannot be told");
      return null;
    });
  }
}

const atOnce = <T>(work: () => Promise<T>): Promise<T> => work();

const UNTOLD: JobProgress = { waiting: async () => {}, running: async () => {} };

const SILENT: AgentLog = { warn() {} };

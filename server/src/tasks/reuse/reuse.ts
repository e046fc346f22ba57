import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CompletedJob, StoredLog } from "@causeway/agent";
import {
  type CommandLineTool,
  type IdentifiedJob,
  type IdentityContext,
  InputHasher,
  type Inputs,
  identifyJob,
  type Job,
  JobError,
  named,
  nearestOf,
  type Outputs,
  type RecordedJob,
  undeclaredFileIn,
  type Value,
  whyNotReused,
} from "@causeway/cwl";
import { BlobMissing, type StoredBytes } from "@causeway/storage";
import type { Logger } from "pino";
import type { Database, Tx } from "../../db/database.ts";
import { blobsIn, type TaskBlobs } from "../files/task-blobs.ts";
import type { TaskFiles } from "../files/task-files.ts";
import { asPlatformFault } from "../platform-fault.ts";
import { deleteResult, findResult, insertResult, type JobResultRow, recordedJobs, takeResult } from "./result-queries.ts";

type Docker = NonNullable<CommandLineTool["requirements"]["docker"]>;

/** The log that says why a job was run, or was not. */
const REUSE_LOG = "job.reuse.log";

export interface ReuseSetting {
  db: Database;
  files: TaskFiles;
  log: Logger;
  paths: TaskBlobs;
  task: { id: string; projectId: string };
  /** Of the task's jobs, on this machine. */
  directory: string;
  /** Whether the task takes over what earlier jobs made. Its own results are kept for later ones in any case. */
  isWanted: boolean;
}

/** The stored outputs of a job, to be recorded with its end. */
export interface KeptResult {
  /** Records the result in the transaction that ends the job, and answers its id. */
  record(tx: Tx): Promise<number>;
  /** After that transaction. */
  recorded(): Promise<void>;
}

/**
 * Results of jobs across the tasks of a project (execution-hints.md §5.3): what a job made is kept for as long as the
 * project keeps intermediate files, and the same job of a later task takes it over instead of running.
 */
export class TaskReuse {
  readonly setting: ReuseSetting;
  readonly measure: InputHasher;
  readonly #families = new Map<string, Promise<RecordedJob[]>>();

  constructor(setting: ReuseSetting) {
    this.setting = setting;
    this.measure = new InputHasher(async (path) => `sha256$${await setting.paths.contentOf(path)}`);
  }

  /** The outputs of a completed job, where they are on this machine. */
  async local(outputs: Outputs): Promise<Outputs> {
    await this.setting.paths.fetchBlobs(blobsIn(outputs as Value));
    return this.setting.paths.local(outputs as Value) as Outputs;
  }

  /** Of the jobs known when this was first asked, the one most like `job`: a task with many jobs reads them once. */
  async nearest({ key: { parts } }: IdentifiedJob): Promise<RecordedJob | undefined> {
    const { db, task } = this.setting;
    const family = this.#families.get(parts.family) ?? recordedJobs(db, task.projectId, parts.family);
    this.#families.set(parts.family, family);
    return nearestOf(await family, parts);
  }
}

/** The decisions about one job of a task. */
export class JobReuse {
  readonly #reuse: TaskReuse;
  readonly #tool: CommandLineTool;
  readonly #given: Inputs;
  readonly #context: IdentityContext;
  #identified: Promise<IdentifiedJob | { refusal: string }> | undefined;
  #digest: Promise<string> | undefined;
  /** The job, where its outputs are to be kept. */
  #toKeep: IdentifiedJob | undefined;
  #notKept: string | undefined;

  constructor(reuse: TaskReuse, tool: CommandLineTool, given: Inputs, context: IdentityContext) {
    this.#reuse = reuse;
    this.#tool = tool;
    this.#given = given;
    this.#context = context;
  }

  /** Brings the image to this machine by which the job is told from others, if it shall be. Where that fails, the job says so. */
  async bringImage(): Promise<void> {
    const { requirements, hints } = this.#tool;
    const docker = requirements.docker ?? hints.docker;
    if (!this.#reuse.setting.isWanted || !docker || this.#context.runner.wraps === "none") return;
    await this.#imageDigest(docker).catch(() => this.#context.signal.throwIfAborted());
  }

  /**
   * The outputs of an equal job that has succeeded, with the job recorded as done; undefined when the job must run.
   *
   * @param fileName what the job's files can be called
   * @throws JobError for inputs that do not fit the tool; PlatformFault
   */
  async takeOver(fileName: string): Promise<Outputs | undefined> {
    if (!this.#reuse.setting.isWanted) return undefined;
    const job = await this.#identify();
    return "refusal" in job ? undefined : asPlatformFault(() => this.#take(job, fileName));
  }

  async #take(job: IdentifiedJob, fileName: string): Promise<Outputs | undefined> {
    const { db, files, task, directory } = this.#reuse.setting;
    for (;;) {
      const result = await findResult(db, task.projectId, job.key.key);
      if (!result) return undefined;
      const outputs = await this.#bring(result);
      if (!outputs) continue;
      const text = `Not run: the same tool and inputs as ${named(toldOf(result))}, in task ${result.task_id}.\n`;
      const bytes = await this.#storeLog(join(directory, `${fileName}.reuse.log`), text);
      const isTaken = await db.transaction().execute(async (tx) => {
        const logs = await files.keepLogs(tx, task, [{ name: REUSE_LOG, bytes }], {});
        return takeResult(tx, result, { taskId: task.id, name: this.#context.name }, logs);
      });
      if (isTaken) return outputs;
    }
  }

  /** Whether what the job made shall be stored for later jobs. It has succeeded whatever becomes of that. */
  async mayKeep(job: Job): Promise<boolean> {
    try {
      const identified = await this.#identify();
      if ("refusal" in identified) return false;
      if (undeclaredFileIn(job, identified.files) === undefined) this.#toKeep = identified;
      else this.#notKept = "it was given a file that is none of its inputs";
    } catch (error) {
      this.#context.signal.throwIfAborted();
      this.#couldNotKeep((error as Error).message);
    }
    return this.#toKeep !== undefined;
  }

  /** What an agent has stored of the job's outputs, where it was to, and could. */
  kept(stored: CompletedJob["stored"]): KeptResult | undefined {
    const identified = this.#toKeep;
    if (!stored || !identified) return undefined;
    if ("problem" in stored) return this.#couldNotKeep(stored.problem);
    const { paths, files, task } = this.#reuse.setting;
    const bytes = Object.entries(stored.bytes);
    const of = { projectId: task.projectId, taskId: task.id, jobName: this.#context.name };
    return {
      record: async (tx) => {
        await files.keepBytes(
          tx,
          bytes.map(([, one]) => one),
        );
        const keys = bytes.map(([, { key }]) => key);
        return insertResult(tx, of, identified, stored.outputs, keys);
      },
      recorded: async () => {
        for (const [path, one] of bytes) await paths.note(path, one);
      },
    };
  }

  #couldNotKeep(why: string): undefined {
    const { log, task } = this.#reuse.setting;
    this.#notKept = why;
    log.warn({ task: task.id, job: this.#context.name, why }, "a job's outputs were not kept");
  }

  /** The log of a job that has run, where people asked for results to be taken over: in the job's directory. */
  async log(directory: string): Promise<StoredLog[]> {
    if (!this.#reuse.setting.isWanted) return [];
    const job = await this.#identify();
    const why = "refusal" in job ? job.refusal : whyNotReused(job, await this.#reuse.nearest(job));
    const notKept = this.#notKept === undefined ? "" : `Not kept for later jobs: ${this.#notKept}.\n`;
    return [{ name: REUSE_LOG, bytes: await this.#storeLog(join(directory, REUSE_LOG), `Run: ${why}.\n${notKept}`) }];
  }

  /** What cannot be found out keeps a job from being re-used, not from being run. */
  #identify(): Promise<IdentifiedJob | { refusal: string }> {
    const { measure, setting } = this.#reuse;
    const runner = { ...this.#context.runner, imageDigest: (docker: Docker) => this.#imageDigest(docker) };
    this.#identified ??= identifyJob(this.#tool, this.#given, { ...this.#context, runner }, measure).catch((error) => {
      this.#context.signal.throwIfAborted();
      if (error instanceof JobError) throw error;
      setting.log.warn({ err: error, task: setting.task.id, job: this.#context.name }, "a job could not be identified");
      return { refusal: `it could not be found out what the job is: ${(error as Error).message}` };
    });
    return this.#identified;
  }

  /** Asked for once: to fetch an image may take long. */
  #imageDigest(docker: Docker): Promise<string> {
    const { runner, signal } = this.#context;
    this.#digest ??= runner.imageDigest?.(docker, signal) ?? Promise.resolve(JSON.stringify(docker));
    return this.#digest;
  }

  async #bring(result: JobResultRow): Promise<Outputs | undefined> {
    try {
      return await this.#reuse.local(result.outputs);
    } catch (error) {
      if (!(error instanceof BlobMissing)) throw error;
      this.#reuse.setting.log.warn({ err: error, result: result.id }, "the outputs of a job are gone from the store");
      await deleteResult(this.#reuse.setting.db, result.id);
      return undefined;
    }
  }

  async #storeLog(path: string, text: string): Promise<StoredBytes> {
    // A driver that died here has made a blob of the file, which is read-only then.
    await rm(path, { force: true });
    await writeFile(path, text);
    return this.#reuse.setting.files.adopt(path);
  }
}

const toldOf = ({ job_name: name, recorded_at: at, shown, parts }: JobResultRow): RecordedJob => ({
  name,
  at: at.toISOString(),
  shown,
  parts,
});

import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SmallLog, StoredOutputs } from "@causeway/agent";
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
import type { Database } from "../../db/database.ts";
import { blobsIn, type TaskBlobs } from "../files/task-blobs.ts";
import type { TaskFiles } from "../files/task-files.ts";
import { asPlatformFault } from "../platform-fault.ts";
import { deleteResult, findResult, insertResult, type JobResultRow, recordedJobs, takeResult } from "./result-queries.ts";

type Docker = NonNullable<CommandLineTool["requirements"]["docker"]>;

/** The log that says why a job was run, or was not. */
const REUSE_LOG = "job.reuse.log";

export interface ReuseDeps {
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

/**
 * Results of jobs across the tasks of a project (execution-hints.md §5.3): what a job made is kept for as long as the
 * project keeps intermediate files, and the same job of a later task takes it over instead of running.
 */
export class TaskReuse {
  readonly setting: ReuseDeps;
  readonly measure: InputHasher;
  readonly #families = new Map<string, Promise<RecordedJob[]>>();

  constructor(setting: ReuseDeps) {
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

  constructor(reuse: TaskReuse, { tool, given, context }: { tool: CommandLineTool; given: Inputs; context: IdentityContext }) {
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

  /** Stores what a job made that has succeeded and whose end is recorded, and records it for later jobs, if it may be kept. */
  async keep(job: Job, store: () => Promise<StoredOutputs>, signal: AbortSignal): Promise<void> {
    const { db, paths, files, task } = this.#reuse.setting;
    const identified = await this.#identify();
    if ("refusal" in identified || this.#whyNotKept(job, identified) !== undefined) return;
    const stored = await this.#stored(store, signal);
    if (!stored) return;
    const bytes = Object.entries(stored.bytes);
    const of = { projectId: task.projectId, taskId: task.id, jobName: this.#context.name };
    await asPlatformFault(() =>
      db.transaction().execute(async (tx) => {
        await files.keepBytes(
          tx,
          bytes.map(([, one]) => one),
        );
        const keys = bytes.map(([, { key }]) => key);
        await insertResult(tx, of, identified, stored.outputs, keys);
      }),
    );
    for (const [path, one] of bytes) await paths.note(path, one);
  }

  /** The job has succeeded whatever becomes of this: undefined when its outputs cannot be kept. */
  async #stored(store: () => Promise<StoredOutputs>, signal: AbortSignal): Promise<StoredOutputs | undefined> {
    const { log, task } = this.#reuse.setting;
    try {
      return await store();
    } catch (error) {
      signal.throwIfAborted();
      log.warn({ err: error, task: task.id, job: this.#context.name }, "a job's outputs were not kept");
      return undefined;
    }
  }

  #whyNotKept(job: Job, { files }: IdentifiedJob): string | undefined {
    return undeclaredFileIn(job, files) === undefined ? undefined : "it was given a file that is none of its inputs";
  }

  /** The log of a job that has run, where people asked for results to be taken over. */
  async logs(job: Job): Promise<SmallLog[]> {
    if (!this.#reuse.setting.isWanted) return [];
    const identified = await this.#identify();
    const isKnown = !("refusal" in identified);
    const why = isKnown ? whyNotReused(identified, await this.#reuse.nearest(identified)) : identified.refusal;
    const whyNotKept = isKnown ? this.#whyNotKept(job, identified) : undefined;
    const notKept = whyNotKept === undefined ? "" : `Not kept for later jobs: ${whyNotKept}.\n`;
    return [{ name: REUSE_LOG, base64: Buffer.from(`Run: ${why}.\n${notKept}`).toString("base64") }];
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

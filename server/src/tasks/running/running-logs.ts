import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Job } from "@causeway/cwl";
import { copyFile } from "@causeway/storage";
import type { Logger } from "pino";
import type { Database } from "../../db/database.ts";
import type { TaskFiles } from "../files/task-files.ts";
import { commandText, type LogFile, openOwn, storeLogs, streamLogs, writeText } from "./job-logs.ts";
import { noteLogs } from "./job-queries.ts";

/** Between two looks at the logs of a job; one that ends before the first has none until then. */
const LOOK_EVERY_MS = 1000;
/** A log below so many bytes is kept anew whenever it has grown, a larger one when it has by a quarter. */
const SMALL = 1 << 20;

export interface RunningLogsSetting {
  db: Database;
  files: TaskFiles;
  task: { id: string; projectId: string };
  log: Logger;
}

/**
 * Makes readable what a running job has written so far (execution-hints.md §6): its logs are files from its first second
 * on, whose bytes are replaced while it goes on. All that is copied for it is a few times the size of the logs.
 */
export class RunningLogs {
  readonly #setting: RunningLogsSetting;
  readonly #job: Job;
  readonly #sizes = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #hasEnded = false;
  /** Ends the copying of large logs when the job has ended. */
  readonly #stop = new AbortController();
  #ids: { [name: string]: string };

  /** @param ids of the log files there are, by name: an earlier driver may have made some */
  constructor(setting: RunningLogsSetting, job: Job, ids: { [name: string]: string }) {
    this.#setting = setting;
    this.#job = job;
    this.#ids = ids;
  }

  /** The job runs. */
  begin(): void {
    if (this.#hasEnded || this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#looking = this.#look().finally(() => {
        this.#timer = undefined;
        this.begin();
      });
    }, LOOK_EVERY_MS);
  }

  /** The job has ended, or somebody else looks after it. Answers the ids when nothing is under way any more. */
  async end(): Promise<{ [name: string]: string }> {
    this.#hasEnded = true;
    this.#stop.abort();
    clearTimeout(this.#timer);
    await this.#looking;
    return this.#ids;
  }

  /** For people to see: where it fails, the job goes on and the next look tells more. */
  async #look(): Promise<void> {
    const { db, files, task, log } = this.#setting;
    try {
      const grown = await this.#grown();
      if (grown.length === 0) return;
      const logs = await storeLogs(this.#job, grown, files, this.#stop.signal);
      this.#ids = await db.transaction().execute(async (tx) => {
        const ids = await files.keepLogs(tx, task, logs, this.#ids);
        await noteLogs(tx, task.id, this.#job.name, ids);
        return ids;
      });
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      log.warn({ err: error, job: this.#job.id }, "the logs of a running job were not kept");
    }
  }

  /** Copies of what has grown: a blob's file must not change, and these do. The command line is there from the first look. */
  async #grown(): Promise<LogFile[]> {
    const grown: LogFile[] = [];
    if (!("cmd.log" in this.#ids))
      grown.push({ name: "cmd.log", path: await writeText(this.#job, "cmd.log", commandText(this.#job)) });
    for (const { name, path } of streamLogs(this.#job)) {
      const copy = join(this.#job.directory, `${name}.so-far`);
      if (await this.#copyGrown(name, path, copy)) grown.push({ name, path: copy });
    }
    return grown;
  }

  /** Whether there was something new to copy. Stops with the job: its logs are stored whole then. */
  async #copyGrown(name: string, path: string, copy: string): Promise<boolean> {
    const from = await openOwn(this.#job, path);
    if (!from) return false;
    try {
      const { size } = await from.stat();
      if (!isWorthKeeping(size, this.#sizes.get(name))) return false;
      await rm(copy, { force: true });
      const to = await open(copy, "wx");
      await copyFile(from, to, { signal: this.#stop.signal }).finally(() => to.close());
      this.#sizes.set(name, size);
      return true;
    } finally {
      await from.close();
    }
  }
}

const isWorthKeeping = (size: number, kept: number | undefined): boolean =>
  kept === undefined || (size !== kept && (size < SMALL || size > kept * 1.25));

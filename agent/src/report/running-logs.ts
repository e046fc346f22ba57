import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Job, shellLine } from "@causeway/cwl";
import type { AgentLog } from "../log.ts";
import type { JobPlatform } from "../platform.ts";
import { openOwn, storeLogs, streamLogs, writeText } from "../store/job-logs.ts";
import type { LogFile } from "../store/small-logs.ts";

/** Between two looks at the logs of a job; one that ends before the first has none until then. */
const LOOK_EVERY_MS = 1000;
/** A log below so many bytes is kept anew whenever it has grown, a larger one when it has by a quarter. */
const SMALL = 1 << 20;

/**
 * Tells the platform what a running job has written so far (execution-hints.md §6): its logs from its first second on,
 * again whenever they have grown. All that is copied for it is a few times the size of the logs.
 */
export class RunningLogs {
  readonly #platform: JobPlatform;
  readonly #job: Job;
  readonly #log: AgentLog;
  readonly #sizes = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #hasEnded = false;
  /** Ends the copying of large logs when the job has ended. */
  readonly #stop = new AbortController();
  #hasToldCommand = false;

  constructor(platform: JobPlatform, job: Job, log: AgentLog) {
    this.#platform = platform;
    this.#job = job;
    this.#log = log;
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

  /** The job has ended, or somebody else looks after it. Resolves when nothing is under way any more. */
  async end(): Promise<void> {
    this.#hasEnded = true;
    this.#stop.abort();
    clearTimeout(this.#timer);
    await this.#looking;
  }

  /** For people to see: where it fails, the job goes on and the next look tells more. */
  async #look(): Promise<void> {
    const platform = this.#platform;
    try {
      const grown = await this.#grown();
      if (grown.length === 0) return;
      await platform.logs(await storeLogs(this.#job, grown, (...file) => platform.store(...file), this.#stop.signal));
      this.#hasToldCommand = true;
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.#log.warn({ err: error, job: this.#job.id }, "the logs of a running job were not kept");
    }
  }

  /** Copies of what has grown: a blob's file must not change, and these do. The command line is there from the first look. */
  async #grown(): Promise<LogFile[]> {
    const grown: LogFile[] = [];
    if (!this.#hasToldCommand)
      grown.push({ name: "cmd.log", path: await writeText(this.#job, "cmd.log", shellLine(this.#job.argv)) });
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
      // Loaded when it is needed: the command line has no platform, and starts sooner without.
      const { copyFile } = await import("@causeway/storage");
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

import { link, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type JobResult, type JobSpec, type KillReason, refuseBadJobId } from "../job.ts";
import { quote } from "./shell.ts";
import { childSeconds } from "./starter.ts";
import { bootId, type ProcessIdentity, parseStat } from "./tree.ts";

/**
 * What is on disk about one job. The truth about a job is here and nowhere else:
 *
 * - `job.json`: the job as submitted. Written whole (link).
 * - `started`: made once, by the shell that starts the job or by the one who removes it first. Who makes it, wins: a
 *   job cannot start twice, nor after its removal.
 * - `main`: the first process of the job, written by itself before it becomes the command.
 * - `kill`: why we are about to kill it.
 * - `ended`: exit code and processor time, written by that shell. Its last line is `end`: without it, it is half a record.
 * - `result.json`: the final status, judged from the above. Written whole (link); the others may go then.
 * - `stdout`, `stderr`: unless the job names others.
 */
export class JobRecord {
  readonly directory: string;

  constructor(root: string, id: string) {
    refuseBadJobId(id);
    this.directory = join(root, id);
  }

  path(name: "stdout" | "stderr"): string {
    return join(this.directory, name);
  }

  /** Keeps the job, unless one is kept already; false then. */
  async keep(job: JobSpec): Promise<boolean> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    if (await this.result()) return false;
    return this.#writeOnce("job.json", JSON.stringify(job));
  }

  async job(): Promise<JobSpec | undefined> {
    const text = await this.#read("job.json");
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** When the job was submitted, in milliseconds: the order in which waiting jobs start. */
  async submittedAt(): Promise<number> {
    return (await this.#changedAt("job.json"))?.getTime() ?? 0;
  }

  /**
   * Shell text that claims the job, runs `body` in a subshell and records how it ended; it prints nothing. To be read by
   * a starter, which has `set -C` and its own line of /proc in `$me`.
   */
  script(body: string): string {
    const [started, main, ended] = ["started", "main", "ended"].map((name) => quote(join(this.directory, name)));
    return [
      `if { echo ${quote(bootId())}; echo "$me"; times; echo end; } >${started}; then`,
      `(\nread -r main </proc/self/stat; { echo "$main"; echo end; } >|${main} || exit 126\n${body}\n)`,
      `code=$?; { echo $code; times; echo end; } >|${ended}`,
      "fi",
    ].join("\n");
  }

  /** Makes sure that the job never starts. False when it has been started before. */
  async preventStart(): Promise<boolean> {
    try {
      await writeFile(join(this.directory, "started"), "removed\nend\n", { flag: "wx" });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
      throw error;
    }
  }

  /** Who started the job and when; `undefined` if nobody did, `half` while that is being written. */
  async started(): Promise<StartRecord | "half" | undefined> {
    const text = await this.#read("started");
    const at = await this.#changedAt("started");
    if (text === undefined || !at) return undefined;
    const lines = text.trimEnd().split("\n");
    if (lines.at(-1) !== "end" && Date.now() - at.getTime() < 5000) return "half";
    const stat = lines[1] === undefined ? undefined : parseStat(lines[1]);
    if (lines[0] === "removed") return { at, removed: true };
    // A shell that was killed while it wrote this is nobody.
    const starter = { bootId: lines[0]!, pid: stat?.pid ?? 0, startTicks: stat?.startTicks ?? "" };
    return { at, removed: false, starter, cpuSecondsBefore: childSeconds(lines.slice(2, 4)) };
  }

  /** The job's first process, if it has come so far. */
  async main(started: StartRecord): Promise<ProcessIdentity | undefined> {
    const lines = (await this.#read("main"))?.trimEnd().split("\n");
    const stat = lines?.at(-1) === "end" ? parseStat(lines[0]!) : undefined;
    if (!stat || started.removed) return undefined;
    return { bootId: started.starter.bootId, pid: stat.pid, startTicks: stat.startTicks };
  }

  /** How the command ended; `undefined` until that is known. */
  async ended(): Promise<{ at: Date; code: number; cpuSecondsAfter: number } | undefined> {
    const text = await this.#read("ended");
    const at = await this.#changedAt("ended");
    const lines = text?.trimEnd().split("\n");
    if (lines?.at(-1) !== "end" || !at) return undefined;
    return { at, code: Number(lines[0]), cpuSecondsAfter: childSeconds(lines.slice(1, 3)) };
  }

  /** Notes why the job is going to be killed; the first reason stands. */
  async noteKill(why: KillReason): Promise<void> {
    await this.#writeOnce("kill", why);
  }

  async killNote(): Promise<KillReason | undefined> {
    return (await this.#read("kill")) as KillReason | undefined;
  }

  async result(): Promise<JobResult | undefined> {
    const text = await this.#read("result.json");
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** The first result stands: two executors may judge at once. */
  async keepResult(result: JobResult): Promise<void> {
    await this.#writeOnce("result.json", JSON.stringify(result));
  }

  /** Keeps the result alone: a job's environment may hold secrets, its logs may be large. */
  async strip(): Promise<void> {
    const names = ["job.json", "started", "main", "kill", "ended", "stdout", "stderr"];
    await Promise.all(names.map((name) => rm(join(this.directory, name), { force: true })));
  }

  async #read(name: string): Promise<string | undefined> {
    return unlessMissing(readFile(join(this.directory, name), "utf8"));
  }

  async #changedAt(name: string): Promise<Date | undefined> {
    return (await unlessMissing(stat(join(this.directory, name))))?.mtime;
  }

  /** Writes the file unless there is one; false then. Nobody sees half of it, whatever stops us. */
  async #writeOnce(name: string, text: string): Promise<boolean> {
    const temporary = join(this.directory, `${name}.${process.pid}.${Math.random().toString(36).slice(2)}`);
    await writeFile(temporary, text, { flag: "wx", mode: 0o600 });
    try {
      await link(temporary, join(this.directory, name));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
      throw error;
    } finally {
      await rm(temporary);
    }
  }
}

/** `removed`: it was kept from starting. */
export type StartRecord =
  | { at: Date; removed: true }
  | { at: Date; removed: false; starter: ProcessIdentity; cpuSecondsBefore: number };

/** The ids of all jobs that have a record. */
export async function recordedIds(root: string): Promise<string[]> {
  return (await unlessMissing(readdir(root))) ?? [];
}

async function unlessMissing<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

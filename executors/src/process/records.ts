import {
  closeSync,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { EngineName } from "../containers/engine.ts";
import { type JobResult, type JobSpec, refuseBadJobId } from "../job.ts";
import { isFull } from "./disk-usage/free-space.ts";
import type { KillNote } from "./outcome.ts";
import { bootId, type ProcessIdentity, parseStat } from "./processes.ts";
import { quote } from "./shell.ts";
import { childSeconds } from "./starter.ts";

/**
 * What is on disk about one job. The truth about a job is here and nowhere else:
 *
 * - `job.json`: the job as submitted. Written whole (link).
 * - `started`: made once, by the shell that starts the job or by the one who removes it first. Who makes it, wins: a
 *   job cannot start twice, nor after its removal. (Once it is gone again, with the rest of a removed job, it is the
 *   result that keeps a shell that comes late from starting.)
 * - `main`: the first process of the job, written by itself before it becomes the command.
 * - `kill`: why we are about to kill it, and at which figure of a limit.
 * - `peak`: the most memory seen, in bytes, where no control group counts it.
 * - `ended`: exit code and processor time, written by that shell. Its last line is `end`: without it, it is half a record.
 *   Blanks are written there before the command starts: a disk that the command has filled takes the end all the same.
 * - `result.json`: the final status, judged from the above. Written whole (link); the others may go then.
 * - `room`: blanks, for the result on a disk that has become full.
 * - `stdout`, `stderr`: unless the job names others.
 *
 * Files are read and written synchronously: they are tiny and on a local disk, where that takes some 20 µs, a tenth of
 * the processor time of the asynchronous way.
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
  keep(job: JobSpec): boolean {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    if (this.result()) return false;
    writeFileSync(join(this.directory, "room"), " ".repeat(ROOM_FOR_THE_RESULT));
    return this.#writeOnce("job.json", JSON.stringify(job));
  }

  job(): JobSpec | undefined {
    const kept = this.#read("job.json");
    return kept && JSON.parse(kept.text);
  }

  /** When the job was submitted, in milliseconds: the order in which waiting jobs start. */
  submittedAt(): number {
    return this.#read("job.json")?.at.getTime() ?? 0;
  }

  /**
   * Shell text that claims the job, runs `body` in a subshell and records how it ended; it prints nothing. To be read by
   * a starter, which has `set -C` and its own line of /proc in `$me`.
   */
  script(body: string, engine: EngineName): string {
    const names = ["started", "main", "ended", "result.json"];
    const [started, main, ended, result] = names.map((name) => quote(join(this.directory, name)));
    return [
      `if { echo ${quote(bootId())}; echo "$me"; times; echo ${engine}; echo end; } >${started} && [ ! -e ${result} ]; then`,
      `echo ${quote(ROOM_FOR_THE_END)} >|${ended}`,
      `(\nread -r main </proc/self/stat; { echo "$main"; echo end; } >|${main} || exit 126\n${body}\n)`,
      `code=$?; { echo $code; times; echo end; } 1<>${ended}`,
      "fi",
    ].join("\n");
  }

  /** Makes sure that the job never starts. False when it has been started before. */
  preventStart(): boolean {
    try {
      writeFileSync(join(this.directory, "started"), "removed\nend\n", { flag: "wx" });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
      throw error;
    }
  }

  /** Who started the job and when; `undefined` if nobody did, `half` while that is being written. */
  started(): StartRecord | "half" | undefined {
    const record = this.#read("started");
    if (!record) return undefined;
    const { at } = record;
    const lines = record.text.trimEnd().split("\n");
    if (lines.at(-1) !== "end" && Date.now() - at.getTime() < 5000) return "half";
    const stat = lines[1] === undefined ? undefined : parseStat(lines[1]);
    if (lines[0] === "removed") return { at, removed: true };
    // A shell that was killed while it wrote this is nobody.
    const starter = { bootId: lines[0]!, pid: stat?.pid ?? 0, startTicks: stat?.startTicks ?? "" };
    // An earlier version did not write down the engine.
    const engine = lines.length > 5 ? (lines[4] as EngineName) : undefined;
    return { at, removed: false, starter, engine, cpuSecondsBefore: childSeconds(lines.slice(2, 4)) };
  }

  /** The job's first process, if it has come so far. */
  main(): ProcessIdentity | undefined {
    const started = this.started();
    const lines = this.#read("main")?.text.trimEnd().split("\n");
    const stat = lines?.at(-1) === "end" ? parseStat(lines[0]!) : undefined;
    if (!stat || !started || started === "half" || started.removed) return undefined;
    return { bootId: started.starter.bootId, pid: stat.pid, startTicks: stat.startTicks };
  }

  /** How the command ended; `undefined` until that is known. */
  ended(): { at: Date; code: number; cpuSecondsAfter: number } | undefined {
    const record = this.#read("ended");
    const lines = record?.text.trimEnd().split("\n");
    if (lines?.at(-1) !== "end") return undefined;
    return { at: record!.at, code: Number(lines[0]), cpuSecondsAfter: childSeconds(lines.slice(1, 3)) };
  }

  /** Notes why the job is going to be killed; the first reason stands. */
  noteKill(note: KillNote): void {
    this.#writeOnce("kill", JSON.stringify(note));
  }

  killNote(): KillNote | undefined {
    const kept = this.#read("kill");
    return kept && JSON.parse(kept.text);
  }

  /** Keeps the most memory seen so far. A half-written figure is as good as none. */
  notePeak(bytes: number): void {
    writeFileSync(join(this.directory, "peak"), String(bytes));
  }

  peakBytes(): number | undefined {
    return Number(this.#read("peak")?.text) || undefined;
  }

  result(): JobResult | undefined {
    const kept = this.#read("result.json");
    return kept && JSON.parse(kept.text);
  }

  /** The first result stands: two executors may judge at once. On a full disk it takes the room that was kept for it. */
  keepResult(result: JobResult): void {
    try {
      this.#writeOnce("result.json", JSON.stringify(result));
    } catch (error) {
      if (!isFull(error)) throw error;
      this.#writeIntoRoom(result);
    }
  }

  /** Only one process gets the room; the others find the result, or ask again until they do. */
  #writeIntoRoom(result: JobResult): void {
    const text = JSON.stringify(result);
    const { lastLines: _, ...short } = result as JobResult & { lastLines?: string };
    const claimed = this.#temporary("result.json");
    renameSync(join(this.directory, "room"), claimed);
    const file = openSync(claimed, "r+");
    try {
      writeSync(file, Buffer.byteLength(text) <= ROOM_FOR_THE_RESULT ? text : JSON.stringify(short), 0);
    } finally {
      closeSync(file);
    }
    this.#link(claimed, "result.json");
  }

  /** Keeps the result alone: a job's environment may hold secrets, its logs may be large. */
  strip(): void {
    const names = ["job.json", "started", "main", "kill", "peak", "ended", "room", "stdout", "stderr"];
    for (const name of names) rmSync(join(this.directory, name), { force: true });
  }

  /** The file's text and when it was last written to; `undefined` when there is none. */
  #read(name: string): { text: string; at: Date } | undefined {
    let file: number;
    try {
      file = openSync(join(this.directory, name), "r");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
    try {
      // The time first: a text that is complete at that time is not written to afterwards.
      return { at: fstatSync(file).mtime, text: readFileSync(file, "utf8") };
    } finally {
      closeSync(file);
    }
  }

  /** Writes the file unless there is one; false then. Nobody sees half of it, whatever stops us. */
  #writeOnce(name: string, text: string): boolean {
    const temporary = this.#temporary(name);
    try {
      writeFileSync(temporary, text, { flag: "wx", mode: 0o600 });
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
    return this.#link(temporary, name);
  }

  #temporary(name: string): string {
    return join(this.directory, `${name}.${process.pid}.${Math.random().toString(36).slice(2)}`);
  }

  /** Gives a whole file its name unless there is such a file; false then. */
  #link(temporary: string, name: string): boolean {
    try {
      linkSync(temporary, join(this.directory, name));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
      throw error;
    } finally {
      unlinkSync(temporary);
    }
  }
}

/** As long as the longest end. */
const ROOM_FOR_THE_END = " ".repeat(200);
/** Bytes of most results; the last lines of a longer one are left out. */
const ROOM_FOR_THE_RESULT = 8192;

/** `removed`: it was kept from starting. */
export type StartRecord =
  | { at: Date; removed: true }
  | { at: Date; removed: false; starter: ProcessIdentity; engine: EngineName | undefined; cpuSecondsBefore: number };

/** The ids of all jobs that have a record. */
export function recordedIds(root: string): string[] {
  return readdirSync(root);
}

/** Removes the records of jobs that were removed so many days ago that nobody asks for their result any more. */
export function forgetOldJobs(root: string, days = 30): void {
  for (const id of recordedIds(root)) {
    const { mtimeMs } = statSync(join(root, id));
    const record = new JobRecord(root, id);
    if (Date.now() - mtimeMs > days * 86_400_000 && !record.job()) rmSync(record.directory, { recursive: true });
  }
}

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import type { JobSpec } from "../job.ts";
import type { Command } from "./shell.ts";

/** What tells one process from another that later gets the same id: its start, in clock ticks since the boot. */
export interface ProcessIdentity {
  bootId: string;
  pid: number;
  startTicks: string;
}

/** The id of this boot of the host; process ids and start times mean nothing beyond it. */
export function bootId(): string {
  thisBoot ??= readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  return thisBoot;
}
let thisBoot: string | undefined;

/** What /proc/PID/stat says of a process. `residentBytes`: of memory, those shared with others included. */
export interface ProcessStat {
  pid: number;
  parent: number;
  state: string;
  startTicks: string;
  residentBytes: number;
  /**
   * Whether its environment cannot be read at this moment: it is replacing its program (`execve`), and the old
   * environment is gone while the new one is not there yet; or it is ending, and has given its memory back already.
   */
  isBetween: boolean;
  /** Whether its environment has any bytes. */
  hasEnvironment: boolean;
}

/** Reads a line of /proc/PID/stat, whose second field may hold anything. */
export function parseStat(line: string): ProcessStat | undefined {
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const [state, parent, startTicks] = [fields[0], fields[1], fields[19]];
  if (!state || !parent || !startTicks) return undefined;
  const residentBytes = Number(fields[21]) * PAGE_BYTES;
  // Fields 9, 50 and 51 of proc_pid_stat(5). Kernel threads have no environment ever.
  const isKernelThread = (Number(fields[6]) & PF_KTHREAD) !== 0;
  const isBetween = fields[48] === "0" && !isKernelThread && !isOver(state);
  const hasEnvironment = fields[47] !== fields[48];
  const pid = Number.parseInt(line, 10);
  return { pid, parent: Number(parent), state, startTicks: startTicks.trim(), residentBytes, isBetween, hasEnvironment };
}

/** Whether a process of this state is nothing but an exit status that waits for its parent. */
function isOver(state: string): boolean {
  return state === "Z" || state === "X";
}

/** Of include/linux/sched.h. */
const PF_KTHREAD = 0x200000;

/** Of the kernels of all machines that run our dependencies' binaries. */
const PAGE_BYTES = 4096;

/** The identity of a process that is there now; `undefined` when it is not. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = readStat(pid);
  return stat && { bootId: bootId(), pid, startTicks: stat.startTicks };
}

/** Whether exactly this process is there and not just its remains (a zombie). */
export function isAlive(who: ProcessIdentity): boolean {
  if (who.bootId !== bootId()) return false; // the host has been started anew since
  const stat = readStat(who.pid);
  return stat !== undefined && stat.startTicks === who.startTicks && !isOver(stat.state);
}

/** How the processes of a job are told from all others. */
export interface JobProcesses {
  /** The shell that started the job, while it does nothing else: its descendants are the job's, not itself. */
  starter?: ProcessIdentity | undefined;
  /** The job's first process: it and its descendants are the job's. */
  main?: ProcessIdentity | undefined;
  /** Every process in it is the job's, also those that left session, group and parents. */
  group?: ProcessGroup | undefined;
  /**
   * For hosts without control groups: environment entries (`HOME=/jobs/7/out`) that only this job's processes have.
   * Finds those that forked twice; one that also replaced its environment is not found.
   */
  marks: readonly string[];
  /** Ends the job's container, whose processes are not ours. Its failure means that there was none (any more). */
  stop?: Command | undefined;
}

/** The marks of a job: its wrapping's, and environment entries that name a directory of its own, told by its id in the path. */
export function marksOf(job: JobSpec): string[] {
  const own = [job.outdir.path, job.tmpdir.path].filter((path) => path.split("/").includes(job.id));
  const entries = Object.entries({ ...job.env, ...wrappingMark(job) });
  return entries.flatMap(([name, value]) => (own.includes(value) || name === MARK ? [`${name}=${value}`] : []));
}

/**
 * An environment entry for the wrapping of a job, which has none of the job's: a process of it that has lost its parent
 * before it could ask to end with it is found by that.
 */
export function wrappingMark(job: JobSpec): Record<string, string> {
  return { [MARK]: createHash("sha256").update(job.outdir.host).digest("hex").slice(0, 24) };
}

/** The name of the entry; the command does not get it. */
export const MARK = "CAUSEWAY_JOB";

/** A control group, as far as killing goes. */
export interface ProcessGroup {
  processes(): number[];
  forbidForks(): void;
}

/**
 * Kills every process of the job and returns when none is left: a process that waits for a broken disk can take its
 * time. Processes of others are never touched, nor those that gave themselves another user's rights (sudo).
 */
export async function killAll(job: JobProcesses): Promise<void> {
  if (job.stop) {
    // The client first, which might be about to start a container; then the engine ends what there is, in its own
    // order: with its monitor killed it would take the container for a running one.
    await killFound({ ...job, group: undefined });
    await runToItsEnd(job.stop);
  }
  job.group?.forbidForks();
  await killFound(job);
}

async function killFound(job: JobProcesses): Promise<void> {
  const giveUpAt = Date.now() + LONGEST_BETWEEN_MS;
  let killed: ProcessIdentity[] = [];
  for (let pause = 1; ; pause = Math.min(pause * 2, 500)) {
    const { found, isUnclear } = findProcesses(job);
    const victims = [...found].flatMap((pid) => identify(pid) ?? []).filter(({ pid }) => kill(pid));
    killed = [...killed, ...victims].filter(isAlive);
    const isSure = !isUnclear || Date.now() > giveUpAt;
    if (victims.length === 0 && killed.length === 0 && isSure) return;
    await wait(pause); // a killed process needs a moment to let go of its memory, and then of its files
  }
}

/** A process of somebody else that hangs while its program is read, off a broken disk, holds nobody up for longer. */
const LONGEST_BETWEEN_MS = 5000;

/**
 * The processes of the job that are there now. `isUnclear`: there are others whose environment cannot be read at this
 * moment (see {@link ProcessStat.isBetween}). They may be the job's.
 */
function findProcesses(job: JobProcesses): { found: Set<number>; isUnclear: boolean } {
  const found = new Set(job.group?.processes());
  let isUnclear = false;
  const roots = [job.starter, job.main].filter((root) => root && isAlive(root)).map((root) => root!.pid);
  const marks = job.group ? [] : job.marks;
  if (roots.length === 0 && marks.length === 0) return { found, isUnclear };
  const stats = new Map(allStats().map((stat) => [stat.pid, stat]));
  for (const { pid, state } of stats.values()) {
    if (isOver(state) || pid === process.pid) continue;
    const isRoot = roots.includes(pid) && pid !== job.starter?.pid;
    if (isRoot || roots.some((root) => descends(pid, root, stats))) found.add(pid);
    else if (marks.length > 0) {
      const marked = hasMark(pid, marks);
      if (marked) found.add(pid);
      else isUnclear ||= marked === undefined;
    }
  }
  return { found, isUnclear };
}

/** The process and what descends from it; without control groups all that is known of a job. */
export function descendantsOf(main: ProcessIdentity | undefined): number[] {
  if (!main || !isAlive(main)) return [];
  const stats = new Map(allStats().map((stat) => [stat.pid, stat]));
  return [...stats.keys()].filter((pid) => pid === main.pid || descends(pid, main.pid, stats));
}

function descends(pid: number, ancestor: number, stats: ReadonlyMap<number, { parent: number }>): boolean {
  let parent = stats.get(pid)?.parent;
  for (let depth = 0; parent && depth < stats.size; depth++) {
    if (parent === ancestor) return true;
    parent = stats.get(parent)?.parent;
  }
  return false;
}

/** A process that replaces its program again and again is left to the next look after as many empty answers. */
const READS = 5;

/** Whether a process has one of the marks; `undefined` when that cannot be told at this moment. */
function hasMark(pid: number, marks: readonly string[]): boolean | undefined {
  // Nothing is read of a process that replaces its program or ends. So an empty answer counts only when the kernel
  // says, a moment later, that the environment has no bytes.
  for (let attempt = 0; attempt < READS; attempt++) {
    const environment = readEnvironment(pid);
    if (environment === undefined) return false;
    if (environment !== "") return marks.some((mark) => environment.split("\0").includes(mark));
    const stat = readStat(pid);
    if (stat?.isBetween) return undefined;
    if (!stat?.hasEnvironment) return false; // it has none, or has ended
  }
  return undefined;
}

/** The environment of a process; empty when it has no memory, `undefined` when it is not there or not ours to read. */
function readEnvironment(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH" ? "" : undefined;
  }
}

/** Every process of this host. */
export function allStats(): ProcessStat[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map((pid) => readStat(Number(pid))).filter((stat) => stat !== undefined);
}

function readStat(pid: number) {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return undefined; // ENOENT or ESRCH: it has ended
  }
}

/** Whether there was something to kill. */
function kill(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ESRCH" || code === "EPERM") return false; // it was quicker; it is not ours to kill
    throw error;
  }
}

function runToItsEnd({ argv: [program, ...args], env, cwd }: Command): Promise<void> {
  return new Promise((resolve) => execFile(program!, args, { env, cwd }, () => resolve()));
}

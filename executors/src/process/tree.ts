import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import type { JobSpec } from "../job.ts";
import { identify, inTurns, isAlive, isOver, type ProcessIdentity, ProcessTable, readStat } from "./processes.ts";
import type { Command } from "./shell.ts";

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
  /** Ends all of its processes in one step, where the kernel can; else none. */
  kill(): void;
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

/**
 * A job may have thousands of processes and start new ones as fast as they are killed. A group's cannot any more; without
 * one, many are stopped first, which none survives to fork, until a look finds no other, and then killed.
 */
async function killFound(job: JobProcesses): Promise<void> {
  const giveUpAt = Date.now() + LONGEST_BETWEEN_MS;
  const stopped = new Set<number>();
  let dying: ProcessIdentity[] = [];
  for (let pause = 1; ; ) {
    job.group?.kill();
    const { found, isUnclear } = await findProcesses(job);
    if (!job.group && found.size > FEW && (await stopOthers(found, stopped))) continue;
    const victims: ProcessIdentity[] = [];
    for await (const pid of inTurns(found)) {
      const who = identify(pid);
      if (who && signal(pid, "SIGKILL")) victims.push(who);
    }
    const left: ProcessIdentity[] = [];
    for await (const who of inTurns([...dying, ...victims])) if (isAlive(who)) left.push(who);
    dying = left;
    const isSure = !isUnclear || Date.now() > giveUpAt;
    if (victims.length === 0 && dying.length === 0 && isSure) return;
    await wait(pause); // a killed process needs a moment to let go of its memory, and then of its files
    pause = Math.min(pause * 2, 500);
  }
}

/** So many processes are killed at once. */
const FEW = 50;

/** Stops those that were not stopped before; false when there was none. */
async function stopOthers(found: Iterable<number>, stopped: Set<number>): Promise<boolean> {
  const before = stopped.size;
  for await (const pid of inTurns(found)) if (!stopped.has(pid) && signal(pid, "SIGSTOP")) stopped.add(pid);
  return stopped.size > before;
}

/** A process of somebody else that hangs while its program is read, off a broken disk, holds nobody up for longer. */
const LONGEST_BETWEEN_MS = 5000;

/**
 * The processes of the job that are there now. `isUnclear`: there are others whose environment cannot be read at this
 * moment (see {@link ProcessStat.isBetween}). They may be the job's.
 */
async function findProcesses(job: JobProcesses): Promise<{ found: Set<number>; isUnclear: boolean }> {
  const found = new Set(job.group?.processes());
  let isUnclear = false;
  const roots = [job.starter, job.main].filter((root) => root && isAlive(root)).map((root) => root!.pid);
  const marks = job.group ? [] : job.marks;
  if (roots.length === 0 && marks.length === 0) return { found, isUnclear };
  const table = await ProcessTable.read();
  const descended = new Set(roots.flatMap((root) => table.tree(root).map(({ pid }) => pid)));
  for await (const { pid, state } of inTurns(table.stats.values())) {
    if (isOver(state) || pid === process.pid || pid === job.starter?.pid) continue;
    if (descended.has(pid)) found.add(pid);
    else if (marks.length > 0) {
      const marked = hasMark(pid, marks);
      if (marked) found.add(pid);
      else isUnclear ||= marked === undefined;
    }
  }
  return { found, isUnclear };
}

/** The process and what descends from it; without control groups all that is known of a job. */
export async function descendantsOf(main: ProcessIdentity | undefined, table: () => Promise<ProcessTable>): Promise<number[]> {
  if (!main || !isAlive(main)) return [];
  return (await table()).tree(main.pid).map(({ pid }) => pid);
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

/** Whether there was a process to send it to. */
function signal(pid: number, name: "SIGKILL" | "SIGSTOP"): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ESRCH" || code === "EPERM") return false; // it was quicker; it is not ours to kill
    throw error;
  }
}

function runToItsEnd({ argv: [program, ...args], env, cwd }: Command): Promise<void> {
  return new Promise((resolve) => execFile(program!, args, { env, cwd }, () => resolve()));
}

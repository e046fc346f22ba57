import type { ContainerEngine } from "../containers/engine.ts";
import type { JobResult, JobSpec } from "../job.ts";
import type { JobGroup } from "./cgroup.ts";
import { type DiskExcess, type DiskWatch, fileLimitKiB } from "./disk-usage/disk-watch.ts";
import { whyFull } from "./disk-usage/free-space.ts";
import { judge } from "./outcome.ts";
import { bootId, isAlive } from "./processes.ts";
import type { JobRecord, StartRecord } from "./records.ts";
import { stderrEnd } from "./stderr-end.ts";
import { type JobProcesses, killAll, marksOf } from "./tree.ts";

/** A job of which there is a record, with what surrounds it. */
export interface RecordedJob {
  job: JobSpec;
  record: JobRecord;
  engine: ContainerEngine;
  group: JobGroup | undefined;
  /** What is to stay free of its disk. */
  keepFreeBytes: number;
}

/** Whether the job is over: it has ended, or the shell that would write down its end is gone. */
export function isOver({ record }: RecordedJob, started: StartRecord): boolean {
  // In this order: a shell that is gone now has written its record before, or never will.
  const alive = !started.removed && isAlive(started.starter);
  return !alive || record.ended() !== undefined;
}

/** Clears up after a job that is over, keeps its result, and returns it. Safe to do again, and twice at once. */
export async function settle(recorded: RecordedJob, started: StartRecord, disk: DiskWatch): Promise<JobResult> {
  const { job, record, engine, group } = recorded;
  const ended = record.ended();
  // What the command left running ends with it.
  const mayHaveLeft = !ended || (group ? group.processes().length > 0 : engine.name === "none");
  if (mayHaveLeft) await killAll(processesOf(recorded));
  const excess = ended && record.killNote() === undefined ? await disk.lastLook(job) : undefined;
  record.keepResult(resultOf(recorded, started, excess));
  await group?.clear();
  return record.result()!;
}

function resultOf(
  { job, record, engine, group, keepFreeBytes }: RecordedJob,
  started: StartRecord,
  excess?: DiskExcess,
): JobResult {
  const ended = record.ended();
  if (started.removed) return neverStarted();
  const full = whyFull(job.outdir.host, keepFreeBytes);
  if (!ended) return { is: "lost", why: full ?? whyLost(started) };
  const used = group?.used();
  return judge({
    diskIsFull: full !== undefined,
    code: ended.code,
    usage: {
      startedAt: started.at.toISOString(),
      endedAt: ended.at.toISOString(),
      wallSeconds: Math.max(0, ended.at.getTime() - started.at.getTime()) / 1000,
      cpuSeconds: engine.client ? used?.cpuSeconds : ended.cpuSecondsAfter - started.cpuSecondsBefore,
      peakMemoryBytes: group ? used?.peakMemoryBytes : record.peakBytes(),
    },
    limits: job.limits,
    killed: record.killNote() ?? excess,
    outOfMemory: used?.outOfMemory ?? false,
    outOfProcesses: used?.outOfProcesses ?? false,
    fileKiB: fileLimitKiB(job.limits),
    memoryLimited: engine.client && job.limits?.memoryMiB !== undefined,
    stderr: () => stderrEnd(job, job.stderr ?? record.path("stderr")),
  });
}

/** How the job's processes are found. */
export function processesOf({ job, record, engine, group }: RecordedJob): JobProcesses {
  return { main: record.main(), group, marks: marksOf(job), stop: engine.stop?.(job) };
}

/** The result of a job that was removed before its turn. */
export function neverStarted(): JobResult {
  const now = new Date().toISOString();
  return { is: "killed", why: "aborted", usage: { startedAt: now, endedAt: now, wallSeconds: 0, cpuSeconds: 0 } };
}

function whyLost(started: StartRecord): string {
  if (!started.removed && started.starter.bootId !== bootId()) return "the host was restarted while it ran";
  return "the shell that watched over it was killed";
}

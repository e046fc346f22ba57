import type { JobLimits, JobResult, JobUsage, KillReason } from "../job.ts";

/** Why and at which figure a job was ended by us; the figure is absent where no limit was the reason. */
export interface KillNote {
  why: KillReason;
  limit?: number;
}

/** What is known when a command has ended. */
export interface Ending {
  code: number;
  usage: JobUsage;
  limits?: JobLimits | undefined;
  /** Why we killed it, if we did. */
  killed?: KillNote | undefined;
  /** Whether the kernel killed one of its processes for lack of memory. */
  outOfMemory: boolean;
  /** Whether the kernel refused it another process. */
  outOfProcesses: boolean;
  /** The largest file that it could make, if that was limited. */
  fileKiB?: number | undefined;
  /**
   * For a container with a memory limit that is no group of ours: nobody tells whether the kernel killed it, but one
   * that was killed, and not by us, can hardly have had another reason.
   */
  memoryLimited?: boolean;
  /** Whether the disk that it wrote to has less room than is to stay free. */
  diskIsFull?: boolean;
  /** Reads the end of its standard error, if that is a file. */
  stderr: () => string | undefined;
}

/** What a shell answers for a command that the system ended for writing more into a file than it may (SIGXFSZ). */
const FILE_TOO_LARGE = 128 + 25;

/** Judges how a command ended. Our own killing counts before the kernel's, and both before the exit code. */
export function judge(ending: Ending): JobResult {
  const { code, usage, limits = {}, killed } = ending;
  const stderr = () => {
    const lines = ending.stderr();
    return lines === undefined ? {} : { lastLines: lines };
  };
  const ended = (why: KillReason, limit?: number): JobResult => ({
    is: "killed",
    why,
    usage,
    ...(limit === undefined ? {} : { limit }),
    ...(why === "aborted" ? {} : stderr()),
  });
  if (killed) return ended(killed.why, killed.limit);
  // A command may survive the loss of a child and still do its work: then its exit code counts.
  const ranOut = ending.outOfMemory || (code === 137 && ending.memoryLimited);
  if (ranOut && code !== 0) return ended("out of memory", limits.memoryMiB);
  if (code === FILE_TOO_LARGE && ending.fileKiB !== undefined) return ended("disk limit", Math.floor(ending.fileKiB / 1024) - 1);
  if (ending.outOfProcesses && code !== 0) return ended("too many processes", limits.processes);
  if (ending.diskIsFull && code !== 0) return ended("disk full");
  return { is: "exited", code, usage, ...(code === 0 ? {} : stderr()) };
}

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { JobResult, JobUsage, KillReason } from "../job.ts";

/** What is known when a command has ended. */
export interface Ending {
  code: number;
  usage: JobUsage;
  /** Why we killed it, if we did. */
  killed?: KillReason;
  /** Whether the kernel killed one of its processes for lack of memory. */
  outOfMemory: boolean;
  /**
   * For a container with a memory limit that is no group of ours: nobody tells whether the kernel killed it, but one
   * that was killed, and not by us, can hardly have had another reason.
   */
  memoryLimited?: boolean;
  /** Its standard error, if that is a file. */
  stderr?: string;
}

/** Judges how a command ended. Our own killing counts before the kernel's, and both before the exit code. */
export function judge({ code, usage, killed, outOfMemory, memoryLimited = false, stderr }: Ending): JobResult {
  if (killed) return { is: "killed", why: killed, usage };
  // A command may survive the loss of a child and still do its work: then its exit code counts.
  const ranOut = outOfMemory || (code === 137 && memoryLimited);
  if (ranOut && code !== 0) return { is: "killed", why: "out of memory", usage };
  const lines = code === 0 || stderr === undefined ? undefined : lastLines(stderr);
  return lines === undefined ? { is: "exited", code, usage } : { is: "exited", code, usage, lastLines: lines };
}

/** The end of a text file for people: at most 20 lines and 4 KiB. `undefined` when it is gone or empty. */
function lastLines(file: string): string | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch {
    return undefined; // the job may have removed or replaced it
  }
  try {
    const { size } = fstatSync(descriptor);
    const tail = Buffer.alloc(Math.min(size, 4096));
    const length = readSync(descriptor, tail, 0, tail.length, size - tail.length);
    const lines = tail.toString("utf8", 0, length).trimEnd().split("\n").slice(-20);
    return lines.join("\n") || undefined;
  } finally {
    closeSync(descriptor);
  }
}

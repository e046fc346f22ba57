import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import type { JobSpec } from "../job.ts";

/**
 * The end of a job's standard error for people: at most 20 lines and 4 KiB. `undefined` when there is none.
 *
 * The command had the file in its hands and may have put anything in its place: a link to a file of this host, which it
 * may not see, a pipe, which would keep whoever opens it waiting, a directory. Then there is none.
 */
export function stderrEnd(job: Pick<JobSpec, "outdir">, file: string): string | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = fstatSync(descriptor);
    if (!stats.isFile() || readlinkSync(`/proc/self/fd/${descriptor}`) !== placeOf(file, job.outdir.host)) return undefined;
    const tail = Buffer.alloc(Math.min(stats.size, 4096));
    const length = readSync(descriptor, tail, 0, tail.length, stats.size - tail.length);
    return tail.toString("utf8", 0, length).trimEnd().split("\n").slice(-20).join("\n") || undefined;
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Where the file is when no directory that the command could replace has become a link. */
function placeOf(file: string, outdir: string): string {
  const ours = file.startsWith(`${outdir}/`) ? outdir : dirname(file);
  return realpathSync(ours) + file.slice(ours.length);
}

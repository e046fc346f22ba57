import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Job } from "@causeway/cwl";
import type { JobResult } from "@causeway/executors";
import { openOwn, streamLogs } from "./job-logs.ts";
import { removeTree } from "./remove-tree.ts";

/** What is left of a log that is cut: enough to see how the job began. */
const LOG_BYTES = 2 ** 20;
const CUT = "\n... cut here by the platform: the disk was full\n";

/**
 * Writes down that a job failed, and makes room for that where the disk is full: the job itself may have filled it, and
 * would hold its room for ever while the platform waits to let go of it. The work may be done twice.
 */
export async function withRoomMade<T>(job: Job, isFull: (error: unknown) => boolean, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isFull(error)) throw error;
    await makeRoom(job);
    return work();
  }
}

export const filledTheDisk = (end: JobResult): boolean => end.is === "killed" && end.why === "disk full";

/** Removes what the job has written, but for the beginnings of its logs. */
export async function makeRoom(job: Job): Promise<void> {
  const logs = await Promise.all(streamLogs(job).map(async ({ path }) => ({ path, bytes: await beginningOf(job, path) })));
  for (const path of [job.tmpdir.host, job.outdir.host, ...logs.map((log) => log.path)]) await removeTree(path);
  for (const { path, bytes } of logs) {
    if (!bytes) continue;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes, { flag: "wx" });
  }
}

async function beginningOf(job: Job, path: string): Promise<Buffer | undefined> {
  const file = await openOwn(job, path);
  if (!file) return undefined;
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(LOG_BYTES), 0, LOG_BYTES, 0);
    const isCut = (await file.stat()).size > bytesRead;
    return Buffer.concat([buffer.subarray(0, bytesRead), Buffer.from(isCut ? CUT : "")]);
  } finally {
    await file.close();
  }
}

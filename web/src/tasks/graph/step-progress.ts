import type { JobLine } from "@causeway/contract/client";

/** How the jobs of one step stand, those of steps within it included. */
export interface StepProgress {
  total: number;
  done: number;
  running: number;
  failed: number;
  waiting: number;
  reused: number;
}

export type StepState = "none" | "waiting" | "running" | "done" | "failed";

/** By the step's id; a step without jobs is not in it. */
export function progressOf(jobs: readonly JobLine[]): ReadonlyMap<string, StepProgress> {
  const found = new Map<string, StepProgress>();
  for (const job of jobs) {
    // `align.sort` counts for `align`, too.
    for (let step = job.step; step !== ""; step = step.includes(".") ? step.slice(0, step.lastIndexOf(".")) : "") {
      let progress = found.get(step);
      if (!progress) {
        progress = { total: 0, done: 0, running: 0, failed: 0, waiting: 0, reused: 0 };
        found.set(step, progress);
      }
      progress.total += 1;
      if (job.status === "COMPLETED") progress.done += 1;
      else if (job.status === "RUNNING") progress.running += 1;
      else if (job.status === "QUEUED") progress.waiting += 1;
      else progress.failed += 1;
      if (job.reused) progress.reused += 1;
    }
  }
  return found;
}

export function stateOf(progress: StepProgress | undefined): StepState {
  if (!progress) return "none";
  if (progress.failed > 0) return "failed";
  if (progress.running > 0) return "running";
  return progress.done === progress.total ? "done" : "waiting";
}

/** `3 of 10 done, 2 running` */
export function progressInWords(progress: StepProgress | undefined): string {
  if (!progress) return "no jobs yet";
  const { total, done, running, failed, reused } = progress;
  const parts = [
    total === 1 ? "" : `${done} of ${total} done`,
    running > 0 ? (total === 1 ? "running" : `${running} running`) : "",
  ];
  if (failed > 0) parts.push(total === 1 ? "failed" : `${failed} failed`);
  if (total === 1 && done === 1) parts.push("done");
  if (total === 1 && progress.waiting === 1) parts.push("waiting");
  if (reused > 0) parts.push(total === 1 ? "results reused" : `${reused} reused`);
  return parts.filter((part) => part !== "").join(", ");
}

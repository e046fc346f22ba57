import type { JobResult, JobSpec } from "@causeway/executors";

/** What a machine has for jobs. */
export interface Capacity {
  cores: number;
  ramMiB: number;
}

interface Waiting {
  need: Capacity;
  start: () => void;
  signal: AbortSignal;
}

/** Runs the command of a job to its end. When `signal` aborts, every process of it is ended. */
export type RunCommand = (job: JobSpec, signal: AbortSignal) => Promise<JobResult>;

/**
 * The same, with jobs waiting until the cores and the memory they ask for are free, first come, first served: a large job is
 * not overtaken for ever. A job that asks for more than there is runs alone.
 */
export function withinCapacity(run: RunCommand, capacity: Capacity): RunCommand {
  const free = { ...capacity };
  const queue: Waiting[] = [];

  function startWaiting(): void {
    while (queue[0] && (queue[0].signal.aborted || fits(queue[0].need))) {
      const { need, start } = queue.shift()!;
      free.cores -= need.cores;
      free.ramMiB -= need.ramMiB;
      start();
    }
  }
  const fits = (need: Capacity) => need.cores <= free.cores && need.ramMiB <= free.ramMiB;

  return async (job, signal) => {
    const need = {
      cores: Math.min(job.resources.cores, capacity.cores),
      ramMiB: Math.min(job.resources.ramMiB, capacity.ramMiB),
    };
    await new Promise<void>((start) => {
      queue.push({ need, start, signal });
      startWaiting();
    });
    try {
      return await run(job, signal);
    } finally {
      free.cores += need.cores;
      free.ramMiB += need.ramMiB;
      startWaiting();
    }
  };
}

import type { Executor, JobResult, JobSpec } from "@causeway/executors";
import type { RunCommand } from "./capacity.ts";
import type { JobProgress, JobWatch } from "./job-watch.ts";

/**
 * Runs the commands of staged jobs on the agent's host. Safe for concurrent use. Two kinds: commands that outlive the agent
 * and are found again by the next, and commands that end with it.
 */
export interface Commands {
  /** Whether the command was started before, here or by an agent that died: its directories must not be made anew then. */
  has(id: string): Promise<boolean>;
  /** Hands the command over; it may wait for free cores first. The same id again starts nothing. */
  start(job: JobSpec, signal: AbortSignal): Promise<void>;
  /** How the command ended, when it has. */
  end(id: string, progress: JobProgress, signal: AbortSignal): Promise<JobResult>;
  /** Ends every process of the job and frees what the host holds for it; its id is not used again. May be repeated. */
  remove(id: string): Promise<void>;
}

/**
 * Commands that an executor runs: they go on whatever becomes of the agent, and when `signal` of `end` aborts. That only
 * stops the waiting, which rejects with the signal's reason.
 */
export function durableCommands(executor: Executor, watch: JobWatch): Commands {
  return {
    async has(id) {
      const status = (await executor.poll([id])).get(id);
      return status !== undefined && status.is !== "lost";
    },
    async start(job) {
      await executor.submit(job);
    },
    end: (id, progress, signal) => watch.end(id, progress, signal),
    remove: (id) => executor.remove(id),
  };
}

/** Commands that are children of this process, and are ended when the signal of `start` aborts: they are `killed: aborted`. */
export function childCommands(run: RunCommand): Commands {
  const running = new Map<string, Promise<JobResult>>();
  return {
    has: async (id) => running.has(id),
    async start(job, signal) {
      const end = run(job, signal);
      end.catch(() => {}); // told by `end`
      running.set(job.id, end);
    },
    end: (id) => running.get(id) ?? Promise.resolve({ is: "lost", why: "it was not started" }),
    async remove(id) {
      running.delete(id);
    },
  };
}

import { availableParallelism } from "node:os";
import pLimit from "p-limit";
import type { JobRunner } from "../job.ts";
import { type RunTool, runTool, type ToolContext } from "../jobs/index.ts";
import { type ReuseDecision, type ReuseStore, reusing } from "../reuse/index.ts";

/** How tools run at once on this machine; of `allowInplaceUpdate` and `machine` see `JobOptions`. */
export interface LocalToolsOptions extends Pick<ToolContext, "allowInplaceUpdate" | "machine"> {
  /** What does the jobs. */
  runner: JobRunner;
  /** A directory for the jobs' own directories; exists, nobody else uses it, and the caller removes it. */
  workDirectory: string;
  /** Cores that jobs may use together. Default: all of this machine. Of jobs that wait for them only a few more are prepared. */
  cores?: number;
  /** Results of earlier jobs, used in place of running the same job again; what succeeds is added. */
  reuse?: ReuseStore;
  /** Told whether a job had to run, where earlier results may be used. */
  onReuse?: (decision: ReuseDecision) => void;
}

/**
 * Runs tools in memory, for `runDocument`: nothing is recorded but results in `reuse`, and what runs ends with this process.
 * Their outputs stay in `workDirectory`.
 */
export function localTools({
  runner,
  workDirectory,
  cores = availableParallelism(),
  reuse,
  onReuse,
  ...more
}: LocalToolsOptions): RunTool {
  const run = reuse ? reusing(reuse, runTool, (decision) => onReuse?.(decision)) : runTool;
  // Being prepared, running or being collected: more than can run, so that none waits for its preparation.
  const inTurn = pLimit(4 * Math.ceil(cores) + 8);
  let jobs = 0;
  return (tool, given, call) =>
    inTurn(() => {
      const id = `job-${++jobs}`;
      return run(tool, given, { ...call, ...more, runner, id, directory: `${workDirectory}/${id}` });
    });
}

import type { Job, JobResult } from "../job.ts";

type Killed = Extract<JobResult, { is: "killed" }>;

/** Why a command was ended, for people: which limit, its figure and where that comes from, and what to ask for. */
export function killReason(
  { why, limit }: Pick<Killed, "why" | "limit">,
  job: Pick<Job, "resources" | "timeLimitSeconds">,
): string {
  switch (why) {
    case "aborted":
      return "aborted";
    case "time limit":
      return `it ran longer than its limit of ${limit ?? job.timeLimitSeconds} s; ask for more with ToolTimeLimit`;
    case "out of memory":
      return memoryReason(limit, job.resources);
    case "disk limit":
      return diskReason(limit, job.resources.asked);
    case "too many files":
      return limited("made", limit, "files", "in its directories here", "CAUSEWAY_JOB_FILES");
    case "too many processes":
      return limited("wanted", limit, "processes and threads", "here", "CAUSEWAY_JOB_PROCESSES");
    case "disk full":
      return "the disk that it wrote to is full";
  }
}

/** Of a limit that operators set for all jobs alike; without a figure it is none of theirs. */
function limited(did: string, limit: number | undefined, what: string, where: string, setting: string): string {
  if (limit === undefined) return `it ${did} more ${what} than a job may have ${where}`;
  return `it ${did} more than the ${limit} ${what} that a job may have ${where}; operators set that number (${setting})`;
}

function memoryReason(limit: number | undefined, { ramMiB, asked }: Job["resources"]): string {
  if (limit === undefined) return `out of memory, with ${ramMiB} MiB asked for`;
  const advice = "ask for more with ResourceRequirement ramMin";
  if (asked?.ramMiB === undefined) return `out of memory: it was allowed ${limit} MiB, all that its instance has; ${advice}`;
  if (limit < asked.ramMiB)
    return `out of memory: it was allowed ${limit} MiB, all that its instance has; ask for a larger instance`;
  return `out of memory: it was allowed ${limit} MiB (${asked.ramFrom}); ${advice}`;
}

function diskReason(limit: number | undefined, asked: Job["resources"]["asked"]): string {
  const wrote = `it wrote more than the ${limit} MiB that it was allowed, counting files with holes whole`;
  if (limit === asked?.outdirMiB) return `${wrote} (outdirMax); ask for more with ResourceRequirement outdirMax`;
  if (limit === asked?.tmpdirMiB) return `${wrote} (tmpdirMax); ask for more with ResourceRequirement tmpdirMax`;
  return `${wrote}, its instance's disk; ask for an instance with a larger disk`;
}

import type { CommandLineTool, Job, JobFailure, Outputs } from "@causeway/cwl";
import type { JobLimits, JobResult, JobShare, JobSpec } from "@causeway/executors";
import type { StoredBytes } from "@causeway/storage";

/**
 * One job as an agent gets it: everything that it needs to know. Plain data, which goes through JSON and back unchanged
 * (`parseExactJson` of the engine keeps the digits of a `long`).
 *
 * `job.id` is unique among the jobs of an agent. The same order may be given again, also to another agent that shares the
 * host's directories: the job is started once.
 */
export interface AgentOrder {
  tool: CommandLineTool;
  /** With all paths on the agent's host: `staged` and `mounts` name inputs that it sees there. */
  job: Job;
  /** The image to run the command in; absent: this host's programs. Archives are named as the agent's host knows them. */
  image?: NonNullable<JobSpec["image"]>;
  /** Whether the command may reach the network. */
  network: boolean;
  /** Whose the job is, where jobs wait for free cores. */
  share?: JobShare;
  /** What the job may not exceed; what is staged for it is not counted. */
  limits?: JobLimits;
  /** The outputs that an agent had found before it died, so that they are not looked for once more. */
  found?: Outputs;
  /** Whether a job that was lost, or failed and may succeed the next time, is not given again. */
  isLast: boolean;
}

/** How a job ended. Plain data, as the order is. */
export type AgentResult = CompletedJob | FailedJob;

interface AnyEnd {
  /** How the command ended; `lost` also for one that was never started. */
  end: JobResult;
  /** The digest of the image that it ran in. Null on this host's programs, and where it cannot be told. */
  imageDigest: string | null;
  /** Its logs. None without a platform, and of a job that will be given again. */
  logs: JobLog[];
}

export interface CompletedJob extends AnyEnd {
  is: "completed";
  /** Files are where they lie on the agent's host. */
  outputs: Outputs;
}

export interface FailedJob extends AnyEnd {
  is: "failed";
  /** `temporary`: the same job may succeed when it is given again. */
  failure: JobFailure;
}

/** Outputs that lie nowhere: their Files are at `blob:<key>`, their Directories are listings of such Files. */
export interface StoredOutputs {
  outputs: Outputs;
  /** All their bytes by the path on the agent's host from which they were taken. */
  bytes: { [path: string]: StoredBytes };
}

/** What the location of a File begins with that is a blob of the platform's: `blob:<key>`. */
export const BLOB = "blob:";

/** A log of a job that has ended: a small one comes along, a larger one is stored. */
export type JobLog = StoredLog | SmallLog;

/** A log as it is, in base64, under its name, which may be a path. */
export interface SmallLog {
  name: string;
  base64: string;
}

/** Bytes of a log under its name, which may be a path. */
export interface StoredLog {
  name: string;
  bytes: StoredBytes;
}

import { posix } from "node:path";

import type { SharePath } from "./share-tree.ts";

/**
 * One command, ready to run: what an executor gets. Plain data, so that it can be stored and read again after a
 * restart. The CWL engine's job has every member named here; an executor knows nothing of CWL.
 */
export interface JobSpec {
  /** Unique among the jobs of an executor: letters, digits, `.`, `_`, `-`, at most 200; the first no sign. */
  id: string;
  /** For people, e.g. `align.sort[3]`. */
  name: string;
  /** The program and its arguments. A name without `/` is looked up in the `PATH` of `env`. */
  argv: string[];
  /** The whole environment of the command. A container engine may add what its image brings, bubblewrap adds `PWD`. */
  env: Record<string, string>;
  /** The working directory: where it is on this host, and the path under which the command sees it. */
  outdir: HostPath;
  /** Scratch space, the same way. */
  tmpdir: HostPath;
  /** What else the command must see; nothing else of the host's data is visible where a wrapper isolates. */
  mounts: Mount[];
  /** Files on this host. Without `stdin` the command reads nothing. For absent `stdout`, `stderr` see who runs the job. */
  stdin?: string;
  stdout?: string;
  stderr?: string;
  image?: { docker: ImageRequirement; required: boolean };
  /** What the job asks for; it is reserved while the job runs. */
  resources: { cores: number; ramMiB: number };
  /** Whose it is: decides which of the jobs that wait comes next. Jobs without it share one place among the others. */
  share?: JobShare;
  limits?: JobLimits;
  /** Seconds of wall time; absent or 0: no limit. */
  timeLimitSeconds?: number;
  /** Whether the command may reach the network. */
  network: boolean;
}

/** Whose a job is. */
export interface JobShare {
  /** Among whom the machine is shared: billing group, project, user, task. */
  path: SharePath;
  /** Whoever it runs for. A user with nothing running need not wait for a free core with a first job. */
  user?: string;
  /** Jobs of one path start in this order; those that are alike in the order in which they came. */
  order?: number;
}

export interface HostPath {
  host: string;
  path: string;
}

export interface Mount {
  /** An absolute path on this host. */
  source: string;
  /** The absolute path under which the command sees it; equal to `source` where nothing wraps the command. */
  target: string;
  writable: boolean;
}

/** What a job may not exceed. Absent: no limit of the job's own. */
export interface JobLimits {
  /** Of all the job's processes together, where the system has control groups; else of each process. */
  memoryMiB?: number;
  /** Processes and threads at once. */
  processes?: number;
  /**
   * What may be in the working directory, in the scratch space, and in both together with the files of the streams. A
   * file with holes counts as if it had none. No single file can become larger; what many have together is looked at
   * once a second.
   */
  outdirMiB?: number;
  tmpdirMiB?: number;
  diskMiB?: number;
  /** Files, directories and links in the working directory and the scratch space together. */
  files?: number;
  /** What was put into the working directory before the start, and does not count. */
  staged?: { bytes: number; files: number };
}

/** CWL's DockerRequirement: which image, and where it comes from. */
export interface ImageRequirement {
  dockerPull?: string;
  dockerLoad?: string;
  dockerFile?: string;
  dockerImport?: string;
  dockerImageId?: string;
  dockerOutputDirectory?: string;
}

/** What a job used. Times are ISO 8601 in UTC; what could not be known is absent. */
export interface JobUsage {
  startedAt: string;
  endedAt: string;
  wallSeconds: number;
  /** User and system time of the job's processes. */
  cpuSeconds?: number | undefined;
  /** The most that all processes held at once; with control groups that includes page cache charged to the job. */
  peakMemoryBytes?: number | undefined;
}

/**
 * How a job ended. A command that fails is an exit code, not an exception: 128 + n for one ended by signal n,
 * 127 for a program that is not there, 126 for one that cannot be run. `lastLines`: the end of its standard error, for people,
 * unless it succeeded or was aborted.
 */
export type JobResult =
  | { is: "exited"; code: number; usage: JobUsage; lastLines?: string }
  | { is: "killed"; why: KillReason; usage: JobUsage; limit?: number; lastLines?: string }
  | { is: "lost"; why: string };

/** Why a job was ended. Where it was a limit, `limit` is its figure: in MiB, files, processes or seconds. */
export type KillReason =
  | "out of memory"
  | "time limit"
  | "disk limit"
  | "too many files"
  | "too many processes"
  | "disk full"
  | "aborted";

/** Where a job stands. `waiting` says for what, `running` since when (ISO 8601); the others are final. */
export type JobStatus = { is: "waiting"; reason: string } | { is: "running"; since: string } | JobResult;

/** Refuses ids that could leave the directory of jobs or be mistaken for an option. */
export function refuseBadJobId(id: string): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/.test(id)) throw new Error(`not a job id: ${JSON.stringify(id)}`);
}

/**
 * Refuses paths of the job's view that are not plainly absolute: `..` in them would lead a container engine, which is at
 * work on the host's directories while it puts up the walls, to places of the host.
 */
export function refuseOddPaths({ outdir, tmpdir, mounts }: JobSpec): void {
  for (const path of [outdir.path, tmpdir.path, ...mounts.map(({ target }) => target)])
    if (!path.startsWith("/") || posix.normalize(path) !== path || path === "/")
      throw new Error(`not a path of a job: ${JSON.stringify(path)}`);
}

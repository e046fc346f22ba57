import type { CommandLineTool, Evaluator, Inputs, Outputs, Runtime } from "./model.ts";

/**
 * One command of a task, ready to be handed to whatever runs it. Plain data. The engine builds it from a tool and its
 * inputs; the command line and the server translate it for an executor, which knows nothing of CWL.
 */
export interface Job {
  /** Unique; also the name of the job's directory. */
  id: string;
  /** The step path and scatter index for people, e.g. `align.sort[3]`. */
  name: string;
  /** The command with paths as the tool sees them. With a shell requirement: `["/bin/sh", "-c", line]`. */
  argv: string[];
  /** Everything of the environment beyond what the wrapper sets; HOME and TMPDIR are included. */
  env: Record<string, string>;
  /** The output directory: where it is on this host, and the path under which the tool sees it (its working directory). */
  outdir: { host: string; path: string };
  tmpdir: { host: string; path: string };
  /** Everything of the job on this host is below it: `outdir`, `tmpdir`, staged inputs. */
  directory: string;
  /** What must be on disk before the command starts; `stage` puts it there. */
  staged: StagedEntry[];
  /** What else must be visible: `source` on this host appears at `target`. Equal where nothing wraps the command. */
  mounts: Mount[];
  /** Files on this host. Absent stdout/stderr: kept by the executor as the job's log. */
  stdin?: string;
  stdout?: string;
  stderr?: string;
  image?: { docker: NonNullable<CommandLineTool["requirements"]["docker"]>; required: boolean };
  resources: { cores: number; ramMiB: number; tmpdirMiB: number; outdirMiB: number; asked?: AskedLimits };
  /** Seconds; absent: no limit. */
  timeLimitSeconds?: number;
  network: boolean;
  /** The resolved inputs and runtime, kept for the outputs' expressions. */
  inputs: Inputs;
  runtime: Runtime;
}

/** The most that a job asks for, in MiB, as far as its tool says so: what it may be held to. */
export interface AskedLimits {
  ramMiB?: number;
  /** What says so: `ramMax`, else `ramMin` or `sbg:MemRequirement`. */
  ramFrom?: string;
  /** `outdirMax`, `tmpdirMax`. */
  outdirMiB?: number;
  tmpdirMiB?: number;
}

/** `source` on this host appears to the tool at `target`. Parents of `target` may not exist in the image. */
export interface Mount {
  source: string;
  target: string;
  writable: boolean;
}

/**
 * One thing of a job's directory, at the host path `at`. `link`: a symbolic link to that host path. `share`: the bytes
 * of that file or tree for reading only, so a hard link will do. `copy`: bytes of its own, which the tool may change.
 */
export type StagedEntry = { at: string } & (
  | { is: "link"; source: string }
  | { is: "share"; source: string }
  | { is: "copy"; source: string }
  | { is: "text"; text: string }
  | { is: "directory" }
);

/**
 * How a job ended. A command that fails is an exit code, not an exception. `lastLines`: the end of its standard error
 * for people, which the runner alone reads: the command may have put anything in the place of that file.
 */
export type JobResult =
  | { is: "exited"; code: number; usage: JobUsage; lastLines?: string }
  | { is: "killed"; why: KillReason; usage: JobUsage; limit?: number; lastLines?: string }
  | { is: "lost"; why: string };

/** `limit` of a result is the figure of the limit that it was: in MiB, files, processes or seconds. */
export type KillReason =
  | "out of memory"
  | "time limit"
  | "disk limit"
  | "too many files"
  | "too many processes"
  | "disk full"
  | "aborted";

/** `wallSeconds`, `cpuSeconds` (user and system), `peakMemoryBytes` of all the job's processes. */
export interface JobUsage {
  startedAt: string;
  endedAt: string;
  wallSeconds: number;
  cpuSeconds?: number;
  peakMemoryBytes?: number;
}

/** In what the commands of a run are wrapped. */
export interface CommandWrapping {
  /**
   * Whether commands are wrapped in a container engine, so that inputs appear under paths of their own. `images`: only
   * the commands of tools that name an image are.
   */
  readonly wraps: "none" | "images" | "container";
  /**
   * The digest of the image that a tool names, which is brought here for it. Absent where the runner cannot tell: then
   * results are kept under the image's name, whatever it comes to mean.
   */
  imageDigest?(docker: NonNullable<CommandLineTool["requirements"]["docker"]>, signal: AbortSignal): Promise<string>;
}

/**
 * Does jobs, each to its outputs: stages it (`stage`), runs its command to the end, and collects what that left
 * (`successfulCode`, `collectOutputs`).
 */
export interface JobRunner extends CommandWrapping {
  /** @throws JobError for everything the author or user of the tool can act on */
  run(job: Job, context: JobRunContext): Promise<Outputs>;
}

/** What a job is done with: its tool, and what evaluates the expressions of its outputs. */
export interface JobRunContext {
  tool: CommandLineTool;
  evaluator: Evaluator;
  signal: AbortSignal;
}

import { posix } from "node:path";
import type { Job, JobRunner } from "../job.ts";
import type { CommandLineTool, Evaluator, Expression, Inputs, Value } from "../model.ts";
import { commandLine, wordOf } from "./command-line.ts";
import { createScope, type ExpressionScope } from "./expression-scope.ts";
import {
  type JobDirectories,
  jobDirectoriesIn,
  locationsByPath,
  placeInputs,
  type StagingPlan,
  stageInputs,
} from "./job-directories.ts";
import { JobError, shown } from "./job-error.ts";
import type { MayRead } from "./normal-entry.ts";
import { type Machine, refuseBeyond, resourcesOf, runtimeOf } from "./resources.ts";
import { movedInputs, stageWorkDir, workDirItems } from "./work-dir.ts";

/** What a job is made of besides its tool and inputs. */
export interface JobOptions {
  /** Unique; safe as a file name. */
  id: string;
  /** The step path and scatter index for people. */
  name: string;
  /** The job's directory on this host; need not exist. An absolute path, best without blanks. */
  directory: string;
  wraps: JobRunner["wraps"];
  evaluator: Evaluator;
  /**
   * Obeys InplaceUpdateRequirement, so that the tool changes the file it was given. Off, it gets a copy: the platform's
   * stored files never change (execution-hints.md §8).
   */
  allowInplaceUpdate?: boolean;
  /** Of what InitialWorkDirRequirement names; see `BindingContext`. */
  mayRead?: MayRead;
  /** Refuses a job that requires more than this. Absent: whoever runs the job decides. */
  machine?: Machine | undefined;
}

/**
 * The job of a tool for inputs that `bindInputs` made: command, environment, resources, and what must be staged.
 * Nothing is written to the disk. The job is plain data, so that another process can stage, run and collect it.
 *
 * @throws JobError naming the expression or place that cannot be used.
 */
export async function prepareJob(tool: CommandLineTool, inputs: Inputs, setting: JobOptions): Promise<Job> {
  const docker = tool.requirements.docker ?? tool.hints.docker;
  const wrapped = setting.wraps === "container" || (setting.wraps === "images" && docker !== undefined);
  const workplace = jobDirectoriesIn(setting.directory, wrapped ? "container" : "none", docker?.dockerOutputDirectory);
  const placed = placeInputs(inputs, workplace);
  const { outdir, tmpdir } = workplace;

  const resources = await resourcesOf(tool, createScope(tool, setting.evaluator, placed, {}));
  if (setting.machine) refuseBeyond(setting.machine, tool, resources);
  const runtime = runtimeOf(resources, outdir.path, tmpdir.path);

  const plan: StagingPlan = { staged: [], mounts: [] };
  const inplace =
    setting.allowInplaceUpdate === true && (tool.requirements.inplaceUpdate ?? tool.hints.inplaceUpdate)?.inplaceUpdate === true;
  const items = await workDirItems({
    tool,
    scope: createScope(tool, setting.evaluator, placed, runtime),
    workplace,
    inplace,
    known: locationsByPath(placed),
    mayRead: setting.mayRead,
  });
  const { inputs: final, isMoved } = movedInputs(placed, items);
  stageInputs(final, workplace, plan, isMoved);
  stageWorkDir(items, workplace, inplace, plan);

  const scope = createScope(tool, setting.evaluator, final, runtime);
  const job: Job = {
    id: setting.id,
    name: setting.name,
    argv: await commandLine(tool, scope),
    env: await environment(tool, scope, workplace),
    directory: setting.directory,
    outdir,
    tmpdir,
    staged: plan.staged,
    mounts: plan.mounts,
    ...(docker && { image: { docker, required: tool.requirements.docker !== undefined } }),
    resources,
    network: await networkOf(tool, scope),
    inputs: final,
    runtime,
  };
  if (job.argv.length === 0)
    throw new JobError("command", "baseCommand", "the tool has no command: neither baseCommand nor arguments");
  if (tool.stdin !== undefined) job.stdin = await stdinOf(tool.stdin, scope, job);
  if (tool.stdout !== undefined) job.stdout = await streamOf("stdout", tool.stdout, scope, workplace);
  if (tool.stderr !== undefined) job.stderr = await streamOf("stderr", tool.stderr, scope, workplace);
  for (const stream of [job.stdout, job.stderr]) {
    const directory = stream && posix.dirname(stream);
    if (directory && directory !== outdir.host) plan.staged.push({ at: directory, is: "directory" });
  }
  const limit = await timeLimitOf(tool, scope);
  if (limit !== undefined) job.timeLimitSeconds = limit;
  return job;
}

/** HOME is the output directory, TMPDIR the temporary one (CWL v1.2 §Runtime environment), then EnvVarRequirement. */
async function environment(
  tool: CommandLineTool,
  scope: ExpressionScope,
  { outdir, tmpdir }: JobDirectories,
): Promise<Record<string, string>> {
  const env: Record<string, string> = { HOME: outdir.path, TMPDIR: tmpdir.path };
  for (const source of [tool.hints.envVar, tool.requirements.envVar]) {
    for (const { name, value } of source ?? []) {
      const place = `EnvVarRequirement.${name}`;
      if (name === "" || /[=\0]/.test(name)) throw new JobError("command", place, `${shown(name)} is no name of a variable`);
      const found = await scope.evaluate(value, null, place);
      env[name] = found === null ? "" : wordOf(found, place);
    }
  }
  return env;
}

/** CWL v1.2 §NetworkAccess: none unless asked. */
async function networkOf(tool: CommandLineTool, scope: ExpressionScope): Promise<boolean> {
  const asked = (tool.requirements.networkAccess ?? tool.hints.networkAccess)?.networkAccess;
  if (asked === undefined) return false;
  if (typeof asked === "boolean") return asked;
  const value = await scope.evaluate(asked, null, "NetworkAccess.networkAccess");
  if (typeof value === "boolean") return value;
  throw new JobError(
    "expression",
    "NetworkAccess.networkAccess",
    `${shown(asked)} gave ${shown(value)}, and a boolean is needed`,
  );
}

/** CWL v1.2 §ToolTimeLimit: seconds; 0 is no limit, a negative one is an error. */
async function timeLimitOf(tool: CommandLineTool, scope: ExpressionScope): Promise<number | undefined> {
  const asked = (tool.requirements.toolTimeLimit ?? tool.hints.toolTimeLimit)?.timelimit;
  if (asked === undefined) return undefined;
  const value = typeof asked === "string" ? await scope.evaluate(asked, null, "ToolTimeLimit.timelimit") : asked;
  const seconds = typeof value === "string" ? Number(value) : value;
  if (typeof seconds !== "number" || !(seconds >= 0)) {
    throw new JobError("expression", "ToolTimeLimit.timelimit", `${shown(value)} is no time: seconds, 0 or more, are needed`);
  }
  return seconds === 0 ? undefined : seconds;
}

/** The host path of the file that the tool reads as its standard input. */
async function stdinOf(text: Expression, scope: ExpressionScope, job: Job): Promise<string> {
  const value = await scope.evaluate(text, null, "stdin");
  const path = wordOf(value as Value, "stdin");
  const absolute = posix.resolve(job.outdir.path, path);
  const host = hostPathOf(job, absolute);
  if (host === undefined) throw new JobError("command", "stdin", `${shown(path)} is no input of the tool`);
  return host;
}

/**
 * Where on this host a path of the tool is: in the output directory or what is mounted. Undefined for everything else.
 */
function hostPathOf(job: Pick<Job, "outdir" | "tmpdir" | "mounts">, path: string): string | undefined {
  // The longest target wins: an input mounted into the output directory is not what lies under it.
  let best: { source: string; target: string } | undefined;
  for (const mount of [...job.mounts, { source: job.outdir.host, target: job.outdir.path }]) {
    if (path !== mount.target && !path.startsWith(`${mount.target}/`)) continue;
    if (!best || mount.target.length > best.target.length) best = mount;
  }
  return best && best.source + path.slice(best.target.length);
}

/** Whether the host's file systems would refuse the path (NAME_MAX, PATH_MAX), in bytes. */
function isTooLong(path: string): boolean {
  return Buffer.byteLength(path) > 4000 || path.split("/").some((part) => Buffer.byteLength(part) > 255);
}

/**
 * The host path of the file for standard output or error. Names that leave the output directory are refused; the
 * specification (§CommandLineTool.stdout) makes any slash an error, but the reference runner and documents written for
 * it use subdirectories.
 */
async function streamOf(
  stream: "stdout" | "stderr",
  text: Expression,
  scope: ExpressionScope,
  { outdir }: JobDirectories,
): Promise<string> {
  const value = await scope.evaluate(text, null, stream);
  if (typeof value !== "string" || value === "")
    throw new JobError("expression", stream, `${shown(text)} gave ${shown(value)}, no file name`);
  const name = posix.normalize(value);
  if (
    name.startsWith("/") ||
    name === "." ||
    name === ".." ||
    name.startsWith("../") ||
    name.endsWith("/") ||
    name.includes("\0")
  ) {
    throw new JobError("command", stream, `${shown(value)} is no name of a file in the output directory`);
  }
  if (isTooLong(`${outdir.host}/${name}`))
    throw new JobError("command", stream, `${shown(value)} is too long for a name of a file`);
  return `${outdir.host}/${name}`;
}

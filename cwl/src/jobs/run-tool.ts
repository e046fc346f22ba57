import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from "node:fs";
import type { Job, JobResult, JobRunner } from "../job.ts";
import type { CommandLineTool, Inputs, Outputs } from "../model.ts";
import { meaningOf } from "./exit-code.ts";
import { dirOf } from "./file-value.ts";
import { type BindingContext, bindInputs } from "./input-binding.ts";
import { JobError, naming } from "./job-error.ts";
import { killReason } from "./kill-reason.ts";
import { type JobSetting, prepareJob } from "./prepare.ts";

/** How much of a failed command's standard error a message carries. */
const LAST_LINES = 20;
const LAST_BYTES = 8 * 1024;

/** What the run of a document says of a tool that is to run, besides the tool and its inputs. */
export interface ToolCall extends BindingContext {
  /** The step path and scatter index, `align.sort[3]`; `job` for a document that is one tool. The same in every run of it. */
  name: string;
  signal: AbortSignal;
}

/** Runs one tool to its outputs. @throws JobError for everything the author or user of the tool can act on */
export type RunTool<Call extends ToolCall = ToolCall> = (tool: CommandLineTool, given: Inputs, call: Call) => Promise<Outputs>;

/** Everything that `runTool` needs besides the tool and its inputs. */
export interface ToolContext extends ToolCall, Omit<JobSetting, "wraps"> {
  runner: JobRunner;
  /** Told when the job is built. */
  observe?: (job: Job) => void;
}

/**
 * Runs a tool to its outputs: binds the inputs, prepares the job, and has it done.
 *
 * @throws JobError for everything the author or user of the tool can act on; its message begins with the job's name. Of
 * kind `exit` when the command failed: `temporary` says that it may be tried again.
 */
export async function runTool(tool: CommandLineTool, given: Inputs, context: ToolContext): Promise<Outputs> {
  const { name, runner, evaluator, signal, observe } = context;
  return naming(name, async () => {
    const inputs = await bindInputs(tool, given, context);
    const job = await prepareJob(tool, inputs, { ...context, wraps: runner.wraps });
    observe?.(job);
    return runner.run(job, { tool, evaluator, signal });
  });
}

/**
 * The exit code of a command that succeeded (CWL v1.2 §CommandLineTool: successCodes, temporaryFailCodes,
 * permanentFailCodes; 0 succeeds unless a list says otherwise).
 *
 * @throws JobError of kind `exit` with the end of standard error when it failed.
 */
export function successfulCode(tool: CommandLineTool, job: Job, result: JobResult): number {
  if (result.is === "lost") throw new JobError("exit", "", `the job was lost: ${result.why}`, { temporary: true });
  if (result.is === "killed") {
    const message = `the command was ended: ${killReason(result, job)}${lastLines(job, undefined)}`;
    // When others have made room on the disk, the same command may succeed.
    throw new JobError("exit", "", message, { temporary: result.why === "disk full" });
  }
  const { code } = result;
  if (tool.successCodes.includes(code)) return code;
  const temporary = tool.temporaryFailCodes.includes(code);
  if (code === 0 && !temporary && !tool.permanentFailCodes.includes(code)) return code;
  const kind = temporary ? "temporarily" : "permanently";
  const why = `the command failed ${kind} with exit code ${code}${meaningOf(code, job, result.usage)}`;
  throw new JobError("exit", "", why + lastLines(job, result.lastLines), { temporary });
}

function lastLines(job: Job, kept: string | undefined): string {
  const text = kept ?? (job.stderr === undefined ? "" : endOfFile(job.stderr, job.outdir.host));
  const lines = text.trimEnd().split("\n").slice(-LAST_LINES).join("\n");
  return lines === "" ? "" : `; the end of its standard error:\n${lines}`;
}

/**
 * The command may have put anything in the place of the file, or of a directory above it: a link that leads out, a pipe
 * that keeps whoever opens it waiting. Its failure is told all the same, without these lines.
 */
function endOfFile(path: string, outdir: string): string {
  let descriptor: number | undefined;
  try {
    const ours = path.startsWith(`${outdir}/`) ? outdir : dirOf(path);
    if (realpathSync(path) !== realpathSync(ours) + path.slice(ours.length)) return "";
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) return "";
    const buffer = Buffer.alloc(Math.min(stats.size, LAST_BYTES));
    readSync(descriptor, buffer, 0, buffer.length, stats.size - buffer.length);
    return buffer.toString("utf8");
  } catch {
    return "";
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

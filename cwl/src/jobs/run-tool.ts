import type { Job, JobResult, JobRunner } from "../job.ts";
import type { CommandLineTool, Inputs, Outputs } from "../model.ts";
import { meaningOf } from "./exit-code.ts";
import { type BindingContext, bindInputs } from "./input-binding.ts";
import { JobError, naming } from "./job-error.ts";
import { killReason } from "./kill-reason.ts";
import { type JobOptions, prepareJob } from "./prepare.ts";

/** What the run of a document says of a tool that is to run, besides the tool and its inputs. */
export interface ToolCall extends BindingContext {
  /** The step path and scatter index, `align.sort[3]`; `job` for a document that is one tool. The same in every run of it. */
  name: string;
  signal: AbortSignal;
}

/** Runs one tool to its outputs. @throws JobError for everything the author or user of the tool can act on */
export type RunTool<Call extends ToolCall = ToolCall> = (tool: CommandLineTool, given: Inputs, call: Call) => Promise<Outputs>;

/** Everything that `runTool` needs besides the tool and its inputs. */
export interface ToolContext extends ToolCall, Omit<JobOptions, "wraps"> {
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
    const message = `the command was ended: ${killReason(result, job)}${told(result.lastLines)}`;
    // When others have made room on the disk, the same command may succeed.
    throw new JobError("exit", "", message, { temporary: result.why === "disk full" });
  }
  const { code } = result;
  if (tool.successCodes.includes(code)) return code;
  const temporary = tool.temporaryFailCodes.includes(code);
  if (code === 0 && !temporary && !tool.permanentFailCodes.includes(code)) return code;
  const kind = temporary ? "temporarily" : "permanently";
  const why = `the command failed ${kind} with exit code ${code}${meaningOf(code, job, result.usage)}`;
  throw new JobError("exit", "", why + told(result.lastLines), { temporary });
}

function told(lines = ""): string {
  return lines.trim() === "" ? "" : `; the end of its standard error:\n${lines.trimEnd()}`;
}

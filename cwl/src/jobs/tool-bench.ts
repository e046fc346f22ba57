import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { createEvaluator } from "../expressions/index.ts";
import type { Job, JobResult, JobRunner } from "../job.ts";
import type { CommandLineTool, FileValue, Inputs, Outputs, Value } from "../model.ts";
import { collectOutputs } from "./outputs.ts";
import { runTool, successfulCode, type ToolContext } from "./run-tool.ts";
import { stage } from "./staging.ts";

/** A tool with everything optional left out. */
export function tool(fields: Partial<CommandLineTool>): CommandLineTool {
  return {
    class: "CommandLineTool",
    id: "tool.cwl#main",
    cwlVersion: "v1.2",
    inputs: [],
    outputs: [],
    requirements: {},
    hints: {},
    baseCommand: [],
    arguments: [],
    successCodes: [],
    temporaryFailCodes: [],
    permanentFailCodes: [],
    ...fields,
  };
}

/** A shell line as a tool. */
export const script = (line: string, fields: Partial<CommandLineTool> = {}): CommandLineTool =>
  tool({ baseCommand: ["/bin/sh", "-c", line], ...fields });

/** Does jobs as an agent does, without all of its bookkeeping; commands run as they are. */
export const plainRunner: JobRunner = {
  wraps: "none",
  async run(job, { tool, evaluator, signal }) {
    await stage(job, { signal });
    const code = successfulCode(tool, job, await runCommand(job, signal));
    return collectOutputs(tool, job, code, { evaluator, signal });
  },
};

function runCommand(job: Job, signal: AbortSignal): Promise<JobResult> {
  const descriptors = [
    openSync(job.stdin ?? "/dev/null", "r"),
    openSync(job.stdout ?? "/dev/null", "w"),
    openSync(job.stderr ?? `${job.directory}/stderr`, "w"),
  ];
  const startedAt = new Date().toISOString();
  const [command, ...rest] = job.argv;
  const child = spawn(command as string, rest, {
    cwd: job.outdir.host,
    env: { PATH: process.env.PATH, ...job.env },
    stdio: descriptors as [number, number, number],
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    signal.addEventListener("abort", () => child.kill("SIGKILL"));
    if (signal.aborted) child.kill("SIGKILL");
    child.once("exit", (code) => {
      for (const descriptor of descriptors) closeSync(descriptor);
      const lastLines = job.stderr ? undefined : readFileSync(`${job.directory}/stderr`, "utf8");
      const usage = { startedAt, endedAt: new Date().toISOString(), wallSeconds: 0 };
      resolve({ is: "exited", code: code ?? 255, usage, ...(lastLines !== undefined && { lastLines }) });
    });
  });
}

/** A directory of its own for one test, with what running tools in it needs. */
export interface ToolBench {
  directory: string;
  context: ToolContext;
  /** The job of the last run. */
  lastJob(): Job;
  run(process: CommandLineTool, given?: Inputs, more?: Partial<ToolContext>): Promise<Outputs>;
}

export function toolBench(test: TestContext): ToolBench {
  const directory = mkdtempSync(join(tmpdir(), "cwl-jobs-"));
  const evaluator = createEvaluator();
  test.after(() => rmSync(directory, { recursive: true, force: true }));
  let job: Job | undefined;
  let runs = 0;
  const context: ToolContext = {
    evaluator,
    formats: {},
    runner: plainRunner,
    signal: new AbortController().signal,
    id: "job",
    name: "step",
    directory: "",
    observe: (prepared) => {
      job = prepared;
    },
  };
  return {
    directory,
    context,
    lastJob: () => job as Job,
    run: (process, given = {}, more = {}) =>
      runTool(process, given, { ...context, directory: `${directory}/jobs/${++runs}`, ...more }),
  };
}

/** The text of an output File. */
export const textOf = (file: Value | undefined): string => readFileSync(new URL((file as FileValue).location as string), "utf8");
export const file = (path: string, more: Partial<FileValue> = {}): FileValue => ({ class: "File", path, ...more });

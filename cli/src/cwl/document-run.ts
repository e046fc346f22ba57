import { readFileSync, statSync } from "node:fs";
import { mkdir, mkdtemp, readFile } from "node:fs/promises";
import { availableParallelism, tmpdir, totalmem } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import {
  type CompiledDocument,
  closeSandbox,
  createEvaluator,
  DirectoryReuseStore,
  type DirectoryValue,
  DocumentError,
  decimal,
  deliverOutputs,
  expandFormats,
  type FileValue,
  formatProblem,
  type Inputs,
  type JobOrder,
  jobOrderProblems,
  load,
  loadJobOrder,
  loadJobOrderText,
  loadLimitsIn,
  localTools,
  type Outputs,
  type Problem,
  type ReuseDecision,
  type ReuseStore,
  type RunEvent,
  rawJson,
  runDocument,
  validate,
  warmSandbox,
} from "@causeway/cwl";
import { makeTemporaryDirectory, sweepTemporaryDirectories } from "@causeway/executors";
import { type RunnerOptions, UsageError } from "./command-line.ts";
import { describeInputs, readInputOptions } from "./input-options.ts";
import { createJobRunner } from "./job-runner.ts";
import { removeRun } from "./removal.ts";

/**
 * Does what the command line asks with one document, and returns what belongs on standard output.
 *
 * @throws DocumentError, RunError, UsageError
 */
export async function runDocumentFile(options: RunnerOptions): Promise<string> {
  if (options.action === "validate") return validateFile(options.tool!, options.strict);
  const { order, tool } = await readOrderAndTool(options);
  if (mentionsJavascript(tool)) void warmSandbox();
  const limits = loadLimitsIn(process.env);
  const { strict } = options;
  const document = await load(tool, { limits, strict, demanded: order?.demanded, ...(!options.quiet && { onWarning: warn }) });
  if (options.action === "tool-help") return describeTool(document, tool);
  if (options.action === "make-template") {
    const { inputTemplate } = await import("./input-template.ts");
    return inputTemplate(document.process.inputs);
  }
  const given = readInputOptions(document.process.inputs, options.inputArguments);
  if (order) {
    const elsewhere = new Set(Object.keys(given));
    tellJobOrder(jobOrderProblems(order, document.process.inputs, elsewhere, notOnDisk), options);
  }
  return run(document, { ...expandFormats(order?.inputs ?? {}, document.namespaces), ...given }, options);
}

/** Why there is no such file on this machine. */
function notOnDisk({ class: kind, location }: FileValue | DirectoryValue): string | undefined {
  // What is no location of a file here is told when it is used.
  if (!location?.startsWith("file:///") || /%2f|%00/i.test(location)) return undefined;
  const path = fileURLToPath(location);
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return `there is no ${kind === "File" ? "file" : "directory"} ${path}`;
  if (kind === "Directory" ? found.isDirectory() : !found.isDirectory()) return undefined;
  return kind === "File" ? `${path} is a directory: write class: Directory` : `${path} is a file: write class: File`;
}

/** All that is wrong with the job order at once. @throws DocumentError */
function tellJobOrder(problems: readonly Problem[], { quiet }: RunnerOptions): void {
  if (problems.some(({ severity }) => severity === "error")) throw new DocumentError(problems);
  if (!quiet) problems.forEach(warn);
}

/** Whether it will probably need the sandbox, which then starts while the document is loaded. */
function mentionsJavascript(tool: string): boolean {
  const path = tool.split("#")[0]!;
  return (
    statSync(path, { throwIfNoEntry: false })?.isFile() === true &&
    readFileSync(path, "utf8").includes("InlineJavascriptRequirement")
  );
}

async function validateFile(tool: string, strict: boolean): Promise<string> {
  const problems = await validate(tool, { limits: loadLimitsIn(process.env), strict });
  if (problems.some(({ severity }) => severity === "error")) throw new DocumentError(problems);
  problems.forEach(warn);
  return `${tool} is valid CWL.\n`;
}

const warnOfScript = (warning: string): void => void process.stderr.write(`warning: ${warning}\n`);
const warn = (problem: Problem): void => void process.stderr.write(`${formatProblem(problem)}\n`);

async function run(document: CompiledDocument, inputs: Inputs, options: RunnerOptions): Promise<string> {
  const runner = await createJobRunner(document, options);
  // What runs that were killed have left goes while this one is at work.
  const sweeping = sweepTemporaryDirectories().catch(() => []);
  const workDirectory = await makeWorkDirectory(options);
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
  try {
    const runTool = localTools({
      runner,
      workDirectory,
      allowInplaceUpdate: true,
      ...(!options.allowFewerResources && { machine: thisMachine() }),
      ...(options.cores !== undefined && { cores: options.cores }),
      ...(options.cachedir !== undefined && { reuse: openCache(options.cachedir) }),
      ...(!options.quiet && { onReuse: report }),
    });
    const outputs = await runDocument(document, inputs, {
      runTool,
      signal: stop.signal,
      evaluator: createEvaluator({ strict: options.strict, ...(!options.quiet && { onWarning: warnOfScript }) }),
      ...(!options.quiet && { report }),
    });
    const delivered = await deliverOutputs(outputs, { destination: resolve(options.outdir), workDirectory });
    return `${showOutputs(delivered)}\n`;
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
    await Promise.all([runner.close(), closeSandbox()]);
    if (!options.leaveTmpdir) await removeRun(workDirectory);
    await sweeping;
  }
}

/** It is swept when this process is killed, unless its user wants to keep it or has named it. */
async function makeWorkDirectory({ tmpdirPrefix, leaveTmpdir }: RunnerOptions): Promise<string> {
  if (!tmpdirPrefix && !leaveTmpdir) return makeTemporaryDirectory("run");
  const prefix = tmpdirPrefix ? resolve(tmpdirPrefix) : join(tmpdir(), "causeway-run-");
  await mkdir(resolve(prefix, ".."), { recursive: true });
  return mkdtemp(prefix);
}

/** What a job can have here at most; in a container of limited memory that limit. */
function thisMachine() {
  const bytes = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
  const advice = "--allow-fewer-resources runs it with what there is";
  return { cores: availableParallelism(), ramMiB: Math.floor(bytes / 2 ** 20), advice };
}

function openCache(directory: string): ReuseStore {
  try {
    return new DirectoryReuseStore(resolve(directory));
  } catch (cause) {
    throw new UsageError(`--cachedir ${directory} cannot be used: ${(cause as Error).message}`, { cause });
  }
}

/**
 * The output object as JSON. Whole numbers are written in full: `1e+42` would be read back as a floating point number
 * next to it.
 */
function showOutputs(outputs: Outputs): string {
  const inFull = (_key: string, value: unknown) =>
    typeof value === "number" && Math.abs(value) >= 1e21 && Number.isFinite(value) ? rawJson(decimal(value)) : value;
  return JSON.stringify(outputs, inFull, 4);
}

/** Progress on standard error. A failure is told once, at the end. */
function report(event: RunEvent | ReuseDecision): void {
  if (event.is === "failed" || event.is === "gathered") return;
  const why = "why" in event ? `: ${event.why}` : "";
  process.stderr.write(`${event.name === "" ? "the document" : event.name} ${event.is}${why}\n`);
}

/** The tool's place may be taken by a job order that names its tool (`cwl:tool`, CWL v1.2 §Executing CWL documents). */
async function readOrderAndTool(options: RunnerOptions): Promise<{ order: JobOrder | undefined; tool: string }> {
  const order = await readJobOrder(options);
  const tool = options.tool!;
  if (order || !(await namesItsTool(tool))) return { order, tool };
  const whole = await readJobOrder({ ...options, jobOrder: tool });
  return { order: whole, tool: whole?.tool ?? tool };
}

async function namesItsTool(path: string): Promise<boolean> {
  if (!/\.(ya?ml|json)$/.test(path)) return false;
  const text = await readFile(path, "utf8").catch(() => "");
  return /^[\s{]*["']?(cwl:tool|https:\/\/w3id\.org\/cwl\/cwl#tool)["']?\s*:/m.test(text);
}

async function readJobOrder({ jobOrder, basedir }: RunnerOptions): Promise<JobOrder | undefined> {
  if (jobOrder === undefined) return undefined;
  const limits = loadLimitsIn(process.env);
  if (jobOrder !== "-" && basedir === undefined) return loadJobOrder(jobOrder, { limits, defer: true });
  const text = await readFile(jobOrder === "-" ? "/dev/stdin" : jobOrder, "utf8");
  const base = pathToFileURL(join(resolve(basedir ?? "."), "job-order"));
  return loadJobOrderText(text, base.href, { limits, defer: true });
}

function describeTool(document: CompiledDocument, tool: string): string {
  const { label, doc, inputs } = document.process;
  const about = [label, doc].filter(Boolean).join("\n\n");
  return `usage: causeway-cwl-runner ${tool} [JOB_ORDER] [--INPUT VALUE ...]\n\n${about && `${about}\n\n`}Inputs:\n${describeInputs(inputs)}`;
}

/** Whether everything that is wrong with the document is that it needs what we do not have. */
export function isUnsupported(error: DocumentError): boolean {
  const errors = error.problems.filter(({ severity }) => severity === "error");
  return errors.length > 0 && errors.every((problem) => problem.unsupported === true);
}

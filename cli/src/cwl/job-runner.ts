import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { Agent, type Capacity, childCommands, type RunCommand, stderrOf, stdoutOf, withinCapacity } from "@causeway/agent";
import { asJobError, type CompiledDocument, type Job, type JobRunner, type Process } from "@causeway/cwl";
import { type ContainerEngine, findEngine, findImageEngine, hostSources, noEngine, ProcessRunner } from "@causeway/executors";
import type { RunnerOptions } from "./command-line.ts";

/** A container engine that is needed and cannot be had. */
export class NoEngine extends Error {}

/** Runs jobs until it is closed. */
export interface ClosableRunner extends JobRunner {
  close(): Promise<void>;
}

/**
 * What runs the jobs of a document: processes of this host, in containers where a tool names an image. An engine is
 * looked for only when a tool does. Without one, tools that only hint at an image run on this host.
 *
 * @throws NoEngine
 */
export async function createJobRunner(document: CompiledDocument, options: RunnerOptions): Promise<ClosableRunner> {
  const engineRequest = options.noContainer ? "none" : imageWish(document.process);
  const engine = engineRequest === "none" ? undefined : await engineFor(engineRequest, options);
  // Nobody reads what the jobs used, and they are limited by nothing.
  const processes = new ProcessRunner(noEngine, { controlGroups: false });
  const containers = engine && new ProcessRunner(engine);
  const run: RunCommand = (job, signal) => (job.image && containers ? containers : processes).run(job, signal);
  const agent = new Agent({
    commands: childCommands(withinCapacity(run, capacityOf(options))),
    // A tool sees nothing of our environment but the PATH (CWL v1.2 §Runtime environment).
    environment: (isInImage): { [name: string]: string } => (isInImage ? {} : { PATH }),
  });
  return {
    wraps: containers ? "images" : "none",
    ...(engine?.prepare && { imageDigest: async (docker, signal) => (await engine.prepare!(docker, signal)).digest }),
    async run(job, { tool, evaluator, signal }) {
      const image = containers && job.image;
      const network = job.network || options.enableNet;
      const order = { tool, job, network, isLast: true, ...(image && { image }) };
      const result = await agent.perform(order, { evaluator, signal });
      await agent.remove(job.id);
      if (!options.quiet) showLogs(job);
      if (result.is === "failed") throw asJobError(result.failure);
      return result.outputs;
    },
    async close() {
      await Promise.all([processes.close(), containers?.close()]);
    },
  };
}

/** What jobs may use together: all of this machine, or the cores that the command line says, whatever memory they need. */
const capacityOf = ({ cores }: RunnerOptions): Capacity =>
  cores === undefined
    ? { cores: availableParallelism(), ramMiB: Math.floor(totalmem() / 2 ** 20) }
    : { cores, ramMiB: Number.POSITIVE_INFINITY };

/** What a tool shows of what it printed; more of it is in its log until the end of the run. */
const SHOWN_BYTES = 64 * 1024;

/** Shows what the tool printed and no output took, line by line under its name: jobs run side by side. */
function showLogs(job: Job): void {
  for (const { path, isOutput } of [
    { path: stdoutOf(job), isOutput: job.stdout !== undefined },
    { path: stderrOf(job), isOutput: job.stderr !== undefined },
  ]) {
    if (isOutput) continue;
    const text = readStart(path);
    if (text !== "") process.stderr.write(text.replace(/\n$/, "").replaceAll(/^/gm, `[${job.name}] `).concat("\n"));
  }
}

function readStart(path: string): string {
  // A job that was stopped before it began has no log.
  if (!existsSync(path)) return "";
  const file = openSync(path, "r");
  try {
    const buffer = Buffer.alloc(SHOWN_BYTES);
    return buffer.toString("utf8", 0, readSync(file, buffer));
  } finally {
    closeSync(file);
  }
}

/** Whoever runs a document here is trusted with the host's network, where containers have none of their own. */
const OWN_DOCUMENTS = { sources: hostSources, hostNetwork: true, remembers: true };

async function engineFor(wish: "hint" | "required", options: RunnerOptions): Promise<ContainerEngine | undefined> {
  const found = await (options.engine ? findEngine(options.engine, OWN_DOCUMENTS) : findImageEngine(OWN_DOCUMENTS));
  if (!("unusable" in found)) return found;
  if (wish === "required" || options.engine) {
    throw new NoEngine(`the document needs a container engine (--no-container runs it on this host): ${found.unusable}`);
  }
  if (!options.quiet) process.stderr.write(`no container engine, so tools run on this host: ${found.unusable}\n`);
  return undefined;
}

/** How strongly a document asks for images: the strongest of its tools counts. */
function imageWish(process: Process): "none" | "hint" | "required" {
  if (process.class === "Workflow") {
    const wishes = new Set(process.steps.map((step) => imageWish(step.run)));
    return wishes.has("required") ? "required" : wishes.has("hint") ? "hint" : "none";
  }
  if (process.class !== "CommandLineTool") return "none";
  return process.requirements.docker ? "required" : process.hints.docker ? "hint" : "none";
}

const PATH = process.env.PATH ?? "/usr/local/bin:/usr/bin:/bin";

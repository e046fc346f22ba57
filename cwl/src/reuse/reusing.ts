import type { Job } from "../job.ts";
import { visitEntries } from "../jobs/file-value.ts";
import { bindInputs } from "../jobs/input-binding.ts";
import { JobError, naming, shown } from "../jobs/job-error.ts";
import { resourcesOf } from "../jobs/resources.ts";
import type { ToolContext } from "../jobs/run-tool.ts";
import { createScope } from "../jobs/scope.ts";
import type { CommandLineTool, Inputs, Outputs, Value } from "../model.ts";
import { type JobKey, jobKey, type KeySetting } from "./job-key.ts";
import { Measure } from "./measure.ts";
import type { RecordedJob, ReuseStore } from "./store.ts";

/** Tells `context.observe` what it prepares. */
export type RunTool = (tool: CommandLineTool, given: Inputs, context: ToolContext) => Promise<Outputs>;

/** Why a job was not run, or why it was, or why its outputs could not be kept for later ones. */
export type ReuseDecision = { is: "reused" | "not reused" | "not kept"; name: string; why: string };

/**
 * The same way of running a tool, except that a job which the store knows does not run: its outputs are copied from
 * there. One that succeeds is recorded. `tell` learns the reason of every decision.
 *
 * Never looked up nor recorded: tools that say `WorkReuse: {enableReuse: false}` (CWL v1.2 §WorkReuse), and tools that
 * change their inputs in place, which is not among their outputs. Not recorded: jobs that were staged a file which
 * neither their inputs nor the tool name, for instance by a path that an expression made up, as the key says nothing
 * about it; and jobs whose inputs changed while they ran.
 */
export function reusing(store: ReuseStore, run: RunTool, tell: (decision: ReuseDecision) => void): RunTool {
  const measure = new Measure();
  return async (tool, given, context) => {
    const { name } = context;
    const reusable = await naming(name, () => bindReusable(tool, given, context));
    if ("refusal" in reusable) {
      tell({ is: "not reused", name, why: reusable.refusal });
      return run(tool, given, context);
    }
    const { key, files, inputs } = await naming(name, () => keyOf(reusable, context, measure));
    const found = await store.find(key.key, `${context.directory}/reused`);
    if (found) {
      tell({ is: "reused", name, why: `the same tool and inputs as ${named(found.job)}` });
      return found.outputs;
    }
    const shownInputs = Object.fromEntries(Object.entries(inputs).map(([port, value]) => [port, glance(value)]));
    tell({ is: "not reused", name, why: difference(key, shownInputs, await store.nearest(key.parts)) });

    let stranger: string | undefined;
    const outputs = await run(tool, given, {
      ...context,
      observe: (event) => {
        if (event.is === "prepared") stranger = strangerIn(event.job, files);
        context.observe?.(event);
      },
    });
    // The job has succeeded whatever becomes of its record.
    const problem = await keep().catch((error: Error) => error.message);
    if (problem !== undefined) tell({ is: "not kept", name, why: problem });
    return outputs;

    async function keep(): Promise<string | undefined> {
      if (stranger !== undefined) return `it was given ${stranger}, which is none of its inputs`;
      const after = await keyOf(reusable as Reusable, context, measure);
      if (after.key.key !== key.key) return "its inputs changed while it ran";
      await store.record(key, { name, at: new Date().toISOString(), shown: shownInputs }, outputs);
      return undefined;
    }
  };
}

/** A job that may be re-used, its inputs bound. */
interface Reusable {
  tool: CommandLineTool;
  inputs: Inputs;
  setting: KeySetting;
}

async function bindReusable(tool: CommandLineTool, given: Inputs, context: ToolContext): Promise<Reusable | { refusal: string }> {
  const inputs = await bindInputs(tool, given, context);
  const scope = createScope(tool, context.evaluator, inputs, {});
  const asked = (tool.requirements.workReuse ?? tool.hints.workReuse)?.enableReuse ?? true;
  const enabled = typeof asked === "boolean" ? asked : await scope.evaluate(asked, null, "WorkReuse.enableReuse");
  if (typeof enabled !== "boolean") {
    const message = `${shown(asked)} gave ${shown(enabled)}, and a boolean is needed`;
    throw new JobError("expression", "WorkReuse.enableReuse", message);
  }
  if (!enabled) return { refusal: "the tool asks for it (WorkReuse)" };
  if (context.allowInplaceUpdate && (tool.requirements.inplaceUpdate ?? tool.hints.inplaceUpdate)?.inplaceUpdate)
    return { refusal: "the tool changes its inputs in place (InplaceUpdateRequirement)" };

  const docker = tool.requirements.docker ?? tool.hints.docker;
  const wrapped = context.runner.wraps === "container" || (context.runner.wraps === "images" && docker !== undefined);
  const image =
    wrapped && docker ? ((await context.runner.imageDigest?.(docker, context.signal)) ?? JSON.stringify(docker)) : "none";
  return { tool, inputs, setting: { image, resources: await resourcesOf(tool, scope) } };
}

/** The key by what is on the disk now, and the measured inputs and files that it covers. */
async function keyOf({ tool, inputs, setting }: Reusable, context: ToolContext, measure: Measure) {
  const measured = await measure.job(tool, inputs, context.mayRead);
  return { key: jobKey(measured.tool, measured.inputs, setting), files: measured.files, inputs: measured.inputs };
}

/** The reason of a miss. */
function difference({ parts }: JobKey, now: { [port: string]: string }, nearest: RecordedJob | undefined): string {
  if (!nearest) return "no job of this tool is known";
  const then = nearest.parts;
  const job = named(nearest);
  if (then.tool !== parts.tool) return `the tool differs from that of ${job}`;
  if (then.image !== parts.image) return `the container image differs from that of ${job}`;
  const ports = Object.keys(parts.inputs).filter((port) => then.inputs[port] !== parts.inputs[port]);
  if (ports.length > 0) {
    const values = ports.map((port) => `${port}: then ${nearest.shown[port]}, now ${now[port]}`).join("; ");
    return `${ports.length > 1 ? "inputs" : "input"} ${ports.join(", ")} ${ports.length > 1 ? "differ" : "differs"} from ${job} (${values})`;
  }
  if (then.resources !== parts.resources) return `the resources, which its expressions look at, differ from those of ${job}`;
  return `what ${job} made is damaged or gone`;
}

const named = (job: RecordedJob): string => `job ${job.name} of ${job.at.slice(0, 16).replace("T", " ")} UTC`;

/** An input as a message shows it: Files by name and the beginning of their checksum. */
function glance(value: Value): string {
  const names: string[] = [];
  visitEntries(value, (entry) => {
    const checksum = entry.class === "File" ? ` ${(entry.checksum ?? "").slice(0, "sha1$".length + 8)}` : "/";
    names.push(`${entry.basename}${checksum}`);
  });
  if (names.length === 0) return shown(value, 60);
  return names.length <= 3 ? names.join(", ") : `${names.slice(0, 3).join(", ")} and ${names.length - 3} more`;
}

/** Something on disk that a job is given and its key does not cover. */
function strangerIn(job: Job, files: ReadonlySet<string>): string | undefined {
  for (const entry of job.staged) {
    if ("source" in entry && !files.has(entry.source)) return entry.source;
  }
  for (const { source } of job.mounts) {
    if (source !== job.directory && !source.startsWith(`${job.directory}/`) && !files.has(source)) return source;
  }
  return undefined;
}

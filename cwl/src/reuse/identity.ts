import type { CommandWrapping, Job } from "../job.ts";
import { createScope } from "../jobs/expression-scope.ts";
import { visitEntries } from "../jobs/file-value.ts";
import { bindInputs } from "../jobs/input-binding.ts";
import { JobError, naming, shown } from "../jobs/job-error.ts";
import { resourcesOf } from "../jobs/resources.ts";
import type { ToolCall } from "../jobs/run-tool.ts";
import type { CommandLineTool, Inputs, Value } from "../model.ts";
import type { InputHasher } from "./input-hasher.ts";
import { type JobKey, jobKey, type KeyOptions } from "./job-key.ts";

/** A job as earlier and later ones are compared with it. */
export interface IdentifiedJob {
  key: JobKey;
  /** Every file and directory of this machine that the key covers. */
  files: ReadonlySet<string>;
  /** The value of each input, shortened for a message. */
  shown: { [port: string]: string };
}

/** What a job is found out with. */
export interface IdentityContext extends ToolCall {
  runner: CommandWrapping;
  allowInplaceUpdate?: boolean;
}

/**
 * What a job is, by its tool and what its inputs hold now; or why it is never re-used: its tool asks for that
 * (CWL v1.2 §WorkReuse), or changes its inputs in place, which is not among its outputs.
 *
 * @throws JobError for inputs that do not fit the tool
 */
export async function identifyJob(
  tool: CommandLineTool,
  given: Inputs,
  context: IdentityContext,
  measure: InputHasher,
): Promise<IdentifiedJob | { refusal: string }> {
  return naming(context.name, async () => {
    const bound = await bindReusable(tool, given, context);
    return "refusal" in bound ? bound : identifyBound(bound, context, measure);
  });
}

/** A job that may be re-used, its inputs bound. */
export interface BoundJob {
  tool: CommandLineTool;
  inputs: Inputs;
  setting: KeyOptions;
}

export async function bindReusable(
  tool: CommandLineTool,
  given: Inputs,
  context: IdentityContext,
): Promise<BoundJob | { refusal: string }> {
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

/** What the job is by what is on the disk now. */
export async function identifyBound(
  { tool, inputs, setting }: BoundJob,
  context: IdentityContext,
  measure: InputHasher,
): Promise<IdentifiedJob> {
  const measured = await measure.job(tool, inputs, context.mayRead);
  const shownInputs = Object.entries(measured.inputs).map(([port, value]) => [port, glance(value)]);
  return {
    key: jobKey(measured.tool, measured.inputs, setting),
    files: measured.files,
    shown: Object.fromEntries(shownInputs),
  };
}

/** Something on disk that a job is given and its key does not cover. */
export function undeclaredFileIn(job: Job, files: ReadonlySet<string>): string | undefined {
  for (const entry of job.staged) {
    if ("source" in entry && !files.has(entry.source)) return entry.source;
  }
  for (const { source } of job.mounts) {
    if (source !== job.directory && !source.startsWith(`${job.directory}/`) && !files.has(source)) return source;
  }
  return undefined;
}

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

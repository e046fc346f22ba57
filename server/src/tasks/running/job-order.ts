import type { AgentOrder, HostAgent } from "@causeway/agent";
import { type CommandLineTool, type Job, JobError } from "@causeway/cwl";
import type { JobShare } from "@causeway/executors";
import type { Room } from "../../billing/instances.ts";
import type { ImageArchives } from "./image-archives.ts";
import { type InstanceSize, type JobLimitSettings, limitsOf } from "./job-limits.ts";

export interface JobOrderDeps {
  host: Pick<HostAgent, "imagesUnusable">;
  /** Whose the task's jobs are. */
  share: JobShare;
  ignoreImages: boolean;
  archives: ImageArchives;
  /** What every job is held to, and what this machine has for them. */
  limits: JobLimitSettings;
  machine: Room;
  /** Whether the project lets its jobs use the network. */
  allowNetwork: boolean;
}

/**
 * The image to run a job in, if it shall run in one. Without a container engine, tools that only hint at an image run on
 * this host's programs.
 *
 * @throws JobError when it cannot run in the image that it requires
 */
export async function imageOf(job: Job, { host, archives, ignoreImages }: JobOrderDeps): Promise<AgentOrder["image"]> {
  if (!job.image || ignoreImages) return undefined;
  const imagesUnusable = await host.imagesUnusable();
  if (imagesUnusable === undefined) return { ...job.image, docker: await archives(job.image.docker) };
  if (!job.image.required) return undefined;
  const name = job.image.docker.dockerPull ?? job.image.docker.dockerImageId ?? "an image";
  throw new JobError("command", "DockerRequirement", `the tool runs in ${name}, and ${imagesUnusable}`);
}

/** What an order says besides what the task's project and this host say of all jobs. */
interface OrderedJob extends Pick<AgentOrder, "image" | "isLast" | "found"> {
  tool: CommandLineTool;
  job: Job;
  /** What the job's instance has; undefined: all that this machine has. */
  size: InstanceSize | undefined;
}

export function orderOf(
  { tool, job, image, size, isLast, found }: OrderedJob,
  { machine, limits, share, allowNetwork }: JobOrderDeps,
): AgentOrder {
  return {
    tool,
    job,
    ...(image ? { image } : {}),
    // The document asks, and the project may forbid (execution-hints.md §8).
    network: job.network && allowNetwork,
    share,
    limits: limitsOf(job, size ?? { ...machine, diskGb: Number.POSITIVE_INFINITY }, limits, machine),
    ...(found ? { found } : {}),
    isLast,
  };
}

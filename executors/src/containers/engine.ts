import type { ImageRequirement, JobSpec } from "../job.ts";
import type { JobGroup } from "../process/cgroup.ts";
import type { Command } from "../process/shell.ts";

/**
 * What a job's command is wrapped in. Two kinds: those with images (docker, podman, singularity, apptainer), and those
 * on the host's own programs (bubblewrap, none). The platform chooses the engine, never the document.
 *
 * What every engine promises, `none` excepted: the command sees of the host only the job's directories and mounts, each
 * under the path the job names, mounts read-only unless `writable`; no network unless `job.network`; a root it cannot
 * write to; no rights of the administrator; and everything it started ends with it.
 */
export interface ContainerEngine {
  readonly name: EngineName;
  /** Where commands run: in the image of the job, or on the host's own programs. */
  readonly programs: "image" | "host";
  /**
   * Whether the wrapping command is only a client, the job's processes being children of the engine's server or
   * monitor. Then the client stays outside the job's control group, and its processor time is not the job's.
   */
  readonly client: boolean;
  /** One line for people, e.g. `podman version 4.3.1`. */
  readonly version: string;
  /** What a job gets that may use the network, as a probe has shown it to work here; or why none does. */
  readonly network: { is: Network } | { unusable: string };
  /** Whether a probe has shown that it holds containers to memory, processes and cores. Absent: that is no task of it. */
  readonly limits?: boolean;
  /** Whether what was found is still there, at the price of a look: its program, its server. Absent: look for it anew. */
  isStillThere?(): Promise<boolean>;
  /**
   * Brings the image to this host, unless it is there, and names it. Safe for concurrent use; may be repeated.
   * Throws `ImageUnavailable`. Absent where `programs` is `host`.
   */
  prepare?(image: ImageRequirement, signal?: AbortSignal): Promise<Image>;
  /**
   * The command that runs the job's in the wrapping. Throws when the job cannot be expressed. `group` is the job's
   * control group, for engines that start processes elsewhere than under the command.
   */
  wrap(job: JobSpec, image?: Image, group?: JobGroup): Command;
  /**
   * The command that ends what killing the wrapping leaves behind: a container whose processes are not its children.
   * The same for the same job, also after a restart. It fails when there is no such container.
   */
  stop?(job: JobSpec): Command;
}

/** `host` is the host's own; the others are names that docker and podman know. */
export type Network = "bridge" | "slirp4netns" | "pasta" | "host";

export type EngineName = "docker" | "podman" | "singularity" | "apptainer" | "bubblewrap" | "none";

/**
 * What a host has: the engine, ready to use, or why it cannot be used. `refused`: a job that asks for it is not to wait for
 * it, because other jobs run.
 */
export type Probe = ContainerEngine | { unusable: string; refused?: true };

/** An image on this host. `reference` is what the engine runs; `digest` names the content, for re-use of results. */
export interface Image {
  reference: string;
  digest: string;
  /** The program that the image starts its arguments with, where the engine has to be told. */
  entryPoint?: readonly string[];
}

/** The image cannot be had; the message is for whoever wrote the document. */
export class ImageUnavailable extends Error {}

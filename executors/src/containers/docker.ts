import { createHash } from "node:crypto";
import { availableParallelism } from "node:os";
import { dirname } from "node:path";
import type { ImageRequirement, JobSpec } from "../job.ts";
import type { JobGroup } from "../process/cgroup.ts";
import { fileLimitKiB } from "../process/disk-usage/disk-watch.ts";
import { quote } from "../process/shell.ts";
import { containerEnvironment } from "./container-environment.ts";
import type { ContainerEngine, Image, Network } from "./engine.ts";
import { ask, programWatch } from "./program.ts";

/** How docker, or podman, which has the same command line, is called on this host. */
export interface DockerSettings {
  name: "docker" | "podman";
  /** Its absolute path. */
  program: string;
  version: string;
  /** What the client itself needs (PATH, DOCKER_HOST, CONTAINERS_CONF …), of the platform's environment alone. */
  clientEnv: Record<string, string>;
  network: { is: Network } | { unusable: string };
  /** Whether it can hold containers to memory, processes and cores. */
  limits: boolean;
  /** Limits that have to be said with any other, which replaces all that the engine's settings say (podman). */
  ulimits: readonly string[];
  /** Whether containers can be put into the job's control group: podman with `cgroup_manager=cgroupfs`. */
  joinsGroups: boolean;
}

/**
 * docker and podman: commands run in the job's image, on a root that cannot be written to, as this process's user but
 * without any capability (so that the outputs are ours, and root is none).
 *
 * The image's entry point is kept: a job's `argv` are the arguments to it, as CWL has it. `prepare` brings images.
 */
export function docker(
  settings: DockerSettings,
  prepare: (image: ImageRequirement, signal?: AbortSignal) => Promise<Image>,
): ContainerEngine {
  const { name, program, clientEnv, network, limits } = settings;
  const isThere = programWatch(program);
  return {
    name,
    programs: "image",
    client: true,
    version: settings.version,
    network,
    limits,
    // A network that did not work may have been mended.
    isStillThere: async () => isThere() && "is" in network && typeof (await ask(program, ["version"], clientEnv)) === "string",
    prepare,
    wrap(job, image, group) {
      if (!image) throw new Error(`job ${job.id} names no image, and ${name} has no programs of its own`);
      const { file, script } = containerEnvironment(name, job.env);
      const start = script === undefined ? [image.reference] : throughShell(image, script);
      const run = [
        ...[program, "run", ...(name === "podman" ? ["--rm"] : [])],
        ...runArguments(settings, job, group),
        ...["--env-file", "/dev/fd/9", ...start, ...job.argv],
      ];
      return {
        argv: name === "docker" ? thenRemove(job, run) : run,
        env: clientEnv,
        // podman's monitor leaves a file `oom` where it was started, when the kernel ends the job for its memory.
        cwd: dirname(job.tmpdir.host),
        secret: file,
      };
    },
    // `rm -f` kills; without `--time 0` podman would first wait ten seconds.
    stop: (job) => ({
      argv: [program, "rm", "--force", ...(name === "podman" ? ["--time", "0", "--ignore"] : []), containerName(job)],
      env: clientEnv,
      cwd: "/",
    }),
  };
}

/** A shell of the image sets what the engine's file of variables cannot hold, and becomes what would have been started. */
function throughShell(image: Image, script: string): string[] {
  return ["--entrypoint", "/bin/sh", image.reference, "-c", script, "sh", ...(image.entryPoint ?? [])];
}

/**
 * Removes the container in a second command: with `--rm`, docker's client asks for the exit code of a container that is
 * going away, which servers other than docker's own answer with 0.
 */
function thenRemove(job: JobSpec, run: string[]): string[] {
  const script = `container=$1; shift; "$@"; code=$?; ${quote(run[0]!)} rm --force "$container" >/dev/null 2>&1 9<&-; exit $code`;
  return ["/bin/sh", "-c", script, "sh", containerName(job), ...run];
}

/** The options of `run` for a job, but for its environment; the image comes next. */
function runArguments(settings: Omit<DockerSettings, "version">, job: JobSpec, group?: JobGroup): string[] {
  const own = [job.outdir, job.tmpdir].map((place) => ({ source: place.host, target: place.path, writable: true }));
  const mounts = [...own, ...job.mounts];
  return [
    // Without a log driver the output goes to the client alone, not to the engine's disk as well.
    ...["--name", containerName(job), "--pull", "never", "--log-driver", "none", "--read-only"],
    ...(job.stdin === undefined ? [] : ["--interactive"]),
    ...["--user", `${process.getuid!()}:${process.getgid!()}`, "--cap-drop", "all", "--security-opt", "no-new-privileges"],
    ...["--network", job.network ? networkName(settings, job) : "none"],
    ...(settings.limits ? limitArguments(job, settings.ulimits) : []),
    ...(group && settings.joinsGroups ? ["--cgroup-parent", group.path] : []),
    ...(mounts.some(({ target }) => target === "/tmp") ? [] : ["--tmpfs", "/tmp:rw,exec,mode=1777"]),
    ...mounts.flatMap(({ source, target, writable }) => ["--mount", bind(source, target, writable)]),
    ...["--workdir", job.outdir.path],
  ];
}

function networkName({ name, network }: Omit<DockerSettings, "version">, job: JobSpec): string {
  if ("unusable" in network) throw new Error(`job ${job.id} needs a network, and ${name} has none: ${network.unusable}`);
  return network.is;
}

function limitArguments(job: JobSpec, others: readonly string[]): string[] {
  const { memoryMiB, processes = 4096 } = job.limits ?? {};
  const fileKiB = fileLimitKiB(job.limits);
  return [
    ...["--pids-limit", String(processes)],
    ...(fileKiB === undefined ? [] : [`fsize=${fileKiB * 1024}:${fileKiB * 1024}`, ...others]).flatMap((limit) => [
      "--ulimit",
      limit,
    ]),
    // Engines refuse more than there are.
    ...(job.resources.cores < availableParallelism() ? ["--cpus", String(Math.max(0.01, job.resources.cores))] : []),
    ...(memoryMiB === undefined ? [] : ["--memory", `${Math.ceil(memoryMiB)}m`, "--memory-swap", `${Math.ceil(memoryMiB)}m`]),
  ];
}

/** A bind mount, in the comma-separated form that holds every path (`-v` splits at colons). */
function bind(source: string, target: string, writable: boolean): string {
  const fields = ["type=bind", `source=${source}`, `target=${target}`, ...(writable ? [] : ["readonly"])];
  return fields.map((field) => (/[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(",");
}

/** The same for the same job, also after a restart; unlike that of another platform's job on this host. */
function containerName(job: JobSpec): string {
  return `causeway-${createHash("sha256").update(`${job.id}\n${job.outdir.host}`).digest("hex").slice(0, 24)}`;
}

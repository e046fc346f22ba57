import { createHash } from "node:crypto";
import { availableParallelism } from "node:os";
import type { JobSpec } from "../job.ts";
import type { JobGroup } from "../process/cgroup.ts";
import type { ContainerEngine, Image } from "./engine.ts";
import { ImageStore } from "./images.ts";

/** How docker, or podman, which has the same command line, is called on this host. */
export interface DockerSettings {
  name: "docker" | "podman";
  version: string;
  /** What the client itself needs (PATH, DOCKER_HOST, CONTAINERS_CONF …); the job's environment is apart from it. */
  clientEnv: Record<string, string>;
  /** The network of jobs that may use one. Both names mean the engine's own; `host` is the host's. */
  network: "bridge" | "host";
  /** Whether containers can be put into the job's control group: podman with `cgroup_manager=cgroupfs`. */
  joinsGroups: boolean;
}

/**
 * docker and podman: commands run in the job's image, on a root that cannot be written to, as this process's user but
 * without any capability (so that the outputs are ours, and root is none).
 *
 * The image's entry point is kept: a job's `argv` are the arguments to it, as CWL has it.
 */
export function docker(settings: DockerSettings): ContainerEngine {
  const { name, clientEnv } = settings;
  const images = new ImageStore(name, clientEnv, settings.network);
  return {
    name,
    programs: "image",
    client: true,
    version: settings.version,
    prepare: (image, signal) => images.prepare(image, signal),
    wrap(job, image, group) {
      if (!image) throw new Error(`job ${job.id} names no image, and ${name} has no programs of its own`);
      const run = [
        name,
        "run",
        ...(name === "podman" ? ["--rm"] : []),
        ...runArguments(settings, job, image, group),
        ...job.argv,
      ];
      // podman's monitor leaves a file `oom` where it was started, when the kernel ends the job for its memory.
      return { argv: name === "docker" ? thenRemove(job, run) : run, env: clientEnv, cwd: job.tmpdir.host };
    },
    // `rm -f` kills; without `--time 0` podman would first wait ten seconds.
    stop: (job) => ({
      argv: [name, "rm", "--force", ...(name === "podman" ? ["--time", "0", "--ignore"] : []), containerName(job)],
      env: clientEnv,
      cwd: "/",
    }),
  };
}

/**
 * Removes the container in a second command: with `--rm`, docker's client asks for the exit code of a container that is
 * going away, which servers other than docker's own answer with 0.
 */
function thenRemove(job: JobSpec, run: string[]): string[] {
  const script = 'container=$1; shift; "$@"; code=$?; docker rm --force "$container" >/dev/null 2>&1; exit $code';
  return ["/bin/sh", "-c", script, "sh", containerName(job), ...run];
}

function runArguments(settings: DockerSettings, job: JobSpec, image: Image, group?: JobGroup): string[] {
  const own = [job.outdir, job.tmpdir].map((place) => ({ source: place.host, target: place.path, writable: true }));
  const mounts = [...own, ...job.mounts];
  const { memoryMiB, processes = 4096 } = job.limits ?? {};
  return [
    // Without a log driver the output goes to the client alone, not to the engine's disk as well.
    ...["--name", containerName(job), "--pull", "never", "--log-driver", "none", "--read-only"],
    ...(job.stdin === undefined ? [] : ["--interactive"]),
    ...["--user", `${process.getuid!()}:${process.getgid!()}`, "--cap-drop", "all", "--security-opt", "no-new-privileges"],
    ...["--network", job.network ? settings.network : "none"],
    ...["--pids-limit", String(processes)],
    // Engines refuse more than there are.
    ...(job.resources.cores < availableParallelism() ? ["--cpus", String(Math.max(0.01, job.resources.cores))] : []),
    ...(memoryMiB === undefined ? [] : ["--memory", `${Math.ceil(memoryMiB)}m`, "--memory-swap", `${Math.ceil(memoryMiB)}m`]),
    ...(group && settings.joinsGroups ? ["--cgroup-parent", group.path] : []),
    ...(mounts.some(({ target }) => target === "/tmp") ? [] : ["--tmpfs", "/tmp:rw,exec,mode=1777"]),
    ...mounts.flatMap(({ source, target, writable }) => ["--mount", bind(source, target, writable)]),
    ...["--workdir", job.outdir.path],
    ...Object.entries(job.env).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
    image.reference,
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

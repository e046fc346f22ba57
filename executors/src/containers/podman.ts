import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { HOST_PATH } from "./program.ts";

/**
 * Settings podman needs on hosts that its defaults do not fit, as a containers.conf of ours, or `undefined` where they
 * fit. Only what a probe asks for is in it:
 *
 * - Control groups of version 1 without systemd: `runc`, because crun refuses hybrid hierarchies, and `cgroupfs`.
 * - Hard limits below the 1,048,576 files that podman gives a container: only a process with CAP_SYS_RESOURCE could
 *   raise them, so containers get ours.
 *
 * An operator who has set CONTAINERS_CONF knows better: then nothing is written.
 */
function containersConf(probe = probeHost()): string | undefined {
  const containers = [];
  const engine = [];
  if (probe.hardFiles < PODMAN_FILES) containers.push(`default_ulimits = ${JSON.stringify(ulimitsOf(probe))}`);
  if (!probe.cgroupsVersion2 && probe.hasRunc) engine.push('runtime = "runc"');
  if (!probe.systemd) engine.push('cgroup_manager = "cgroupfs"', 'events_logger = "file"');
  const sections = [
    containers.length ? `[containers]\n${containers.join("\n")}\n` : "",
    engine.length ? `[engine]\n${engine.join("\n")}\n` : "",
  ];
  return sections.join("") || undefined;
}

/** Limits of files and processes that a container of this host can have, as `--ulimit` takes them. */
export function hostUlimits(): string[] {
  return ulimitsOf(probeHost());
}

function ulimitsOf({ hardFiles, hardProcesses }: ReturnType<typeof probeHost>): string[] {
  // Even the hard limit itself was refused by a kernel: well below it.
  const processes = Math.min(hardProcesses, 4096);
  return [`nofile=${hardFiles}:${hardFiles}`, `nproc=${processes}:${processes}`];
}

/** The environment for the podman client: ours, and CONTAINERS_CONF where podman's defaults do not fit this host. */
export function podmanEnvironment(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const own = clientEnvironment(env);
  const settings = env.CONTAINERS_CONF ? undefined : containersConf();
  if (settings === undefined) return own;
  const directory = join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "causeway");
  mkdirSync(directory, { recursive: true });
  const path = join(directory, "containers.conf");
  writeFileSync(path, settings);
  return { ...own, CONTAINERS_CONF: path };
}

/** What container clients read of our environment, of which no document is a part. Programs are found on `HOST_PATH`. */
export function clientEnvironment(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const wanted =
    /^(HOME|USER|LANG|TMPDIR|XDG_\w+|DOCKER_\w+|CONTAINER\w*|REGISTRY_\w+|SINGULARITY_\w+|APPTAINER_\w+|\w+_(proxy|PROXY))$/;
  const own = Object.entries(env).filter(([name, value]) => value !== undefined && wanted.test(name));
  return { ...(Object.fromEntries(own) as Record<string, string>), PATH: HOST_PATH.join(":") };
}

const PODMAN_FILES = 1_048_576;

function probeHost() {
  const limits = readFileSync("/proc/self/limits", "utf8");
  const hard = (name: string) =>
    Number(limits.match(new RegExp(`^Max ${name} +\\S+ +(\\d+)`, "m"))?.[1] ?? Number.MAX_SAFE_INTEGER);
  const [hardFiles, hardProcesses] = [hard("open files"), hard("processes")];
  return {
    hardFiles,
    hardProcesses,
    cgroupsVersion2: existsSync("/sys/fs/cgroup/cgroup.controllers"),
    hasRunc: ["/usr/bin/runc", "/usr/sbin/runc", "/usr/local/bin/runc"].some((path) => existsSync(path)),
    systemd: existsSync("/run/systemd/system"),
  };
}

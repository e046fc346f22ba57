import { existsSync } from "node:fs";
import { findBubblewrap } from "./bubblewrap.ts";
import { docker } from "./docker.ts";
import type { EngineName, Probe } from "./engine.ts";
import { noEngine } from "./none.ts";
import { clientEnvironment, podmanEnvironment } from "./podman.ts";
import { ask } from "./program.ts";
import { findSingularity } from "./singularity.ts";

/** What jobs get that may use the network: one of the engine's own, or the host's. */
export type Network = "bridge" | "host";

/** Looks for one engine on this host; asks its server, where it has one. Takes 10-500 ms. */
export function findEngine(name: EngineName, network?: Network): Promise<Probe> {
  if (name === "bubblewrap") return findBubblewrap();
  if (name === "docker") return findDocker({ network });
  if (name === "podman") return findPodman({ network });
  if (name === "none") return Promise.resolve(noEngine);
  return findSingularity(name);
}

/** Looks for every engine, for `causeway doctor`. */
export async function probeEngines(): Promise<Map<EngineName, Probe>> {
  return new Map(await Promise.all(ENGINES.map(async (name) => [name, await findEngine(name)] as const)));
}

/** The first usable engine that runs commands in images, in the order of isolation and habit. */
export async function findImageEngine(network?: Network): Promise<Probe> {
  const reasons: string[] = [];
  for (const name of ["docker", "podman", "apptainer", "singularity"] as const) {
    const engine = await findEngine(name, network);
    if (!("unusable" in engine)) return engine;
    reasons.push(engine.unusable);
  }
  return { unusable: reasons.join("; ") };
}

const ENGINES = ["bubblewrap", "docker", "podman", "apptainer", "singularity", "none"] as const;

/** @param host the engine's server, e.g. `unix:///run/docker.sock`; default: what the environment says */
export async function findDocker({
  host,
  network = "bridge",
}: {
  host?: string;
  network?: Network | undefined;
} = {}): Promise<Probe> {
  const clientEnv = { ...clientEnvironment(), ...(host ? { DOCKER_HOST: host } : {}) };
  const server = await ask("docker", ["version", "--format", "{{.Server.Version}}"], clientEnv);
  if (typeof server !== "string") return server;
  return docker({ name: "docker", version: `docker ${server}`, clientEnv, network, joinsGroups: false });
}

export async function findPodman({ network }: { network?: Network | undefined } = {}): Promise<Probe> {
  const found = await ask("podman", ["--version"], clientEnvironment());
  if (typeof found !== "string") return found;
  const clientEnv = podmanEnvironment();
  // The client alone proves nothing: its store and its cgroup manager must be usable too.
  const host = await ask("podman", ["info", "--format", "{{.Host.CgroupManager}} {{.Host.NetworkBackend}}"], clientEnv);
  if (typeof host !== "string") return host;
  const [cgroupManager, backend] = host.split(" ");
  const bridge = backend === "netavark" ? "/usr/lib/podman/netavark" : "/usr/lib/cni/bridge";
  const rootful = process.getuid!() === 0;
  return docker({
    name: "podman",
    version: found,
    clientEnv,
    // Without the plugin a container gets no network at all; rootless podman brings its own (slirp4netns).
    network: network ?? (rootful && !existsSync(bridge) ? "host" : "bridge"),
    joinsGroups: rootful && cgroupManager === "cgroupfs",
  });
}

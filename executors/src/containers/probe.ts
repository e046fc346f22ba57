import { findBubblewrap } from "./bubblewrap.ts";
import { type ContainerClient, tryContainers } from "./container-probe.ts";
import { docker } from "./docker.ts";
import type { ContainerEngine, EngineName, Network, Probe } from "./engine.ts";
import { type ImageSources, registriesOnly } from "./image-source.ts";
import { ImageStore } from "./images.ts";
import { noEngine } from "./none.ts";
import { clientEnvironment, podmanEnvironment } from "./podman.ts";
import { DAY_MS, MINUTE_MS } from "./probe-memory.ts";
import { ask, askOnce, findProgram, missing } from "./program.ts";
import { findSingularity } from "./singularity.ts";

export interface ProbeOptions {
  /** Where images come from that no registry has. Default: there are none. */
  sources?: ImageSources;
  /**
   * What jobs get that may use the network, best first; the first that works is taken. Default: the engine's own ones,
   * in which a job does not see the host's.
   */
  networks?: readonly Network[];
  /** Whether jobs get the host's network where none of the engine's own works. */
  hostNetwork?: boolean;
  /** Whether what was tried a short while ago by another process of this user counts as tried. */
  remembers?: boolean;
}

/** The engines with images, in the order of isolation and habit. */
export const IMAGE_ENGINES = ["docker", "podman", "apptainer", "singularity"] as const;

/** Looks for one engine on this host, and starts something in it: 10 ms to 3 s, most for networks that do not work. */
export function findEngine(name: EngineName, options: ProbeOptions = {}): Promise<Probe> {
  if (name === "bubblewrap") return findBubblewrap();
  if (name === "docker") return findDocker(options);
  if (name === "podman") return findPodman(options);
  if (name === "none") return Promise.resolve(noEngine);
  return findSingularity(name, options.sources ?? registriesOnly, askFor(options, DAY_MS));
}

/** The first usable engine that runs commands in images. */
export async function findImageEngine(options: ProbeOptions = {}): Promise<Probe> {
  const reasons: string[] = [];
  for (const name of IMAGE_ENGINES) {
    const engine = await findEngine(name, options);
    if (!("unusable" in engine)) return engine;
    reasons.push(engine.unusable);
  }
  return { unusable: reasons.join("; ") };
}

/** @param host the engine's server, e.g. `unix:///run/docker.sock`; default: what the environment says */
export async function findDocker({ host, ...options }: ProbeOptions & { host?: string } = {}): Promise<Probe> {
  const program = findProgram("docker");
  if (program === undefined) return missing("docker");
  const env = { ...clientEnvironment(), ...(host ? { DOCKER_HOST: host } : {}) };
  const server = await askFor(options, MINUTE_MS)(program, ["version", "--format", "{{.Server.Version}}"], env);
  if (typeof server !== "string") return server;
  const client = { name: "docker" as const, program, env, version: `docker ${server}`, joinsGroups: false };
  return findContainers(client, ["bridge"], options);
}

export async function findPodman(options: ProbeOptions = {}): Promise<Probe> {
  const program = findProgram("podman");
  if (program === undefined) return missing("podman");
  const env = podmanEnvironment();
  const asked = askFor(options, DAY_MS);
  const version = await asked(program, ["--version"], env);
  if (typeof version !== "string") return version;
  const cgroupManager = await asked(program, ["info", "--format", "{{.Host.CgroupManager}}"], env);
  if (typeof cgroupManager !== "string") return cgroupManager;
  const joinsGroups = process.getuid!() === 0 && cgroupManager === "cgroupfs";
  const client = { name: "podman" as const, program, env, version, joinsGroups };
  // `bridge` is the system's; the others are made by programs of an ordinary user.
  return findContainers(client, ["bridge", "slirp4netns", "pasta"], options);
}

/** How programs are asked: anew, or with answers that count for `lifetimeMs`. */
function askFor({ remembers }: ProbeOptions, lifetimeMs: number): typeof ask {
  return remembers ? (program, args, env) => askOnce(program, args, env, lifetimeMs) : ask;
}

async function findContainers(client: ContainerClient, own: readonly Network[], options: ProbeOptions): Promise<Probe> {
  const networks: readonly Network[] = options.networks ?? (options.hostNetwork ? [...own, "host"] : own);
  const shown = await tryContainers(client, networks, options.remembers ?? false);
  if ("unusable" in shown) return shown;
  const { name, program, env, version, joinsGroups } = client;
  const buildNetwork = "is" in shown.network && shown.network.is !== "bridge" ? shown.network.is : undefined;
  const images = new ImageStore({ name, program, env, ...(buildNetwork && { buildNetwork }) }, options.sources ?? registriesOnly);
  return docker({ name, program, version, clientEnv: env, joinsGroups, ...shown }, (image, signal) =>
    images.prepare(image, signal),
  );
}

/**
 * An engine that this host has or had, for what an earlier process started in it: it knows its kind, and ends what it
 * left. Nothing is tried. `undefined` when its program is gone.
 */
export function engineNamed(name: EngineName): ContainerEngine | undefined {
  if (name === "none") return noEngine;
  const program = findProgram(name === "bubblewrap" ? "bwrap" : name);
  if (program === undefined) return undefined;
  if (name !== "docker" && name !== "podman") return { ...noEngine, name, version: name };
  const clientEnv = name === "podman" ? podmanEnvironment() : clientEnvironment();
  const untried = { network: { unusable: "it has not been tried" }, limits: false, ulimits: [], joinsGroups: false };
  return docker({ name, program, version: name, clientEnv, ...untried }, () => Promise.reject(new Error("only for ending jobs")));
}

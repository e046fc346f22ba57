import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, lstatSync, readlinkSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pack } from "tar-stream";
import type { JobSpec } from "../job.ts";
import { becomeCommand, type Command } from "../process/shell.ts";
import { makeTemporaryDirectory } from "../temporary/directory.ts";
import { docker } from "./docker.ts";
import { type Image, ImageUnavailable, type Network } from "./engine.ts";
import { ImageStore } from "./images.ts";
import { hostUlimits } from "./podman.ts";
import { DAY_MS, MINUTE_MS, ProbeMemory } from "./probe-memory.ts";

/** docker or podman, before anything has been tried. */
export interface ContainerClient {
  name: "docker" | "podman";
  program: string;
  env: Record<string, string>;
  version: string;
  joinsGroups: boolean;
}

/** What containers can do on this host. */
export interface ContainerAbilities {
  network: { is: Network } | { unusable: string };
  limits: boolean;
  /** Limits that have to be said with the size of files: see `DockerSettings`. */
  ulimits: readonly string[];
}

/**
 * Starts containers as jobs would be, and tells what works: at all, with limits, with each of these networks until one
 * does. They run programs of the host in an empty image, so that nothing need be fetched.
 */
export async function tryContainers(
  client: ContainerClient,
  networks: readonly Network[],
  remembers: boolean,
): Promise<ContainerAbilities | { unusable: string }> {
  const memory = remembers ? new ProbeMemory<ContainerAbilities>(client.program, ["with ulimits", client, networks]) : undefined;
  const known = memory?.read(({ limits, network }) => (limits && "is" in network ? DAY_MS : MINUTE_MS));
  if (known) return known;
  const directory = makeTemporaryDirectory("probe");
  try {
    const image = await emptyImage(client);
    let ulimits: readonly string[] = [];
    let limited = await tryOne(client, { directory, image, limits: true, ulimits });
    if ("unusable" in limited) {
      ulimits = hostUlimits();
      limited = await tryOne(client, { directory, image, limits: true, ulimits });
    }
    const plain = "unusable" in limited ? await tryOne(client, { directory, image, limits: false, ulimits }) : limited;
    if ("unusable" in plain) return { unusable: `${client.name} is installed but starts no container: ${plain.unusable}` };
    const limits = !("unusable" in limited);
    const trial = { directory, image, limits, ulimits };
    const abilities = { limits, ulimits, network: await firstNetwork(client, networks, trial) };
    memory?.write(abilities);
    return abilities;
  } catch (error) {
    if (!(error instanceof ImageUnavailable)) throw error;
    return { unusable: `${client.name} is installed but takes no image: ${error.message}` };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

interface Trial {
  directory: string;
  image: Image;
  limits: boolean;
  ulimits: readonly string[];
}

async function firstNetwork(
  client: ContainerClient,
  networks: readonly Network[],
  trial: Trial,
): Promise<ContainerAbilities["network"]> {
  const reasons: string[] = [];
  for (const network of networks) {
    const tried = await tryOne(client, trial, network);
    if ("interfaces" in tried && tried.interfaces.some((name) => name !== "lo")) return { is: network };
    reasons.push(`${network}: ${"unusable" in tried ? tried.unusable : "it has no interface"}`);
  }
  return { unusable: reasons.join("; ") };
}

/** The network interfaces that a container sees, which shows that it runs; or what the engine complains about. */
async function tryOne(
  client: ContainerClient,
  { directory, image, limits, ulimits }: Trial,
  network?: Network,
): Promise<{ interfaces: string[] } | { unusable: string }> {
  const { name, program, env, version, joinsGroups } = client;
  const own = join(directory, randomUUID());
  const places = { outdir: { host: join(own, "out"), path: "/out" }, tmpdir: { host: join(own, "tmp"), path: "/scratch" } };
  for (const { host } of Object.values(places)) await mkdir(host, { recursive: true });
  const job: JobSpec = {
    id: "probe",
    name: "probe",
    argv: ["/bin/sh", "-c", 'while read -r name rest; do echo "interface $name"; done </proc/net/dev'],
    env: { PATH: "/usr/bin:/bin" },
    ...places,
    mounts: rootOfHost().flatMap((entry) =>
      "link" in entry ? [] : [{ source: entry.path, target: entry.path, writable: false }],
    ),
    resources: { cores: 0.5, ramMiB: 64 },
    limits: { memoryMiB: 64, processes: 100, diskMiB: 64 },
    network: network !== undefined,
  };
  const settings = { name, program, version, clientEnv: env, joinsGroups, limits, ulimits };
  const engine = docker({ ...settings, network: { is: network ?? "bridge" } }, () => Promise.resolve(image));
  const said = await outputOf(engine.wrap(job, image));
  const interfaces = [...said.matchAll(/^interface (\w+):/gm)].map(([, found]) => found!);
  if (interfaces.length > 0) return { interfaces };
  await outputOf(engine.stop!(job));
  return { unusable: said.trim().split("\n").at(-1) || "it says nothing" };
}

/** What the command writes, in the order it does, within half a minute. */
function outputOf(command: Command): Promise<string> {
  return new Promise((resolve) => {
    const shell = execFile("/bin/sh", { env: {}, cwd: "/", timeout: 30_000 }, (_, stdout, stderr) => resolve(stderr + stdout));
    shell.stdin!.on("error", () => {}); // it ended early: its output tells
    shell.stdin!.end(`exec 3>&2 2>/dev/null\n(\n${becomeCommand(command, { cgroupProcs: [] })}\n)\n`);
  });
}

/** An image without programs, in which those of the host can appear. */
async function emptyImage(client: ContainerClient): Promise<Image> {
  const archive = () => {
    const tar = pack();
    for (const entry of rootOfHost()) {
      const name = entry.path.slice(1);
      if ("link" in entry) tar.entry({ name, type: "symlink", linkname: entry.link });
      else tar.entry({ name, type: "directory" });
    }
    for (const name of ["proc", "sys", "dev", "tmp", "etc", "out", "scratch"]) tar.entry({ name, type: "directory" });
    tar.finalize();
    return Promise.resolve(Readable.from(tar));
  };
  const store = new ImageStore(client, { trusted: true, open: archive });
  return store.prepare({ dockerImport: "probe", dockerImageId: "localhost/causeway-probe:1" });
}

/** Where the host's programs and libraries are: directories, and links to them. */
function rootOfHost(): ({ path: string } | { path: string; link: string })[] {
  return ["/usr", "/nix/store", "/bin", "/sbin", "/lib", "/lib32", "/lib64"].flatMap((path) => {
    if (!existsSync(path)) return [];
    return lstatSync(path).isSymbolicLink() ? [{ path, link: readlinkSync(path) }] : [{ path }];
  });
}

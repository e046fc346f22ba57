import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { JobSpec } from "../job.ts";
import type { ContainerEngine, Image, Probe } from "./engine.ts";
import type { ImageSources } from "./image-source.ts";
import { clientEnvironment } from "./podman.ts";
import { ask, findProgram, missing, programWatch } from "./program.ts";
import { SifStore } from "./sif-store.ts";

/**
 * singularity and apptainer: images as single files, no server, no administrator's rights needed; what clusters have.
 * The command is a child of the client, so the job's control group holds all of it.
 */
function singularity(
  name: "singularity" | "apptainer",
  {
    program,
    version,
    clientEnv,
    images,
  }: { program: string; version: string; clientEnv: Record<string, string>; images: SifStore },
): ContainerEngine {
  const isThere = programWatch(program);
  return {
    name,
    programs: "image",
    client: false,
    version,
    network: { is: "host" },
    isStillThere: async () => isThere(),
    prepare: (image, signal) => images.prepare(image, signal),
    wrap(job, image) {
      if (!image) throw new Error(`job ${job.id} names no image, and ${name} has no programs of its own`);
      // The client gives the container what it finds in its own environment under this prefix, and does not heed it itself.
      const prefix = `${name.toUpperCase()}ENV_`;
      const passed = Object.entries(job.env).filter(([variable]) => variable !== "HOME");
      const env = { ...clientEnv, ...Object.fromEntries(passed.map(([variable, value]) => [prefix + variable, value])) };
      return { argv: [program, "--silent", ...actionArguments(job, image), ...job.argv], env, cwd: "/" };
    },
  };
}

function actionArguments(job: JobSpec, image: Image): string[] {
  // HOME is no environment entry to the engine, but a place that it mounts: the working directory (CWL v1.2 §Runtime).
  const home = [job.outdir, job.tmpdir].find((place) => place.path === job.env.HOME && !/[:,]/.test(place.host + place.path));
  const places = [job.outdir, job.tmpdir]
    .filter((place) => place !== home)
    .map((place) => ({ source: place.host, target: place.path, writable: true }));
  return [
    hasRunscript(image.reference) ? "run" : "exec",
    // Nothing of the host but its kernel: no home, no /tmp, no environment; processes of its own.
    ...[
      "--contain",
      ...(home ? ["--home", `${home.host}:${home.path}`] : ["--no-home"]),
      "--cleanenv",
      "--pid",
      "--ipc",
      "--no-mount",
      "cwd,bind-paths",
    ],
    // Arguments are passed on as they are: without it a shell would evaluate them.
    ...["--no-eval", ...(process.getuid!() === 0 ? ["--no-privs"] : [])],
    ...(job.network ? [] : ["--net", "--network", "none"]),
    ...[...places, ...job.mounts].flatMap(({ source, target, writable }) => ["--mount", mount(source, target, writable)]),
    ...["--pwd", job.outdir.path],
    image.reference,
  ];
}

/** In the comma-separated form, which holds every path (`--bind` splits at colons and commas). */
function mount(source: string, target: string, writable: boolean): string {
  const fields = ["type=bind", `source=${source}`, `destination=${target}`, ...(writable ? [] : ["ro"])];
  return fields.map((field) => (/[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(",");
}

/** What came from a docker image has its entry point as a runscript; a bare root directory has none. */
function hasRunscript(image: string): boolean {
  return !statSync(image).isDirectory() || existsSync(join(image, ".singularity.d", "runscript"));
}

/** The oldest that can be told not to evaluate arguments in a shell. */
const OLDEST = { apptainer: [1, 1], singularity: [3, 10] } as const;

export async function findSingularity(name: "singularity" | "apptainer", sources: ImageSources, asked = ask): Promise<Probe> {
  const program = findProgram(name);
  if (program === undefined) return missing(name);
  const clientEnv = clientEnvironment();
  const version = await asked(program, ["--version"], clientEnv);
  if (typeof version !== "string") return version;
  const [major = 0, minor = 0] = (version.match(/(\d+)\.(\d+)/) ?? []).slice(1).map(Number);
  const [oldestMajor, oldestMinor] = OLDEST[name];
  // Apptainer also answers to the name of singularity, with its own version.
  const oldest = version.startsWith("apptainer") ? OLDEST.apptainer : [oldestMajor, oldestMinor];
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
    return { unusable: `${version} is too old: ${oldest.join(".")} is needed, which passes arguments on as they are` };
  }
  return singularity(name, { program, version, clientEnv, images: new SifStore(program, clientEnv, sources) });
}

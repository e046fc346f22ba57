import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join, resolve } from "node:path";
import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ImageRequirement } from "../job.ts";
import { type Image, ImageUnavailable } from "./engine.ts";
import { type ImageSources, keyOf, Preparations, plainName } from "./image-source.ts";
import { findProgram, runEngine } from "./program.ts";

/**
 * The images of singularity or apptainer: files (or root directories) below the cache directory, made once from what
 * CWL's DockerRequirement says. An image that a document names by its path on this host is used in place.
 */
export class SifStore {
  readonly #program: string;
  readonly #env: Record<string, string>;
  readonly #sources: ImageSources;
  readonly #directory: string;
  readonly #preparations = new Preparations((image, abandoned) => this.#fetchImage(image, abandoned));

  /** @param program the engine's absolute path */
  constructor(program: string, env: Record<string, string>, sources: ImageSources) {
    this.#program = program;
    this.#env = env;
    this.#sources = sources;
    this.#directory = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "causeway", basename(program));
  }

  prepare(image: ImageRequirement, signal?: AbortSignal): Promise<Image> {
    return this.#preparations.prepare(image, signal);
  }

  async #fetchImage(image: ImageRequirement, abandoned: AbortSignal): Promise<Image> {
    const local = this.#sources.trusted ? await localImage(image) : undefined;
    if (local) return local;
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const path = join(this.#directory, image.dockerImport ? keyOf(image) : `${keyOf(image)}.sif`);
    const made = await readDigest(path);
    if (made) return { reference: path, digest: made };
    const unfinished = `${path}.${randomUUID()}`;
    try {
      const digest = await this.#make(image, unfinished, abandoned);
      await rename(unfinished, path).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error; // another process was quicker
      });
      // Written last: an image without it was not finished, and is made again.
      await writeFile(`${path}.sha256`, digest);
      return { reference: path, digest };
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
  }

  /** Makes the image at `path` and returns its digest. */
  async #make(image: ImageRequirement, path: string, abandoned: AbortSignal): Promise<string> {
    if (image.dockerPull) await this.#run(["pull", path, withScheme(image.dockerPull, this.#sources)], abandoned);
    else if (image.dockerImport) return this.#unpack(image.dockerImport, path, abandoned);
    else if (image.dockerLoad) await this.#load(image.dockerLoad, path, abandoned);
    else if (image.dockerFile) throw new ImageUnavailable(`${basename(this.#program)} cannot build from a Dockerfile`);
    else
      throw new ImageUnavailable(`there is no image ${image.dockerImageId}, and DockerRequirement does not say where to get it`);
    return digestOf(path);
  }

  /** An archive of a root directory stays a root directory, which the engine runs as it is. */
  async #unpack(source: string, path: string, signal: AbortSignal): Promise<string> {
    const archive = await this.#sources.open(source, "files");
    await mkdir(path);
    const hash = createHash("sha256");
    const bytes = new PassThrough().on("data", (chunk) => hash.update(chunk));
    archive.on("error", (error) => bytes.destroy(error)).pipe(bytes);
    await runEngine(findProgram("tar") ?? "/bin/tar", ["-x", "-C", path, "-f", "-"], this.#env, { signal, input: bytes });
    return `sha256:${hash.digest("hex")}`;
  }

  /** What `docker save` wrote. The engine reads it twice, so it must be a file. */
  async #load(source: string, path: string, abandoned: AbortSignal): Promise<void> {
    const archive = `${path}.tar`;
    try {
      await pipeline(await this.#sources.open(source, "layers"), createWriteStream(archive), { signal: abandoned });
      await this.#run(["build", path, `docker-archive:${archive}`], abandoned);
    } finally {
      await rm(archive, { force: true });
    }
  }

  #run(args: string[], signal: AbortSignal): Promise<string> {
    return runEngine(this.#program, args, this.#env, { signal });
  }
}

/** An image that the document names by a path: a .sif file or a root directory. */
async function localImage({ dockerImageId, dockerPull }: ImageRequirement): Promise<Image | undefined> {
  for (const name of [dockerImageId, dockerPull]) {
    if (!name || /^[a-z]+:\/\//.test(name)) continue;
    const path = resolve(name);
    const entry = await stat(path).catch(() => undefined);
    if (!entry) continue;
    const known = await readDigest(path);
    if (known || !entry.isDirectory()) return { reference: path, digest: known ?? (await digestOf(path)) };
    // The content of a directory is not read: where it is and when it was changed must do.
    const sign = createHash("sha256").update(`${path} ${entry.mtimeMs}`).digest("hex");
    return { reference: path, digest: `sha256:${sign}` };
  }
  return undefined;
}

/** Names of images are docker's, unless they say otherwise (`oras://`, `library://`). Of other URLs nobody knows what they reach. */
function withScheme(name: string, { trusted }: ImageSources): string {
  const [, scheme, rest] = name.match(/^([a-z]+):\/\/(.*)$/s) ?? [];
  if (scheme === undefined) return `docker://${plainName(name)}`;
  if (trusted) return name;
  if (!["docker", "oras", "library"].includes(scheme)) throw new ImageUnavailable(`${name} is in no registry of images`);
  return `${scheme}://${plainName(rest!)}`;
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return `sha256:${hash.digest("hex")}`;
}

async function readDigest(path: string): Promise<string | undefined> {
  return readFile(`${path}.sha256`, "utf8").catch(() => undefined);
}

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { ImageRequirement } from "../job.ts";
import { makeTemporaryDirectory } from "../temporary/directory.ts";
import { type Image, ImageUnavailable } from "./engine.ts";
import { type ImageSources, nameOf, Preparations, plainName } from "./image-source.ts";
import { withName } from "./named-archive.ts";
import { runEngine } from "./program.ts";

/** The images of docker or podman, brought here in the ways of CWL's DockerRequirement (CWL 1.2, DockerRequirement). */
export class ImageStore {
  readonly #client: ImageClient;
  readonly #sources: ImageSources;
  readonly #preparations = new Preparations((image, abandoned) => this.#fetchImage(image, abandoned));

  constructor(client: ImageClient, sources: ImageSources) {
    this.#client = client;
    this.#sources = sources;
  }

  /** An image that is here already is used as it is; a tag is not asked for again. */
  prepare(image: ImageRequirement, signal?: AbortSignal): Promise<Image> {
    return this.#preparations.prepare(image, signal);
  }

  async #fetchImage(image: ImageRequirement, abandoned: AbortSignal): Promise<Image> {
    const name = nameOf(image, this.#sources);
    const here = await this.#inspect(name, abandoned);
    if (here) return here;
    const reference = await this.#obtain(image, name, abandoned);
    const brought = await this.#inspect(reference, abandoned);
    if (!brought) throw new ImageUnavailable(`${this.#client.name} has no image ${reference} after bringing it`);
    return brought;
  }

  /** Pulls, loads, imports or builds, and returns what the image is called. */
  async #obtain(image: ImageRequirement, name: string, abandoned: AbortSignal): Promise<string> {
    if (image.dockerPull) {
      const wanted = plainName(image.dockerPull);
      // Without the scheme podman would take `dir:x` for a directory of this host.
      await this.#run(["pull", "--quiet", this.#client.name === "podman" ? `docker://${wanted}` : wanted], abandoned);
      return wanted;
    }
    if (image.dockerLoad) return this.#load(image.dockerLoad, image, name, abandoned);
    if (image.dockerImport) {
      await this.#run(["import", "-", name], abandoned, await this.#sources.open(image.dockerImport, "files"));
      return name;
    }
    if (image.dockerFile) {
      if (!this.#sources.trusted) throw new ImageUnavailable("images are not built from a dockerFile here");
      await this.#build(image.dockerFile, name, abandoned);
      return name;
    }
    throw new ImageUnavailable(`no image ${name} on this host, and DockerRequirement does not say where to get it`);
  }

  async #load(archive: string, image: ImageRequirement, name: string, abandoned: AbortSignal): Promise<string> {
    const bytes = await this.#sources.open(archive, "layers");
    // Names that the archive gives its image would be found by everybody's documents.
    const output = await this.#run(["load"], abandoned, this.#sources.trusted ? bytes : withName(bytes, name));
    // "Loaded image: name:tag" or, for one without a name, "Loaded image ID: sha256:…"; podman writes "Loaded image(s)".
    const loaded = output.match(/Loaded image[^:]*: *(\S+)/)?.[1] ?? name;
    return (this.#sources.trusted && image.dockerImageId) || loaded;
  }

  /** The Dockerfile stands alone: there is nothing beside it that it could copy. */
  async #build(dockerFile: string, name: string, abandoned: AbortSignal): Promise<void> {
    const directory = makeTemporaryDirectory("image");
    const context = join(directory, "context");
    // As a name to build under podman would also take a place of this host (`dir:/path`).
    const own = `localhost/causeway:${createHash("sha256").update(dockerFile).digest("hex").slice(0, 24)}`;
    try {
      await mkdir(context);
      await writeFile(join(context, "Dockerfile"), dockerFile);
      const { buildNetwork } = this.#client;
      const network = buildNetwork ? ["--network", buildNetwork] : [];
      await this.#run(["build", "--quiet", ...network, "--tag", own, context], abandoned);
      if (name !== own) await this.#run(["tag", own, name], abandoned);
    } finally {
      await rm(directory, { recursive: true });
    }
  }

  /** The image of that name on this host. It is run by its id: what the name means may change meanwhile. */
  #inspect(name: string, signal: AbortSignal): Promise<Image | undefined> {
    const { program, env } = this.#client;
    return new Promise((resolve, reject) => {
      const args = ["image", "inspect", "--format", "{{.Id}} {{json .Config.Entrypoint}}", name];
      execFile(program, args, { env, cwd: "/", signal }, (error, stdout, stderr) => {
        const [, id, entryPoint] = stdout.match(/^(?:sha256:)?([0-9a-f]{64}) (.*)$/m) ?? [];
        if (!error && id) {
          const digest = `sha256:${id}`;
          resolve({ reference: digest, digest, entryPoint: (JSON.parse(entryPoint || "null") as string[] | null) ?? [] });
        } else if (/no such image|image not known/i.test(stderr)) resolve(undefined);
        else reject(new ImageUnavailable(`${this.#client.name} does not answer: ${stderr.trim() || error?.message || stdout}`));
      });
    });
  }

  #run(args: string[], signal: AbortSignal, input?: Readable): Promise<string> {
    const { program, env } = this.#client;
    return runEngine(program, args, env, { signal, ...(input && { input }) });
  }
}

/** How docker or podman is called for images. */
export interface ImageClient {
  name: "docker" | "podman";
  /** Its absolute path. */
  program: string;
  env: Record<string, string>;
  /** For builds that fetch packages. Absent: the engine's own default. */
  buildNetwork?: string;
}

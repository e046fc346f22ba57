import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { ImageRequirement } from "../job.ts";
import { type Image, ImageUnavailable } from "./engine.ts";
import { nameOf, openSource, Preparations } from "./image-source.ts";
import { runEngine } from "./program.ts";

/** The images of docker or podman, brought here in the ways of CWL's DockerRequirement (CWL 1.2, DockerRequirement). */
export class ImageStore {
  readonly #program: string;
  readonly #env: Record<string, string>;
  readonly #buildNetwork: string[];
  readonly #preparations = new Preparations((image) => this.#bring(image));

  /** @param network the host's, or the engine's default one, for builds that fetch packages */
  constructor(program: string, env: Record<string, string>, network: "host" | "bridge") {
    this.#program = program;
    this.#buildNetwork = network === "host" ? ["--network", "host"] : [];
    this.#env = env;
  }

  /** An image that is here already is used as it is; a tag is not asked for again. */
  prepare(image: ImageRequirement, signal?: AbortSignal): Promise<Image> {
    return this.#preparations.prepare(image, signal);
  }

  async #bring(image: ImageRequirement): Promise<Image> {
    const name = nameOf(image);
    const here = await this.#inspect(name);
    if (here) return here;
    const reference = await this.#obtain(image, name);
    const brought = await this.#inspect(reference);
    if (!brought) throw new ImageUnavailable(`${this.#program} has no image ${reference} after bringing it`);
    return brought;
  }

  /** Pulls, loads, imports or builds, and returns what the image is called. */
  async #obtain(image: ImageRequirement, name: string): Promise<string> {
    if (image.dockerPull) {
      await this.#run(["pull", "--quiet", image.dockerPull]);
      return image.dockerPull;
    }
    if (image.dockerLoad) {
      const output = await this.#run(["load"], await openSource(image.dockerLoad));
      // "Loaded image: name:tag" or, for one without a name, "Loaded image ID: sha256:…"; podman writes "Loaded image(s)".
      return image.dockerImageId ?? output.match(/Loaded image[^:]*: *(\S+)/)?.[1] ?? name;
    }
    if (image.dockerImport) {
      await this.#run(["import", "-", name], await openSource(image.dockerImport));
      return name;
    }
    if (image.dockerFile) {
      await this.#build(image.dockerFile, name);
      return name;
    }
    throw new ImageUnavailable(`no image ${name} on this host, and DockerRequirement does not say where to get it`);
  }

  /** The Dockerfile stands alone: there is nothing beside it that it could copy. */
  async #build(dockerFile: string, name: string): Promise<void> {
    const context = await mkdtemp(join(tmpdir(), "causeway-image-"));
    try {
      await writeFile(join(context, "Dockerfile"), dockerFile);
      await this.#run(["build", "--quiet", ...this.#buildNetwork, "--tag", name, context]);
    } finally {
      await rm(context, { recursive: true });
    }
  }

  /** The image of that name on this host. */
  #inspect(name: string): Promise<Image | undefined> {
    return new Promise((resolve, reject) => {
      const args = ["image", "inspect", "--format", "{{.Id}}", name];
      execFile(this.#program, args, { env: this.#env }, (error, stdout, stderr) => {
        const id = stdout.trim();
        if (!error) resolve({ reference: name, digest: id.startsWith("sha256:") ? id : `sha256:${id}` });
        else if (/no such image|image not known/i.test(stderr)) resolve(undefined);
        else reject(new ImageUnavailable(`${this.#program} does not answer: ${stderr.trim() || error.message}`));
      });
    });
  }

  #run(args: string[], input?: Readable): Promise<string> {
    return runEngine(this.#program, args, this.#env, input);
  }
}

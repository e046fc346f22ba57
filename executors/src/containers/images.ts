import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ImageRequirement } from "../job.ts";
import { type Image, ImageUnavailable } from "./engine.ts";

/** The images of docker or podman, brought here in the ways of CWL's DockerRequirement (CWL 1.2, DockerRequirement). */
export class ImageStore {
  readonly #program: string;
  readonly #env: Record<string, string>;
  readonly #buildNetwork: string[];
  /** Jobs that want the same image wait for one pull. */
  readonly #preparing = new Map<string, Promise<Image>>();

  /** @param network the host's, or the engine's default one, for builds that fetch packages */
  constructor(program: string, env: Record<string, string>, network: "host" | "bridge") {
    this.#program = program;
    this.#buildNetwork = network === "host" ? ["--network", "host"] : [];
    this.#env = env;
  }

  /**
   * An image that is here already is used as it is; a tag is not asked for again. When `signal` aborts, this caller is
   * let go; others may be waiting for the same image, which goes on coming.
   */
  async prepare(image: ImageRequirement, signal?: AbortSignal): Promise<Image> {
    const key = JSON.stringify(image);
    let preparing = this.#preparing.get(key);
    if (!preparing) {
      preparing = this.#bring(image);
      this.#preparing.set(key, preparing);
      // A failure is not remembered: the next job tries again.
      preparing.catch(() => this.#preparing.delete(key));
    }
    return signal ? Promise.race([preparing, abortOf(signal)]) : preparing;
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
      const output = await this.#run(["load"], await open(image.dockerLoad));
      // "Loaded image: name:tag" or, for one without a name, "Loaded image ID: sha256:…"; podman writes "Loaded image(s)".
      return image.dockerImageId ?? output.match(/Loaded image[^:]*: *(\S+)/)?.[1] ?? name;
    }
    if (image.dockerImport) {
      await this.#run(["import", "-", name], await open(image.dockerImport));
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

  async #run(args: string[], input?: Readable): Promise<string> {
    const child = spawn(this.#program, args, { env: this.#env, stdio: [input ? "pipe" : "ignore", "pipe", "pipe"] });
    const ended = new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
    let [stdout, stderr] = ["", ""];
    child.stdout!.on("data", (chunk) => (stdout += chunk));
    child.stderr!.on("data", (chunk) => (stderr += chunk));
    // When the program refuses early, its own message says more than the broken pipe.
    if (input) await pipeline(input, child.stdin!).catch(() => {});
    const code = await ended;
    if (code !== 0) throw new ImageUnavailable(`${this.#program} ${args[0]} failed (${code}): ${stderr.trim()}`);
    return stdout;
  }
}

/** What the image is called here: as the document says, else after what it is made from. */
function nameOf(image: ImageRequirement): string {
  if (image.dockerImageId) return image.dockerImageId;
  if (image.dockerPull) return image.dockerPull;
  const source = image.dockerFile ?? image.dockerImport ?? image.dockerLoad ?? "";
  return `localhost/causeway:${createHash("sha256").update(source).digest("hex").slice(0, 24)}`;
}

/** A URL (http, https, file) or a path of this host. */
async function open(source: string): Promise<Readable> {
  if (/^https?:/.test(source)) {
    const answer = await fetch(source);
    if (!answer.ok || !answer.body) throw new ImageUnavailable(`${source} answers ${answer.status}`);
    return Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]);
  }
  const stream = createReadStream(source.startsWith("file:") ? new URL(source) : source);
  await new Promise((resolve, reject) => stream.once("open", resolve).once("error", reject)).catch((error: Error) => {
    throw new ImageUnavailable(`${source} cannot be read: ${error.message}`);
  });
  return stream;
}

function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

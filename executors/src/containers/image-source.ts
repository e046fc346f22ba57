import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import type { ImageRequirement } from "../job.ts";
import { type Image, ImageUnavailable } from "./engine.ts";

/** What the image is called on this host: as the document says, else after what it is made from. */
export function nameOf(image: ImageRequirement): string {
  return image.dockerImageId ?? image.dockerPull ?? `localhost/causeway:${keyOf(image)}`;
}

/** 24 hex digits that stand for where the image comes from. */
export function keyOf(image: ImageRequirement): string {
  const source = image.dockerPull ?? image.dockerFile ?? image.dockerImport ?? image.dockerLoad ?? image.dockerImageId ?? "";
  return createHash("sha256").update(source).digest("hex").slice(0, 24);
}

/** The bytes of an archive: a URL (http, https, file) or a path of this host. */
export async function openSource(source: string): Promise<Readable> {
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

/**
 * Brings each image once: jobs that want the same one wait for the same preparation. A failure is not remembered: the
 * next job tries again. When a caller's `signal` aborts it is let go; the image goes on coming for the others.
 */
export class Preparations {
  readonly #bring: (image: ImageRequirement) => Promise<Image>;
  readonly #known = new Map<string, Promise<Image>>();

  constructor(bring: (image: ImageRequirement) => Promise<Image>) {
    this.#bring = bring;
  }

  async prepare(image: ImageRequirement, signal?: AbortSignal): Promise<Image> {
    const key = JSON.stringify(image);
    let preparing = this.#known.get(key);
    if (!preparing) {
      preparing = this.#bring(image);
      this.#known.set(key, preparing);
      preparing.catch(() => this.#known.delete(key));
    }
    return signal ? Promise.race([preparing, abortOf(signal)]) : preparing;
  }
}

function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

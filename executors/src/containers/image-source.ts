import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import type { ImageRequirement } from "../job.ts";
import { SharedWork } from "../shared-work.ts";
import type { ArchiveKind } from "./archive-size.ts";
import { type Image, ImageUnavailable } from "./engine.ts";

/** What the image is called on this host: as the document says, if it may, else after what it is made from. */
export function nameOf(image: ImageRequirement, { trusted }: ImageSources): string {
  const isMade = !image.dockerPull && (image.dockerLoad ?? image.dockerImport ?? image.dockerFile) !== undefined;
  const given = isMade && !trusted ? undefined : (image.dockerImageId ?? image.dockerPull);
  return given === undefined ? `localhost/causeway:${keyOf(image)}` : plainName(given);
}

/** 24 hex digits that stand for where the image comes from. */
export function keyOf(image: ImageRequirement): string {
  const source = image.dockerPull ?? image.dockerFile ?? image.dockerImport ?? image.dockerLoad ?? image.dockerImageId ?? "";
  return createHash("sha256").update(source).digest("hex").slice(0, 24);
}

/**
 * Where images come from that no registry has, and what documents may do to the images of this host.
 *
 * The engines themselves open no path and no URL: a document names a text, and this alone makes bytes of it.
 */
export interface ImageSources {
  /** The bytes of the archive that `dockerLoad` (`layers`) or `dockerImport` (`files`) names. Throws `ImageUnavailable`. */
  open(archive: string, kind: ArchiveKind): Promise<Readable>;
  /**
   * Whether documents are their reader's own: they may build from Dockerfiles, name images of this host by paths, and
   * give images names under which other documents find them.
   */
  readonly trusted: boolean;
}

/** Images come from registries alone. */
export const registriesOnly: ImageSources = {
  trusted: false,
  open: (archive) => Promise.reject(new ImageUnavailable(`${archive} is no archive that may be read here`)),
};

/**
 * The name of an image in a registry or on this host, without a scheme. Throws `ImageUnavailable` for what could be
 * taken for an option, a path or another kind of place (podman also reads `dir:/path` and its like).
 */
export function plainName(name: string): string {
  const plain = name.replace(/^docker:\/\//, "");
  if (plain.length <= 512 && /^[A-Za-z0-9][A-Za-z0-9._-]*([:@/+][A-Za-z0-9._-]+)*$/.test(plain)) return plain;
  throw new ImageUnavailable(`${JSON.stringify(name)} is no name of an image`);
}

/**
 * Brings each image once: jobs that want the same one wait for the same preparation, which is ended when none of them
 * waits any more. A failure is not remembered: the next job tries again.
 */
export class Preparations {
  readonly #fetchImage: (image: ImageRequirement, abandoned: AbortSignal) => Promise<Image>;
  readonly #known = new Map<string, Image>();
  readonly #underWay = new SharedWork<Image>();

  constructor(fetchImage: (image: ImageRequirement, abandoned: AbortSignal) => Promise<Image>) {
    this.#fetchImage = fetchImage;
  }

  async prepare(image: ImageRequirement, signal?: AbortSignal): Promise<Image> {
    signal?.throwIfAborted();
    const key = JSON.stringify(image);
    const known = this.#known.get(key);
    if (known) return known;
    const fetchImage = async (abandoned: AbortSignal) => {
      const brought = await this.#fetchImage(image, abandoned);
      this.#known.set(key, brought);
      return brought;
    };
    return this.#underWay.join(key, fetchImage, signal);
  }
}

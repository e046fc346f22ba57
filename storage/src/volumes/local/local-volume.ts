import { constants } from "node:fs";
import { type FileHandle, open as openFile } from "node:fs/promises";
import { codeOf } from "../../blobs/blob-errors.ts";
import { writeGathered } from "../../blobs/disk/gathered-write.ts";
import { KeySpace } from "../locations.ts";
import { openBody } from "../object-body.ts";
import { counted, emptyBytes } from "../object-bytes.ts";
import { type VolumeAction, VolumeError } from "../volume-errors.ts";
import type {
  CallOptions,
  ListFrom,
  ObjectBody,
  ObjectPage,
  OpenedObject,
  OpenOptions,
  UploadedPart,
  VolumeObject,
  VolumeStore,
  VolumeUpload,
  WriteOptions,
  WrittenObject,
} from "../volume-store.ts";
import type { HeldDirectory } from "./beneath.ts";
import { copied, shared } from "./local-copies.ts";
import { LocalListing } from "./local-listing.ts";
import { factsOf, missing, objectOf } from "./local-objects.ts";
import { LocalPlaces } from "./local-places.ts";
import { checkRoot, inRoot } from "./local-root.ts";
import type { LocalRoot, LocalVolumeSettings } from "./local-settings.ts";
import { LocalUploads } from "./local-uploads.ts";
import { Publication } from "./publication.ts";
import { SortedNames } from "./sorted-names.ts";

/** Milliseconds for everything but writing: a directory with a million names takes seconds. */
const ANSWER_MS = 60_000;
const READ_AHEAD = 256 * 1024;

const sortedByRoot = new Map<string, SortedNames>();

export class LocalVolume implements VolumeStore {
  readonly service = "local";
  readonly #root: LocalRoot;
  readonly #places: LocalPlaces;
  readonly #keys: KeySpace;
  readonly #followsLinks: boolean;
  readonly #names: SortedNames;
  readonly #answerMs: number;
  readonly #uploads: LocalUploads;

  constructor(settings: LocalVolumeSettings, { answerMs = ANSWER_MS }: { answerMs?: number | undefined } = {}) {
    if (!settings.root.path.startsWith("/")) throw new VolumeError("BadSettings", { detail: "the path of the root" });
    this.#root = settings.root;
    this.#keys = new KeySpace(settings.prefix);
    this.#followsLinks = settings.symlinks === "within_root";
    this.#places = new LocalPlaces(settings.root, this.#keys, this.#followsLinks);
    this.#answerMs = answerMs;
    const { path, maxNames = 2_000_000 } = settings.root;
    const sortedId = `${maxNames} ${this.#followsLinks} ${path}`;
    this.#names = sortedByRoot.get(sortedId) ?? new SortedNames(maxNames);
    sortedByRoot.set(sortedId, this.#names);
    this.#uploads = new LocalUploads({ fileMode: this.#places.modes.fileMode, owner: settings.root.owner });
  }

  list(from: ListFrom, options: CallOptions = {}): Promise<ObjectPage> {
    return this.#ask("list", options, async (signal) => {
      await checkRoot(this.#root.path);
      const listing = new LocalListing(
        {
          rootPath: this.#root.path,
          followsLinks: this.#followsLinks,
          keys: this.#keys,
          names: this.#names,
          objectOf,
          signal,
        },
        from,
      );
      return listing.page();
    });
  }

  stat(location: string, options: CallOptions = {}): Promise<VolumeObject> {
    return this.#ask("read", options, async () => {
      const named = await this.#places.find(location);
      try {
        return (await objectOf(location, named)) ?? missing();
      } finally {
        await named.close();
      }
    });
  }

  async open(location: string, { range, ifMatch, signal }: OpenOptions = {}): Promise<OpenedObject> {
    const { file, facts } = await this.#ask(
      "read",
      { signal },
      async () => {
        const file = await this.#places.openRegular(location);
        try {
          const { size, etag } = await factsOf(file);
          return { file, facts: { size, etag } };
        } catch (error) {
          await file.close();
          throw error;
        }
      },
      ({ file }) => file.close(),
    );
    if (ifMatch !== undefined && facts.etag !== ifMatch) {
      await file.close();
      throw new VolumeError("ObjectChanged", { action: "read" });
    }
    const offset = Math.min(range?.offset ?? 0, facts.size);
    const length = Math.min(range?.length ?? facts.size, facts.size - offset);
    if (length === 0) {
      await file.close();
      return { facts, bytes: emptyBytes() };
    }
    const read = file.createReadStream({ start: offset, end: offset + length - 1, highWaterMark: READ_AHEAD });
    const bytes = counted(read, length);
    const cut = () => bytes.destroy(signal!.reason instanceof Error ? signal!.reason : new Error("aborted"));
    signal?.addEventListener("abort", cut, { once: true });
    bytes.once("close", () => signal?.removeEventListener("abort", cut));
    return { facts, bytes };
  }

  openFile(location: string): Promise<FileHandle> {
    return this.#ask(
      "read",
      {},
      () => this.#places.openRegular(location),
      (file) => file.close(),
    );
  }

  async put(
    location: string,
    body: ObjectBody,
    { ifAbsent = false, signal }: WriteOptions & { ifAbsent?: boolean } & CallOptions = {},
  ): Promise<WrittenObject> {
    return this.#write(location, { ifAbsent, signal }, async (publication) => {
      const sent = await openBody(body);
      const file = await publication.create();
      try {
        signal?.addEventListener("abort", () => sent.bytes.destroy(signal.reason), { once: true });
        await writeGathered(file, sent.bytes, 0);
        return { etag: await publication.publish(file, { ifAbsent }), size: body.size };
      } catch (error) {
        signal?.throwIfAborted();
        throw sent.failure() ?? error;
      } finally {
        await file.close();
      }
    });
  }

  async putFile(
    location: string,
    path: string,
    { ifAbsent = false, signal }: { ifAbsent?: boolean } & CallOptions = {},
  ): Promise<WrittenObject> {
    return this.#write(location, { ifAbsent, signal }, async (publication) => {
      const source = await openFile(path, constants.O_RDONLY | constants.O_NOFOLLOW);
      try {
        const { size } = await source.stat();
        const file = (await shared(publication, source)) ?? (await copied(publication, source, signal));
        try {
          if ((await file.stat()).size !== size) throw new VolumeError("BodyCut", { detail: "the file was written to" });
          return { etag: await publication.publish(file, { ifAbsent }), size };
        } finally {
          await file.close();
        }
      } finally {
        await source.close();
      }
    });
  }

  async remove(location: string, { signal }: CallOptions = {}): Promise<void> {
    this.#checkWritable();
    await this.#ask("remove", { signal }, async () => {
      const { directory, name } = await this.#places.parent(location).catch(gone);
      if (directory === undefined) return;
      try {
        const named = await directory.name(name);
        const isFile = (await named.stat().finally(() => named.close())).isFile();
        if (!isFile) return;
        await directory.unlink(name);
        await directory.sync();
      } catch (error) {
        gone(error);
      } finally {
        await directory.close();
      }
    });
  }

  openUpload(
    location: string,
    size: number,
    { ifAbsent = false, signal }: WriteOptions & { ifAbsent?: boolean } & CallOptions = {},
  ): Promise<VolumeUpload> {
    return this.#inParent(location, { signal, make: true }, (directory, name) =>
      this.#uploads.open(directory, name, { location, size, ifAbsent }),
    );
  }

  writePart(upload: VolumeUpload, number: number, body: ObjectBody, { signal }: CallOptions = {}): Promise<UploadedPart> {
    return this.#inParent(upload.location, { signal }, (directory, name) =>
      this.#uploads.write(directory, name, { upload, number, body, signal }),
    );
  }

  listParts(upload: VolumeUpload, { signal }: CallOptions = {}): Promise<UploadedPart[]> {
    return this.#inParent(upload.location, { signal }, (directory, name) => this.#uploads.parts(directory, name, upload));
  }

  completeUpload(upload: VolumeUpload, parts: readonly UploadedPart[], { signal }: CallOptions = {}): Promise<WrittenObject> {
    return this.#inParent(upload.location, { signal }, (directory, name) =>
      this.#uploads.complete(directory, name, { upload, parts }),
    );
  }

  async removeUpload(upload: VolumeUpload, { signal }: CallOptions = {}): Promise<void> {
    await this.#inParent(upload.location, { signal }, (directory, name) => this.#uploads.remove(directory, name, upload)).catch(
      (error) => {
        if (!(error instanceof VolumeError) || error.fault !== "NoSuchUpload") throw error;
      },
    );
  }

  async listUploads(location: string, { signal }: CallOptions = {}): Promise<VolumeUpload["id"][]> {
    try {
      return await this.#inParent(location, { signal }, (directory, name) => this.#uploads.list(directory, name));
    } catch (error) {
      if (error instanceof VolumeError && error.fault === "NoSuchUpload") return [];
      throw error;
    }
  }

  close(): void {}

  /** For uploads: a directory that is not there holds none. */
  async #inParent<Answer>(
    location: string,
    { signal, make = false }: CallOptions & { make?: boolean },
    work: (directory: HeldDirectory, name: string) => Promise<Answer>,
  ): Promise<Answer> {
    this.#checkWritable();
    return this.#ask("write", { signal, ms: undefined }, async () => {
      const { directory, name } = await this.#places.parent(location, make).catch((error) => {
        throw codeOf(error) === "ENOENT" && !make ? new VolumeError("NoSuchUpload", { action: "write" }) : error;
      });
      try {
        return await work(directory, name);
      } finally {
        await directory.close();
      }
    });
  }

  async #write(
    location: string,
    { ifAbsent, signal }: { ifAbsent: boolean } & CallOptions,
    write: (publication: Publication) => Promise<{ etag: string; size: number }>,
  ): Promise<WrittenObject> {
    return this.#inParent(location, { signal, make: true }, async (directory, name) => {
      const publication = new Publication(directory, name, this.#places.modes);
      try {
        // Before a large body is written for nothing.
        if (ifAbsent) await publication.refuseExisting();
        return { ...(await write(publication)), verified: true };
      } finally {
        await publication.clean();
      }
    });
  }

  #checkWritable(): void {
    if (this.#root.readOnly) throw new VolumeError("ReadOnly", { action: "write" });
  }

  #ask<Answer>(
    action: VolumeAction,
    options: CallOptions & { ms?: number | undefined },
    work: (signal: AbortSignal) => Promise<Answer>,
    discard?: (late: Answer) => Promise<void>,
  ): Promise<Answer> {
    return inRoot(this.#root.path, { action, ms: this.#answerMs, ...options }, work, discard);
  }
}

/** Of a removal: what is not there need not be removed. */
function gone(error: unknown): { directory?: never; name: string } {
  if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR" || codeOf(error) === "ELOOP") return { name: "" };
  throw error;
}

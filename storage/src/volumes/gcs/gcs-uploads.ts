import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { checkPart, checkParts, inBuffers, openBody, partCount, partLength, partSizeFor } from "../object-body.ts";
import { VolumeError } from "../volume-errors.ts";
import type {
  CallOptions,
  ObjectBody,
  UploadedPart,
  VolumeObject,
  VolumeUpload,
  WriteOptions,
  WrittenObject,
} from "../volume-store.ts";
import { type GcsApi, objectIn } from "./gcs-api.ts";

interface GcsUploadsDeps {
  api: GcsApi;
  /** `/upload/storage/v1/b/<bucket>/o` */
  path: string;
  resourceOf(location: string, options: WriteOptions): Record<string, unknown>;
  stat(location: string, options: CallOptions): Promise<VolumeObject>;
}

/**
 * Resumable uploads: a session to which an object's bytes are sent in order. Google makes the object of them with the last
 * part, and forgets a session after a week.
 */
export class GcsUploads {
  readonly #deps: GcsUploadsDeps;

  constructor(deps: GcsUploadsDeps) {
    this.#deps = deps;
  }

  async open(
    location: string,
    size: number,
    { ifAbsent = false, signal, ...options }: WriteOptions & { ifAbsent?: boolean } & CallOptions,
  ): Promise<VolumeUpload> {
    const partSize = partSizeFor(size);
    const { api, path, resourceOf } = this.#deps;
    const resource = resourceOf(location, options);
    const answer = await api.send({
      method: "POST",
      path,
      query: { uploadType: "resumable", name: String(resource.name), ifGenerationMatch: ifAbsent ? "0" : undefined },
      headers: { "content-type": "application/json; charset=utf-8", "x-upload-content-length": String(size) },
      body: JSON.stringify(resource),
      action: "write",
      signal,
    });
    const session = answer.headers.location ? URL.parse(answer.headers.location, api.root.href) : null;
    // Whoever has a session may write: its bytes go to the service that we know, or nowhere.
    if (session === null || session.host !== api.root.host) {
      throw new VolumeError("BadAnswer", { action: "write", detail: "an upload has no session of this service" });
    }
    return { location, id: session.pathname + session.search, size, partSize, inOrder: true, ifAbsent };
  }

  async write(upload: VolumeUpload, number: number, body: ObjectBody, { signal }: CallOptions): Promise<UploadedPart> {
    checkPart(upload, number, body);
    const sent = await openBody(body);
    const from = (number - 1) * upload.partSize;
    const range = `bytes ${from}-${from + body.size - 1}/${upload.size}`;
    const answer = await this.#session(upload, { range, body: sent.bytes, length: body.size, signal }).catch((error) => {
      throw sent.failure() ?? error;
    });
    if (answer.status !== 308) {
      if (number < partCount(upload))
        throw new VolumeError("BadAnswer", { action: "write", detail: "an upload has ended before its end" });
      const object = await objectIn(answer, "write");
      return { number, size: body.size, etag: String(object.generation), verified: false };
    }
    // Google keeps whole blocks: it may keep less than it was sent, and asks for the rest.
    if (keptOf(answer.headers) < from + body.size) {
      throw new VolumeError("ServiceFault", { action: "write", status: 308, detail: "it has not kept the whole part" });
    }
    return { number, size: body.size, etag: String(from + body.size), verified: false };
  }

  async parts(upload: VolumeUpload, { signal }: CallOptions): Promise<UploadedPart[]> {
    const answer = await this.#session(upload, { range: `bytes */${upload.size}`, length: 0, signal });
    const done = answer.status !== 308;
    const kept = done ? upload.size : keptOf(answer.headers);
    const generation = done ? String((await objectIn(answer, "write")).generation) : "";
    return Array.from({ length: done ? partCount(upload) : Math.floor(kept / upload.partSize) }, (_, index) => {
      const number = index + 1;
      const size = partLength(upload, number);
      return {
        number,
        size,
        etag: number === partCount(upload) ? generation : String(index * upload.partSize + size),
        verified: false,
      };
    });
  }

  async complete(upload: VolumeUpload, parts: readonly UploadedPart[], { signal }: CallOptions): Promise<WrittenObject> {
    const last = checkParts(upload, parts).at(-1)!;
    const object = await this.#deps.stat(upload.location, { signal }).catch((error) => {
      throw error instanceof VolumeError && error.fault === "NoSuchObject" ? error.of("write", "NoSuchUpload") : error;
    });
    // The last part's ETag is the generation that it made: any other object is somebody else's.
    if (object.etag !== last.etag || object.size !== upload.size) throw new VolumeError("NoSuchUpload", { action: "write" });
    return { size: object.size, etag: object.etag, version: object.etag, verified: last.verified };
  }

  async remove(upload: VolumeUpload, { signal }: CallOptions): Promise<void> {
    const [path, query] = pathAndQuery(upload);
    // 499 says that it is removed; 404 and 410 that there is none.
    const accept = [404, 410, 499];
    await this.#deps.api.send({
      method: "DELETE",
      path,
      query,
      headers: { "content-length": "0" },
      action: "write",
      accept,
      signal,
    });
  }

  /** An object of more bytes than go in one request, verified by its MD5. */
  async whole(
    location: string,
    body: ObjectBody,
    options: WriteOptions & { ifAbsent?: boolean } & CallOptions,
  ): Promise<WrittenObject> {
    const { signal } = options;
    const upload = await this.open(location, body.size, options);
    try {
      const hash = createHash("md5");
      const parts: UploadedPart[] = [];
      for await (const { bytes } of inBuffers(body, upload.partSize)) {
        hash.update(bytes);
        const part = { size: bytes.length, open: () => Readable.from([bytes], { objectMode: false }) };
        parts.push(await this.write(upload, parts.length + 1, part, { signal }));
      }
      const written = await this.complete(upload, parts, { signal });
      const { md5, etag } = await this.#deps.stat(location, { signal });
      return { ...written, verified: etag === written.etag && md5 === hash.digest("hex") };
    } catch (error) {
      // Whatever that says is not why the object could not be written.
      await this.remove(upload, {}).catch(() => {});
      throw error;
    }
  }

  async #session(
    upload: VolumeUpload,
    { range, body, length, signal }: { range: string; body?: Readable; length: number } & CallOptions,
  ) {
    const [path, query] = pathAndQuery(upload);
    const headers = { "content-range": range, "content-length": String(length) };
    try {
      return await this.#deps.api.send({
        method: "PUT",
        path,
        query,
        headers,
        ...(body ? { body } : {}),
        action: "write",
        accept: [308],
        signal,
      });
    } catch (error) {
      if (!(error instanceof VolumeError)) throw error;
      throw error.fault === "NoSuchObject"
        ? error.of("write", "NoSuchUpload")
        : error.status === 400
          ? error.of("write", "PartsRefused")
          : error;
    }
  }
}

/** Bytes that a session has. */
function keptOf({ range }: Record<string, string>): number {
  const [, last] = /^bytes=0-(\d{1,16})$/.exec(range ?? "") ?? [];
  return last === undefined ? 0 : Number(last) + 1;
}

/** Throws `NoSuchUpload` for what is no session of ours. */
function pathAndQuery({ id }: VolumeUpload): [string, Record<string, string>] {
  const url = id.startsWith("/") && !id.startsWith("//") ? URL.parse(id, "http://session") : null;
  if (url === null || url.host !== "session") throw new VolumeError("NoSuchUpload", { action: "write" });
  return [url.pathname, Object.fromEntries(url.searchParams)];
}

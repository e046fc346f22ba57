import { randomBytes } from "node:crypto";
import { contentDisposition } from "../../blobs/content-disposition.ts";
import { KeySpace } from "../locations.ts";
import { ServiceHttp } from "../net/service-http.ts";
import { inBuffers } from "../object-body.ts";
import { emptyBytes, exactLength } from "../object-bytes.ts";
import { endpointUrl } from "../s3/s3-settings.ts";
import type { VolumeConnection } from "../volume-connection.ts";
import { isFault, VolumeError } from "../volume-errors.ts";
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
import { GcsApi } from "./gcs-api.ts";
import { objectOf, pageOf } from "./gcs-objects.ts";
import type { GcsVolumeSettings } from "./gcs-settings.ts";
import { signedUrl } from "./gcs-signing.ts";
import { GcsUploads } from "./gcs-uploads.ts";
import { ServiceAccount, tokenUrlOf } from "./service-account.ts";

const GOOGLE = "https://storage.googleapis.com";
/** What the API has as its default; it is the same service under its old name. */
const OLD_GOOGLE = /^https:\/\/www\.googleapis\.com\/?$/;

/** Bytes of an object that is sent in one request, with its MD5. */
const IN_MEMORY = 8 * 1024 * 1024;

/**
 * A bucket of Google Cloud Storage, by its JSON API. Not by Google's client library: that lets nobody look at the address
 * that it connects to, refuse a redirect, or bound an answer.
 */
export class GcsVolume implements VolumeStore {
  readonly service = "gcs";
  readonly signRead?: NonNullable<VolumeStore["signRead"]>;
  readonly #bucket: string;
  readonly #keys: KeySpace;
  readonly #api: GcsApi;
  readonly #uploads: GcsUploads;
  readonly #https: ServiceHttp[];
  readonly #objects: string;

  constructor(settings: GcsVolumeSettings, connection: VolumeConnection) {
    if (!/^[a-z0-9][a-z0-9._-]{1,221}$/.test(settings.bucket))
      throw new VolumeError("BadSettings", { detail: "the bucket's name" });
    const { rootUrl, publicEndpoint, credentials } = settings;
    const root = endpointUrl(rootUrl === undefined || OLD_GOOGLE.test(rootUrl) ? GOOGLE : rootUrl);
    const tokens = new ServiceHttp({ ...connection, hosts: [tokenUrlOf(credentials)] });
    const http = new ServiceHttp({ ...connection, hosts: [root] });
    this.#https = [tokens, http];
    this.#bucket = settings.bucket;
    this.#keys = new KeySpace(settings.prefix);
    const account = new ServiceAccount(credentials, tokens);
    this.#api = new GcsApi(root, http, account);
    this.#objects = `/storage/v1/b/${this.#bucket}/o`;
    this.#uploads = new GcsUploads({
      api: this.#api,
      path: `/upload${this.#objects}`,
      resourceOf: (location, options) => this.#resourceOf(location, options),
      stat: (location, options) => this.stat(location, options),
    });
    if (publicEndpoint === null) return;
    const endpoint = publicEndpoint === undefined ? root : endpointUrl(publicEndpoint);
    this.signRead = async (location, seconds, as = {}) => {
      const query = {
        "response-content-disposition": contentDisposition(as.filename),
        "response-content-type": "application/octet-stream",
      };
      return signedUrl({ endpoint, bucket: this.#bucket, key: this.#keys.keyOf(location), seconds, query }, account);
    };
  }

  async list({ prefix = "", delimiter, limit = 1000, token }: ListFrom, { signal }: CallOptions = {}): Promise<ObjectPage> {
    const query = { prefix: this.#keys.keysFrom(prefix), delimiter, maxResults: String(limit), pageToken: token };
    try {
      const answer = await this.#api.ask({ method: "GET", path: this.#objects, query, action: "list", signal });
      return pageOf(answer, { keys: this.#keys, limit, token });
    } catch (error) {
      if (isFault(error, "NoSuchObject")) throw error.of("list", "NoSuchBucket");
      if (token !== undefined && isFault(error, "Refused") && error.status === 400) throw error.of("list", "BadToken");
      throw error;
    }
  }

  async stat(location: string, { signal }: CallOptions = {}): Promise<VolumeObject> {
    const path = this.#pathOf(location);
    try {
      return objectOf(location, await this.#api.ask({ method: "GET", path, action: "read", signal }));
    } catch (error) {
      throw await this.#ofObject(error, { signal });
    }
  }

  async open(location: string, { range, ifMatch, signal }: OpenOptions = {}): Promise<OpenedObject> {
    if (range?.length === 0) {
      const { size, etag } = await this.stat(location, { signal });
      if (ifMatch !== undefined && etag !== ifMatch) throw new VolumeError("ObjectChanged", { action: "read" });
      return { facts: { size, etag }, bytes: emptyBytes() };
    }
    const headers = {
      // Objects that are stored compressed come as they are stored, with the size that they are stored with.
      "accept-encoding": "gzip",
      ...(range ? { range: `bytes=${range.offset}-${range.offset + range.length - 1}` } : {}),
    };
    const query = { alt: "media", ifGenerationMatch: ifMatch };
    const path = this.#pathOf(location);
    try {
      const answer = await this.#api.send({ method: "GET", path, query, headers, bytes: true, action: "read", signal });
      const { "content-length": length, "content-range": contentRange, "x-goog-generation": etag = "" } = answer.headers;
      const contentLength = length === undefined ? undefined : Number(length);
      return exactLength(answer.body, { range, contentLength, contentRange, etag, ifMatch });
    } catch (error) {
      // A range that begins after the end.
      if (range && isFault(error, "Refused") && error.status === 416) {
        return this.open(location, { range: { offset: 0, length: 0 }, ...(ifMatch === undefined ? {} : { ifMatch }), signal });
      }
      throw await this.#ofObject(error, { signal });
    }
  }

  async put(
    location: string,
    body: ObjectBody,
    options: WriteOptions & { ifAbsent?: boolean } & CallOptions = {},
  ): Promise<WrittenObject> {
    const { ifAbsent, signal } = options;
    if (body.size > IN_MEMORY) return this.#inBucket(() => this.#uploads.whole(location, body, options));
    for await (const { bytes, md5 } of inBuffers(body, IN_MEMORY)) {
      const resource = { ...this.#resourceOf(location, options), md5Hash: md5.toString("base64") };
      const boundary = `causeway-${randomBytes(16).toString("hex")}`;
      const head = `--${boundary}\r\ncontent-type: application/json; charset=utf-8\r\n\r\n${JSON.stringify(resource)}\r\n`;
      const media = `--${boundary}\r\ncontent-type: ${resource.contentType}\r\n\r\n`;
      const answer = await this.#inBucket(() =>
        this.#api.ask({
          method: "POST",
          path: `/upload${this.#objects}`,
          query: { uploadType: "multipart", ifGenerationMatch: ifAbsent ? "0" : undefined },
          headers: { "content-type": `multipart/related; boundary=${boundary}` },
          body: Buffer.concat([Buffer.from(head + media), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]),
          action: "write",
          signal,
        }),
      );
      const { size, etag, md5: stored } = objectOf(location, answer);
      if (size !== body.size) throw new VolumeError("BodyDamaged", { action: "write" });
      return { size, etag, version: etag, verified: stored === md5.toString("hex") };
    }
    throw new VolumeError("BodyCut");
  }

  async remove(location: string, { version, signal }: { version?: string | undefined } & CallOptions = {}): Promise<void> {
    const query = { generation: version };
    await this.#api.send({ method: "DELETE", path: this.#pathOf(location), query, action: "remove", accept: [404], signal });
  }

  openUpload(
    location: string,
    size: number,
    options: WriteOptions & { ifAbsent?: boolean } & CallOptions = {},
  ): Promise<VolumeUpload> {
    return this.#inBucket(() => this.#uploads.open(location, size, options));
  }

  writePart(upload: VolumeUpload, number: number, body: ObjectBody, options: CallOptions = {}): Promise<UploadedPart> {
    return this.#uploads.write(upload, number, body, options);
  }

  listParts(upload: VolumeUpload, options: CallOptions = {}): Promise<UploadedPart[]> {
    return this.#uploads.parts(upload, options);
  }

  completeUpload(upload: VolumeUpload, parts: readonly UploadedPart[], options: CallOptions = {}): Promise<WrittenObject> {
    return this.#uploads.complete(upload, parts, options);
  }

  removeUpload(upload: VolumeUpload, options: CallOptions = {}): Promise<void> {
    return this.#uploads.remove(upload, options);
  }

  close(): void {
    for (const http of this.#https) http.close();
  }

  #pathOf(location: string): string {
    return `${this.#objects}/${encodeURIComponent(this.#keys.keyOf(location))}`;
  }

  #resourceOf(location: string, { contentType = "application/octet-stream", userMetadata, storageClass }: WriteOptions) {
    // It becomes a line of the request's body.
    if (!/^[ -~]{1,256}$/.test(contentType))
      throw new VolumeError("PropertyRefused", { action: "write", detail: "the content type" });
    return {
      name: this.#keys.keyOf(location),
      contentType,
      ...(userMetadata ? { metadata: userMetadata } : {}),
      ...(storageClass ? { storageClass } : {}),
    };
  }

  /** Of a write, a 404 is the bucket. */
  async #inBucket<Answer>(write: () => Promise<Answer>): Promise<Answer> {
    try {
      return await write();
    } catch (error) {
      throw isFault(error, "NoSuchObject") ? error.of("write", "NoSuchBucket") : error;
    }
  }

  /** Of an object, a 404 is the object or the bucket, which a list tells apart; it needs another right, which may be lacking. */
  async #ofObject(error: unknown, options: CallOptions): Promise<unknown> {
    if (!isFault(error, "NoSuchObject")) return error;
    try {
      await this.list({ limit: 1 }, options);
      return error;
    } catch (reason) {
      return isFault(reason, "NoSuchBucket") ? error.of("read", "NoSuchBucket") : error;
    }
  }
}

import type { Readable } from "node:stream";
import {
  DeleteObjectCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { contentDisposition } from "../../blobs/content-disposition.ts";
import { KeySpace } from "../locations.ts";
import { inBuffers } from "../object-body.ts";
import { emptyBytes, exactLength } from "../object-bytes.ts";
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
import { LackingFeatures, writeProperties } from "./lacking-features.ts";
import { createClients, type S3Ask, type S3Clients } from "./s3-clients.ts";
import { asS3Fault } from "./s3-faults.ts";
import { etagOf, objectOf, pageOf, unquoted } from "./s3-objects.ts";
import { addressOf, type S3VolumeSettings } from "./s3-settings.ts";
import { S3Uploads } from "./s3-uploads.ts";
import { assumedRole } from "./sts.ts";

/** Bytes of an object that is sent in one request, with its MD5, so that the service keeps all of it or nothing. */
const IN_MEMORY = 8 * 1024 * 1024;

/** A bucket of S3 or of what speaks it. */
export class S3Volume implements VolumeStore {
  readonly service: "s3" | "oss";
  readonly signRead?: NonNullable<VolumeStore["signRead"]>;
  readonly #settings: S3VolumeSettings;
  readonly #connection: VolumeConnection;
  readonly #keys: KeySpace;
  readonly #uploads: S3Uploads;
  readonly #lacking = new LackingFeatures();
  #clients: S3Clients;

  constructor(settings: S3VolumeSettings, connection: VolumeConnection) {
    this.service = settings.service;
    this.#settings = settings;
    this.#connection = connection;
    this.#keys = new KeySpace(settings.prefix);
    addressOf(settings);
    this.#clients = this.#connect(settings.region ?? "us-east-1");
    this.#uploads = new S3Uploads({
      object: (location) => this.#object(location),
      ask: (action, ask, options) => this.#ask(action, ask, options),
      lacking: this.#lacking,
      refuseExisting: (location, options) => this.#refuseExisting(location, options),
    });
    if (settings.publicEndpoint !== null) {
      this.signRead = (location, seconds, as, options) => this.#signRead(location, seconds, as, options);
    }
  }

  async list({ prefix = "", delimiter, limit = 1000, token }: ListFrom, options?: CallOptions): Promise<ObjectPage> {
    const from = {
      Bucket: this.#settings.bucket,
      Prefix: this.#keys.keysFrom(prefix),
      Delimiter: delimiter,
      MaxKeys: limit,
      EncodingType: "url" as const,
    };
    try {
      if (this.#settings.listVersion === 1) {
        const command = new ListObjectsCommand({ ...from, Marker: token });
        const answer = await this.#ask("list", ({ answers }) => answers.send(command, aborted(options)), options);
        // Without a delimiter, the first version of lists has no marker of its own.
        const last = answer.NextMarker ?? answer.Contents?.at(-1)?.Key;
        const next = last === undefined || answer.EncodingType !== "url" ? last : decodeURIComponent(last.replaceAll("+", " "));
        return pageOf(answer, { keys: this.#keys, limit, token, next });
      }
      const command = new ListObjectsV2Command({ ...from, ContinuationToken: token });
      const answer = await this.#ask("list", ({ answers }) => answers.send(command, aborted(options)), options);
      return pageOf(answer, { keys: this.#keys, limit, token, next: answer.NextContinuationToken });
    } catch (error) {
      if (token !== undefined && isFault(error, "Refused") && error.status === 400) throw error.of("list", "BadToken");
      if (error instanceof URIError)
        throw new VolumeError("BadAnswer", { action: "list", detail: "a marker is not escaped as it says" });
      // A 404 of a list is of the bucket, whatever the store calls it.
      throw isFault(error, "NoSuchObject") ? error.of("list", "NoSuchBucket") : error;
    }
  }

  async stat(location: string, options?: CallOptions): Promise<VolumeObject> {
    const object = this.#object(location);
    try {
      const answer = await this.#ask(
        "read",
        ({ answers }) => answers.send(new HeadObjectCommand(object), aborted(options)),
        options,
      );
      return objectOf(location, answer);
    } catch (error) {
      if (!(error instanceof VolumeError) || error.status === undefined || error.status < 300) throw error;
      // An answer to HEAD has no body, so no code: what GET says tells a bucket from an object, and a key from a right.
      const { bytes } = await this.#get(location, { range: { offset: 0, length: 1 } }, options).catch((reason) => {
        throw isFault(reason, "Archived") ? error : reason;
      });
      bytes.destroy();
      throw error;
    }
  }

  async open(location: string, { range, ifMatch, signal }: OpenOptions = {}): Promise<OpenedObject> {
    if (range?.length === 0) {
      const { size, etag } = await this.stat(location, { signal });
      if (ifMatch !== undefined && etag !== ifMatch) throw new VolumeError("ObjectChanged", { action: "read" });
      return { facts: { size, etag }, bytes: emptyBytes() };
    }
    try {
      return await this.#get(location, { range, ifMatch }, { signal });
    } catch (error) {
      // A range that begins after the end.
      if (range && isFault(error, "Refused") && error.status === 416)
        return this.open(location, { range: { offset: 0, length: 0 }, ...(ifMatch === undefined ? {} : { ifMatch }), signal });
      throw error;
    }
  }

  async put(
    location: string,
    body: ObjectBody,
    { ifAbsent, signal, ...options }: WriteOptions & { ifAbsent?: boolean } & CallOptions = {},
  ): Promise<WrittenObject> {
    if (body.size > IN_MEMORY) return this.#uploads.whole(location, body, { ...options, ifAbsent: ifAbsent ?? false, signal });
    if (ifAbsent) await this.#refuseExisting(location, { signal });
    for await (const { bytes, md5 } of inBuffers(body, IN_MEMORY)) {
      return this.#lacking.writing({ ...options, ifAbsent: ifAbsent ?? false }, async (possible) => {
        const command = new PutObjectCommand({
          ...this.#object(location),
          ...writeProperties(possible),
          ContentMD5: md5.toString("base64"),
          ContentLength: bytes.length,
          Body: bytes,
          ...(possible.ifAbsent ? { IfNoneMatch: "*" } : {}),
        });
        const answer = await this.#ask("write", ({ answers }) => answers.send(command, aborted({ signal })), { signal });
        const etag = etagOf(answer);
        const version = answer.VersionId === undefined || answer.VersionId === "null" ? {} : { version: answer.VersionId };
        return {
          size: body.size,
          etag,
          ...version,
          verified: etag === md5.toString("hex") && answer.ServerSideEncryption !== "aws:kms",
        };
      });
    }
    throw new VolumeError("BodyCut");
  }

  async remove(location: string, { version, signal }: { version?: string | undefined } & CallOptions = {}): Promise<void> {
    const command = new DeleteObjectCommand({ ...this.#object(location), VersionId: version });
    try {
      await this.#ask("remove", ({ answers }) => answers.send(command, aborted({ signal })), { signal });
    } catch (error) {
      // S3 answers 204 for a key that holds nothing; some servers answer 404.
      if (!isFault(error, "NoSuchObject")) throw error;
    }
  }

  async readAcl(location: string, options?: CallOptions): Promise<void> {
    const command = new GetObjectAclCommand(this.#object(location));
    await this.#ask("readAcl", ({ answers }) => answers.send(command, aborted(options)), options);
  }

  openUpload(
    location: string,
    size: number,
    options: WriteOptions & { ifAbsent?: boolean } & CallOptions = {},
  ): Promise<VolumeUpload> {
    return this.#uploads.open(location, size, options);
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

  listUploads(location: string, options: CallOptions = {}): Promise<VolumeUpload["id"][]> {
    return this.#uploads.list(location, options);
  }

  close(): void {
    this.#clients.close();
  }

  async #get(
    location: string,
    { range, ifMatch }: Pick<OpenOptions, "range"> & { ifMatch?: string | undefined },
    options?: CallOptions,
  ): Promise<OpenedObject> {
    const Range = range && `bytes=${range.offset}-${range.offset + range.length - 1}`;
    const IfMatch = ifMatch === undefined ? undefined : `"${ifMatch}"`;
    const command = new GetObjectCommand({ ...this.#object(location), Range, IfMatch });
    const answer = await this.#ask("read", ({ bytes }) => bytes.send(command, aborted(options)), options);
    const { ContentLength, ContentRange, ETag } = answer;
    return exactLength(answer.Body as Readable, {
      range,
      contentLength: ContentLength,
      contentRange: ContentRange,
      etag: unquoted(ETag),
      ifMatch,
    });
  }

  async #signRead(location: string, seconds: number, as: { filename?: string } = {}, options?: CallOptions): Promise<URL> {
    const command = new GetObjectCommand({
      ...this.#object(location),
      ResponseContentType: "application/octet-stream",
      ResponseContentDisposition: contentDisposition(as.filename),
    });
    return this.#ask("read", async ({ signer }) => new URL(await getSignedUrl(signer, command, { expiresIn: seconds })), options);
  }

  /** Throws `ObjectExists`: before a large body is sent for nothing, and for stores that take no notice of the condition. */
  async #refuseExisting(location: string, options: CallOptions): Promise<void> {
    try {
      await this.stat(location, options);
    } catch (error) {
      if (isFault(error, "NoSuchObject", "AccessDenied")) return;
      throw error;
    }
    throw new VolumeError("ObjectExists", { action: "write" });
  }

  #object(location: string): { Bucket: string; Key: string } {
    return { Bucket: this.#settings.bucket, Key: this.#keys.keyOf(location) };
  }

  #connect(region: string): S3Clients {
    const { credentials } = this.#settings;
    const keys = "roleArn" in credentials ? assumedRole(credentials, { connection: this.#connection, region }) : credentials;
    return createClients(this.#settings, { connection: this.#connection, region, credentials: keys });
  }

  #ask: S3Ask = async (action, ask, { signal } = {}) => {
    for (let attempt = 1; ; attempt += 1) {
      const clients = this.#clients;
      try {
        return await ask(clients);
      } catch (error) {
        signal?.throwIfAborted();
        const fault = asS3Fault(error, action);
        // Nobody told us the region, the service does: from now on it is that one.
        const elsewhere = fault.fault === "WrongRegion" && fault.region !== undefined && this.#settings.region === undefined;
        if (!elsewhere || attempt > 1) throw fault;
        if (this.#clients === clients) this.#clients = this.#connect(fault.region!);
      }
    }
  };
}

function aborted(options: CallOptions | undefined): { abortSignal?: AbortSignal } {
  return options?.signal ? { abortSignal: options.signal } : {};
}

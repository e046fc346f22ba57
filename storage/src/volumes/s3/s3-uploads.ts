import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  ListPartsCommand,
  type ListPartsCommandOutput,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { checkPart, checkParts, inBuffers, openBody, partCount, partLength, partSizeFor } from "../object-body.ts";
import { isFault, VolumeError } from "../volume-errors.ts";
import type { CallOptions, ObjectBody, UploadedPart, VolumeUpload, WriteOptions, WrittenObject } from "../volume-store.ts";
import { type LackingFeatures, writeProperties } from "./lacking-features.ts";
import type { S3Ask, S3Clients } from "./s3-clients.ts";
import { etagOf, unquoted } from "./s3-objects.ts";

/** Joining 10,000 parts takes AWS minutes, in which it sends blanks. */
const COMPLETE_MS = 15 * 60_000;

/** More than that many pages of parts or uploads of one key is no list of any service. */
const MAX_PAGES = 1000;

interface S3UploadsDeps {
  object(location: string): { Bucket: string; Key: string };
  ask: S3Ask;
  lacking: LackingFeatures;
  refuseExisting(location: string, options: CallOptions): Promise<void>;
}

/** Objects that arrive in parts. */
export class S3Uploads {
  readonly #deps: S3UploadsDeps;

  constructor(deps: S3UploadsDeps) {
    this.#deps = deps;
  }

  async open(
    location: string,
    size: number,
    { signal, ifAbsent = false, ...options }: WriteOptions & { ifAbsent?: boolean } & CallOptions,
  ): Promise<VolumeUpload> {
    const partSize = partSizeFor(size);
    return this.#deps.lacking.writing({ ...options, ifAbsent: false }, async (possible) => {
      const command = new CreateMultipartUploadCommand({ ...this.#deps.object(location), ...writeProperties(possible) });
      const { UploadId } = await this.#deps.ask("write", ({ answers }) => answers.send(command, aborted(signal)), { signal });
      if (!UploadId) throw new VolumeError("BadAnswer", { action: "write", detail: "an upload has no id" });
      return { location, id: UploadId, size, partSize, inOrder: false, ifAbsent };
    });
  }

  async write(upload: VolumeUpload, number: number, body: ObjectBody, { signal }: CallOptions): Promise<UploadedPart> {
    checkPart(upload, number, body);
    const sent = await openBody(body);
    const command = new UploadPartCommand({
      ...this.#upload(upload),
      PartNumber: number,
      ContentLength: body.size,
      Body: sent.bytes,
    });
    const answer = await this.#ask(({ answers }) => answers.send(command, aborted(signal)), signal).catch(async (error) => {
      if (sent.failure() !== undefined) throw sent.failure();
      // A service that refuses a part does not read it, and may cut the connection before its answer is here.
      if (isFault(error, "Unreachable")) await this.parts(upload, { signal }).catch((reason) => rethrow(reason, "NoSuchUpload"));
      throw error;
    });
    const etag = etagOf(answer);
    return { number, size: body.size, etag, verified: etag === sent.md5() && answer.ServerSideEncryption !== "aws:kms" };
  }

  async parts(upload: VolumeUpload, { signal }: CallOptions): Promise<UploadedPart[]> {
    const stored: UploadedPart[] = [];
    // Not the SDK's paginator: it goes on for ever where the last page has a marker too.
    let page: ListPartsCommandOutput | undefined;
    for (let pages = 1; !page || page.IsTruncated; pages += 1) {
      const command = new ListPartsCommand({ ...this.#upload(upload), PartNumberMarker: page?.NextPartNumberMarker });
      page = await this.#ask(({ answers }) => answers.send(command, aborted(signal)), signal);
      if (page.IsTruncated === undefined)
        throw new VolumeError("BadAnswer", { action: "write", detail: "it is no list of parts" });
      for (const { PartNumber: number, Size: size, ETag } of page.Parts ?? []) {
        if (number! > partCount(upload) || size !== partLength(upload, number!)) continue;
        stored.push({ number: number!, size, etag: unquoted(ETag), verified: false });
      }
      if (pages > MAX_PAGES) throw new VolumeError("BadAnswer", { action: "write", detail: "the list of parts does not end" });
    }
    return stored;
  }

  /** An object of more bytes than go in one request, by parts one after the other. */
  async whole(
    location: string,
    body: ObjectBody,
    { ifAbsent, signal, ...options }: WriteOptions & { ifAbsent: boolean } & CallOptions,
  ): Promise<WrittenObject> {
    if (ifAbsent) await this.#deps.refuseExisting(location, { signal });
    const upload = await this.open(location, body.size, { ...options, ifAbsent, signal });
    try {
      const parts: UploadedPart[] = [];
      for await (const { bytes } of inBuffers(body, upload.partSize)) {
        parts.push(await this.write(upload, parts.length + 1, { size: bytes.length, open: () => chunked(bytes) }, { signal }));
      }
      return await this.complete(upload, parts, { signal });
    } catch (error) {
      // Whatever that says is not why the object could not be written.
      await this.remove(upload, {}).catch(() => {});
      throw error;
    }
  }

  async complete(upload: VolumeUpload, parts: readonly UploadedPart[], { signal }: CallOptions): Promise<WrittenObject> {
    const inOrder = checkParts(upload, parts);
    if (upload.ifAbsent) await this.#deps.refuseExisting(upload.location, { signal });
    return this.#deps.lacking.writing({ ifAbsent: upload.ifAbsent }, async (possible) => {
      const command = new CompleteMultipartUploadCommand({
        ...this.#upload(upload),
        MultipartUpload: { Parts: inOrder.map(({ number, etag }) => ({ PartNumber: number, ETag: `"${etag}"` })) },
        ...(possible.ifAbsent ? { IfNoneMatch: "*" } : {}),
      });
      const patient = { ...aborted(signal), requestTimeout: COMPLETE_MS };
      const answer = await this.#ask(({ answers }) => answers.send(command, patient), signal);
      const version = answer.VersionId === undefined || answer.VersionId === "null" ? {} : { version: answer.VersionId };
      return { size: upload.size, etag: etagOf(answer), ...version, verified: inOrder.every((part) => part.verified) };
    });
  }

  async remove(upload: VolumeUpload, { signal }: CallOptions): Promise<void> {
    const command = new AbortMultipartUploadCommand(this.#upload(upload));
    try {
      await this.#ask(({ answers }) => answers.send(command, aborted(signal)), signal);
    } catch (error) {
      if (!isFault(error, "NoSuchUpload")) throw error;
    }
  }

  async list(location: string, { signal }: CallOptions): Promise<VolumeUpload["id"][]> {
    const { Bucket, Key } = this.#deps.object(location);
    const ids: string[] = [];
    let page: ListMultipartUploadsCommandOutput | undefined;
    for (let pages = 1; !page || page.IsTruncated; pages += 1) {
      const { NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page ?? {};
      const command = new ListMultipartUploadsCommand({ Bucket, Prefix: Key, KeyMarker, UploadIdMarker });
      page = await this.#deps.ask("write", ({ answers }) => answers.send(command, aborted(signal)), { signal });
      if (page.IsTruncated === undefined)
        throw new VolumeError("BadAnswer", { action: "write", detail: "it is no list of uploads" });
      const uploads = page.Uploads ?? [];
      ids.push(...uploads.filter((each) => each.Key === Key).map((each) => each.UploadId!));
      // Keys come in order: those of other locations that begin alike come after ours.
      if (uploads.some((each) => each.Key !== Key)) break;
      if (pages > MAX_PAGES) throw new VolumeError("BadAnswer", { action: "write", detail: "the list of uploads does not end" });
    }
    return ids;
  }

  /** A 404 of an upload is of the upload, unless the store says that the bucket is gone. */
  async #ask<Answer>(ask: (clients: S3Clients) => Promise<Answer>, signal: AbortSignal | undefined): Promise<Answer> {
    try {
      return await this.#deps.ask("write", ask, { signal });
    } catch (error) {
      throw isFault(error, "NoSuchObject") ? error.of("write", "NoSuchUpload") : error;
    }
  }

  #upload(upload: VolumeUpload) {
    return { ...this.#deps.object(upload.location), UploadId: upload.id };
  }
}

function rethrow(error: unknown, fault: "NoSuchUpload"): void {
  if (isFault(error, fault)) throw error;
}

function chunked(bytes: Buffer): Readable {
  return Readable.from([bytes], { objectMode: false });
}

function aborted(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal ? { abortSignal: signal } : {};
}

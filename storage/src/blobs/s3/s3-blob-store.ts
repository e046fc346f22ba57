import { constants } from "node:fs";
import { open as openFile } from "node:fs/promises";
import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  ListPartsCommand,
  type ListPartsCommandOutput,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { BlobMissing, UploadMissing } from "../blob-errors.ts";
import { BLOB_KEY, checkBlobKey, checkPartNumber } from "../blob-key.ts";
import type {
  BlobStat,
  BlobStore,
  BlobUpload,
  ByteRange,
  HashedBlob,
  ListedBlob,
  NamedPart,
  StoredBlob,
  StoredPart,
  UploadRef,
} from "../blob-store.ts";
import { contentDisposition } from "../content-disposition.ts";
import { abortable } from "../hash-stream.ts";
import { pickParts } from "../part-list.ts";
import { inParts, sendExactly, throughFile } from "./s3-body.ts";
import { createS3Client, type S3Settings } from "./s3-client.ts";
import { asStoreError, isRangeError } from "./s3-errors.ts";

/**
 * Keeps blobs as objects of a bucket of any S3-compatible server, version 4 signatures. The bucket must exist and must
 * not expire what is in it. Clients send parts to the server themselves; it answers their MD5 as the ETag.
 */
export class S3BlobStore implements BlobStore {
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #client: S3Client;
  readonly #signer: S3Client;

  constructor(settings: S3Settings) {
    this.#bucket = settings.bucket;
    this.#prefix = settings.prefix ?? "";
    this.#client = createS3Client(settings, settings.endpoint);
    this.#signer = createS3Client(settings, settings.publicEndpoint ?? settings.endpoint);
  }

  put(key: string, bytes: Readable): Promise<HashedBlob> {
    return this.#write(key, bytes, async () => {});
  }

  async adopt(key: string, path: string, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<HashedBlob> {
    const file = await openFile(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const before = await file.stat({ bigint: true });
      if (!before.isFile()) throw new TypeError(`not a regular file: ${path}`);
      return await this.#write(key, abortable(file.createReadStream({ autoClose: false }), signal), async () => {
        const after = await file.stat({ bigint: true });
        if (after.mtimeNs !== before.mtimeNs || after.size !== before.size) throw new Error(`${path} was written to`);
      });
    } finally {
      await file.close();
    }
  }

  async open(key: string, range?: ByteRange): Promise<Readable> {
    if (range?.length === 0) {
      await this.stat(key);
      return Readable.from([]);
    }
    const Range = range && `bytes=${range.offset}-${range.offset + range.length - 1}`;
    try {
      const { Body } = await this.#client.send(new GetObjectCommand({ ...this.#object(key), Range }));
      return Body as Readable;
    } catch (error) {
      if (isRangeError(error)) return Readable.from([]);
      throw asStoreError(error, { key });
    }
  }

  async stat(key: string): Promise<BlobStat> {
    return this.#ask({ key }, async () => {
      const { ContentLength, LastModified } = await this.#client.send(new HeadObjectCommand(this.#object(key)));
      return { size: ContentLength!, modifiedAt: LastModified! };
    });
  }

  async remove(key: string): Promise<void> {
    try {
      await this.#ask({ key }, () => this.#client.send(new DeleteObjectCommand(this.#object(key))));
    } catch (error) {
      // S3 answers 204 for a key that holds nothing; some servers answer 404.
      if (!(error instanceof BlobMissing)) throw error;
    }
  }

  async *list({ prefix = "", after = "" } = {}): AsyncIterable<ListedBlob> {
    const StartAfter = after === "" ? undefined : this.#prefix + after;
    const pages = paginateListObjectsV2(
      { client: this.#client },
      { Bucket: this.#bucket, Prefix: this.#prefix + prefix, StartAfter },
    );
    for await (const { Contents = [] } of pages) {
      for (const { Key, Size, LastModified } of Contents) {
        const key = Key!.slice(this.#prefix.length);
        if (BLOB_KEY.test(key)) yield { key, size: Size!, modifiedAt: LastModified! };
      }
    }
  }

  async signReadUrl(key: string, seconds: number, { filename }: { filename?: string } = {}): Promise<URL> {
    const command = new GetObjectCommand({
      ...this.#object(key),
      ResponseContentType: "application/octet-stream",
      ResponseContentDisposition: contentDisposition(filename),
    });
    return new URL(await getSignedUrl(this.#signer, command, { expiresIn: seconds }));
  }

  async openUpload(key: string, { partSize }: { partSize: number }): Promise<BlobUpload> {
    const command = new CreateMultipartUploadCommand({ ...this.#object(key), ContentType: "application/octet-stream" });
    const { UploadId } = await this.#ask({ key }, () => this.#client.send(command));
    return { key, id: UploadId!, partSize };
  }

  async writePart(
    upload: BlobUpload,
    number: number,
    bytes: Readable,
    { length }: { length?: number } = {},
  ): Promise<StoredPart> {
    checkPartNumber(number);
    if (length === undefined) {
      return throughFile(bytes, (spooled, size) => this.writePart(upload, number, spooled, { length: size }));
    }
    const { ETag } = await sendExactly({ bytes, length, number }, (Body, abortSignal) =>
      this.#askUpload(upload, () =>
        this.#client.send(
          new UploadPartCommand({ ...this.#part(upload, number), Body: length === 0 ? "" : Body, ContentLength: length }),
          { abortSignal },
        ),
      ),
    );
    return { number, size: length, etag: unquoted(ETag) };
  }

  async signPartUrl(upload: BlobUpload, number: number, seconds: number): Promise<URL> {
    checkPartNumber(number);
    return new URL(await getSignedUrl(this.#signer, new UploadPartCommand(this.#part(upload, number)), { expiresIn: seconds }));
  }

  async listParts(upload: BlobUpload): Promise<StoredPart[]> {
    const stored: StoredPart[] = [];
    // Not the SDK's paginator: it goes on for ever where the last page has a marker too.
    let page: ListPartsCommandOutput | undefined;
    do {
      const from = { ...this.#object(upload.key), UploadId: upload.id, PartNumberMarker: page?.NextPartNumberMarker };
      page = await this.#askUpload(upload, () => this.#client.send(new ListPartsCommand(from)));
      for (const { PartNumber, Size, ETag } of page.Parts ?? []) {
        stored.push({ number: PartNumber!, size: Size!, etag: unquoted(ETag) });
      }
    } while (page.IsTruncated);
    return stored;
  }

  async completeUpload(upload: BlobUpload, named: readonly NamedPart[]): Promise<StoredBlob> {
    try {
      const stored = new Map((await this.listParts(upload)).map((part) => [part.number, part]));
      // S3 wants no gapless numbers, but refuses empty parts: they are left out, and an upload of nothing else is a put.
      const parts = pickParts(named, stored).filter((part) => part.size > 0);
      if (parts.length === 0) return await this.#completeEmpty(upload);
      await this.#complete(
        upload,
        parts.map(({ number, etag }) => ({ PartNumber: number, ETag: `"${etag}"` })),
      );
      return { size: parts.reduce((sum, part) => sum + part.size, 0), sha256: null };
    } catch (error) {
      if (!(error instanceof UploadMissing)) throw error;
      return this.#completedBefore(upload, error);
    }
  }

  async removeUpload({ key, id }: UploadRef): Promise<void> {
    try {
      await this.#ask({ key, uploadId: id }, () =>
        this.#client.send(new AbortMultipartUploadCommand({ ...this.#object(key), UploadId: id })),
      );
    } catch (error) {
      if (!(error instanceof UploadMissing)) throw error;
    }
  }

  async *listUploads(): AsyncIterable<UploadRef & { openedAt: Date }> {
    let page: ListMultipartUploadsCommandOutput | undefined;
    do {
      const { NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page ?? {};
      page = await this.#client.send(
        new ListMultipartUploadsCommand({ Bucket: this.#bucket, Prefix: this.#prefix, KeyMarker, UploadIdMarker }),
      );
      for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
        const key = Key!.slice(this.#prefix.length);
        if (BLOB_KEY.test(key)) yield { key, id: UploadId!, openedAt: Initiated! };
      }
    } while (page.IsTruncated);
  }

  /** Small bodies go in one request; others in parts, none of which counts before `check` has passed and the last is there. */
  async #write(key: string, bytes: Readable, check: () => Promise<void>): Promise<HashedBlob> {
    checkBlobKey(key);
    let whole: HashedBlob | undefined;
    const parts = inParts(bytes, (end) => {
      whole = end;
    });
    const first = (await parts.next()).value as Buffer;
    if (whole) {
      await check();
      await this.#ask({ key }, () => this.#client.send(new PutObjectCommand({ ...this.#object(key), Body: first })));
      return whole;
    }
    const upload = await this.openUpload(key, { partSize: first.length });
    try {
      const sent = [await this.#sendBuffer(upload, 1, first)];
      for await (const part of parts) sent.push(await this.#sendBuffer(upload, sent.length + 1, part));
      await check();
      await this.#complete(upload, sent);
    } catch (error) {
      await this.removeUpload(upload);
      throw error;
    }
    return whole!;
  }

  async #sendBuffer(upload: BlobUpload, number: number, Body: Buffer): Promise<CompletedPart> {
    const command = new UploadPartCommand({ ...this.#part(upload, number), Body });
    const { ETag } = await this.#askUpload(upload, () => this.#client.send(command));
    return { PartNumber: number, ETag };
  }

  async #complete(upload: BlobUpload, parts: CompletedPart[]): Promise<void> {
    const command = new CompleteMultipartUploadCommand({
      ...this.#object(upload.key),
      UploadId: upload.id,
      MultipartUpload: { Parts: parts },
    });
    await this.#askUpload(upload, () => this.#client.send(command));
  }

  async #completeEmpty(upload: BlobUpload): Promise<HashedBlob> {
    const blob = await this.put(upload.key, Readable.from([]));
    await this.removeUpload(upload);
    return blob;
  }

  async #completedBefore(upload: BlobUpload, error: UploadMissing): Promise<StoredBlob> {
    try {
      const { size } = await this.stat(upload.key);
      return { size, sha256: null };
    } catch (statError) {
      throw statError instanceof BlobMissing ? error : statError;
    }
  }

  #object(key: string): { Bucket: string; Key: string } {
    checkBlobKey(key);
    return { Bucket: this.#bucket, Key: this.#prefix + key };
  }

  #part(upload: BlobUpload, number: number) {
    return { ...this.#object(upload.key), UploadId: upload.id, PartNumber: number };
  }

  #askUpload<Answer>(upload: UploadRef, ask: () => Promise<Answer>): Promise<Answer> {
    return this.#ask({ key: upload.key, uploadId: upload.id }, ask);
  }

  async #ask<Answer>(about: { key: string; uploadId?: string }, ask: () => Promise<Answer>): Promise<Answer> {
    try {
      return await ask();
    } catch (error) {
      throw asStoreError(error, about);
    }
  }
}

function unquoted(etag: string | undefined): string {
  return (etag ?? "").replaceAll('"', "");
}

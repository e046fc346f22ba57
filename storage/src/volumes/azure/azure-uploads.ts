import { randomBytes } from "node:crypto";
import type { BlockBlobClient } from "@azure/storage-blob";
import { checkPart, checkParts, inBuffers, openBody, partCount, partLength, partSizeFor } from "../object-body.ts";
import { isFault, VolumeError } from "../volume-errors.ts";
import type { CallOptions, ObjectBody, UploadedPart, VolumeUpload, WriteOptions, WrittenObject } from "../volume-store.ts";

interface AzureUploadsDeps {
  blob(location: string): BlockBlobClient;
  write<Answer>(options: CallOptions, write: () => Promise<Answer>): Promise<Answer>;
}

/**
 * Objects that arrive in parts, which Azure calls blocks: it keeps them for a week beside the object, and forgets them when
 * an object is written at that location otherwise.
 */
export class AzureUploads {
  readonly #deps: AzureUploadsDeps;

  constructor(deps: AzureUploadsDeps) {
    this.#deps = deps;
  }

  /** Nothing is asked of the service: it learns of an upload with its first part. What was set goes with the last request. */
  open(
    location: string,
    size: number,
    { ifAbsent = false, contentType, userMetadata }: WriteOptions & { ifAbsent?: boolean },
  ): VolumeUpload {
    this.#deps.blob(location);
    const set = { ...(contentType ? { contentType } : {}), ...(userMetadata ? { userMetadata } : {}) };
    const id = `${randomBytes(8).toString("hex")}.${Buffer.from(JSON.stringify(set)).toString("base64url")}`;
    return { location, id, size, partSize: partSizeFor(size), inOrder: false, ifAbsent };
  }

  async write(upload: VolumeUpload, number: number, body: ObjectBody, { signal }: CallOptions): Promise<UploadedPart> {
    checkPart(upload, number, body);
    const sent = await openBody(body);
    const id = blockId(upload, number);
    const answer = await this.#deps
      .write({ signal }, () => this.#deps.blob(upload.location).stageBlock(id, () => sent.bytes, body.size, aborted(signal)))
      .catch((error) => {
        throw sent.failure() ?? error;
      });
    const { contentMD5: stored } = answer;
    const verified = stored !== undefined && Buffer.from(stored).toString("hex") === sent.md5();
    if (stored !== undefined && !verified) throw new VolumeError("BodyDamaged", { action: "write" });
    return { number, size: body.size, etag: id, verified };
  }

  async parts(upload: VolumeUpload, { signal }: CallOptions): Promise<UploadedPart[]> {
    try {
      const { uncommittedBlocks = [], version } = await this.#deps.write({ signal }, () =>
        this.#deps.blob(upload.location).getBlockList("uncommitted", aborted(signal)),
      );
      // A page that is no list at all, of a login portal say, is read as an empty one.
      if (version === undefined) throw new VolumeError("BadAnswer", { action: "write", detail: "it is no list of blocks" });
      const sizes = new Map(uncommittedBlocks.map(({ name, size }) => [name, size]));
      return Array.from({ length: partCount(upload) }, (_, index) => index + 1)
        .map((number) => ({ number, size: partLength(upload, number), etag: blockId(upload, number), verified: false }))
        .filter(({ etag, size }) => sizes.get(etag) === size);
    } catch (error) {
      // A location without an object and without a block.
      if (isFault(error, "NoSuchBucket") && error.code === "BlobNotFound") return [];
      throw error;
    }
  }

  async complete(upload: VolumeUpload, parts: readonly UploadedPart[], { signal }: CallOptions): Promise<WrittenObject> {
    const inOrder = checkParts(upload, parts);
    const blocks = inOrder.map(({ number }) => blockId(upload, number));
    const how = { ...propertiesOf(setWith(upload)), ...conditionsOf(upload.ifAbsent), ...aborted(signal) };
    const answer = await this.#deps.write({ signal }, () => this.#deps.blob(upload.location).commitBlockList(blocks, how));
    return { size: upload.size, ...namesOf(answer), verified: inOrder.every((part) => part.verified) };
  }

  /** An object of more bytes than go in one request. Azure refuses a part whose MD5 is another than it is told. */
  async whole(
    location: string,
    body: ObjectBody,
    options: WriteOptions & { ifAbsent: boolean } & CallOptions,
  ): Promise<WrittenObject> {
    const { signal } = options;
    const upload = this.open(location, body.size, options);
    const parts: UploadedPart[] = [];
    for await (const { bytes, md5 } of inBuffers(body, upload.partSize)) {
      const number = parts.length + 1;
      const etag = blockId(upload, number);
      const checked = { ...aborted(signal), transactionalContentMD5: md5 };
      await this.#deps.write({ signal }, () => this.#deps.blob(location).stageBlock(etag, bytes, bytes.length, checked));
      parts.push({ number, size: bytes.length, etag, verified: true });
    }
    return this.complete(upload, parts, { signal });
  }
}

/** Ids of the blocks of an object have all one length. The upload's own first characters tell its blocks from another's. */
function blockId({ id }: VolumeUpload, number: number): string {
  return Buffer.from(`${id.slice(0, 16)}-${String(number).padStart(5, "0")}`).toString("base64");
}

/** What was set when the upload was opened. */
function setWith({ id }: VolumeUpload): WriteOptions {
  try {
    return JSON.parse(Buffer.from(id.slice(17), "base64url").toString());
  } catch {
    throw new VolumeError("NoSuchUpload", { action: "write" });
  }
}

export function propertiesOf({ contentType, userMetadata }: WriteOptions) {
  return {
    blobHTTPHeaders: { blobContentType: contentType ?? "application/octet-stream" },
    ...(userMetadata ? { metadata: userMetadata } : {}),
  };
}

export function conditionsOf(ifAbsent: boolean): { conditions?: { ifNoneMatch: string } } {
  return ifAbsent ? { conditions: { ifNoneMatch: "*" } } : {};
}

/** What Azure calls the content that was written. Throws `BadAnswer`: what has no ETag was not written by a store. */
export function namesOf({ etag, versionId }: { etag?: string; versionId?: string }): { etag: string; version?: string } {
  if (!etag) throw new VolumeError("BadAnswer", { action: "write", detail: "what was written has no ETag" });
  return { etag: etag.replaceAll('"', ""), ...(versionId === undefined ? {} : { version: versionId }) };
}

function aborted(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal ? { abortSignal: signal } : {};
}

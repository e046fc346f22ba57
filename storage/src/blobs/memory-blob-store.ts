import { constants } from "node:fs";
import { open as openFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { BlobMissing, PartCut, UploadMissing } from "./blob-errors.ts";
import { checkBlobKey, checkPartNumber, newBlobKey } from "./blob-key.ts";
import type {
  BlobStat,
  BlobStore,
  BlobUpload,
  ByteRange,
  HashedBlob,
  ListedBlob,
  NamedPart,
  StoredPart,
  UploadRef,
} from "./blob-store.ts";
import { abortable, etagOf, hashStream } from "./hash-stream.ts";
import { pickParts } from "./part-list.ts";

/** Keeps blobs in this process, for tests. Nothing survives it. */
export class MemoryBlobStore implements BlobStore {
  readonly #blobs = new Map<string, { bytes: Buffer; modifiedAt: Date }>();
  readonly #uploads = new Map<string, { key: string; openedAt: Date; parts: Map<number, MemoryPart> }>();

  async put(key: string, bytes: Readable): Promise<HashedBlob> {
    checkBlobKey(key);
    return this.#keep(key, await collect(bytes));
  }

  async adopt(key: string, path: string, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<HashedBlob> {
    checkBlobKey(key);
    const file = await openFile(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    return this.#keep(key, await collect(abortable(file.createReadStream(), signal)));
  }

  async open(key: string, range?: ByteRange): Promise<Readable> {
    const { bytes } = this.#blob(key);
    const wanted = range ? bytes.subarray(range.offset, range.offset + range.length) : bytes;
    return Readable.from(wanted.length > 0 ? [wanted] : [], { objectMode: false });
  }

  async stat(key: string): Promise<BlobStat> {
    const { bytes, modifiedAt } = this.#blob(key);
    return { size: bytes.length, modifiedAt };
  }

  async remove(key: string): Promise<void> {
    this.#blobs.delete(key);
  }

  async *list({ prefix = "", after = "" } = {}): AsyncIterable<ListedBlob> {
    for (const key of [...this.#blobs.keys()].sort()) {
      const blob = this.#blobs.get(key);
      if (blob && key.startsWith(prefix) && key > after) yield { key, size: blob.bytes.length, modifiedAt: blob.modifiedAt };
    }
  }

  async openUpload(key: string, { partSize }: { partSize: number }): Promise<BlobUpload> {
    checkBlobKey(key);
    const id = newBlobKey();
    this.#uploads.set(id, { key, openedAt: new Date(), parts: new Map() });
    return { key, id, partSize };
  }

  async writePart(
    upload: BlobUpload,
    number: number,
    bytes: Readable,
    { length }: { length?: number } = {},
  ): Promise<StoredPart> {
    checkPartNumber(number);
    const { parts } = this.#upload(upload);
    const body = await collect(bytes);
    if (length !== undefined && body.length !== length) throw new PartCut(number, length, body.length);
    const part = { number, size: body.length, etag: etagOf((await hashStream(Readable.from([body]))).sha256), body };
    this.#upload(upload);
    parts.set(number, part);
    return withoutBody(part);
  }

  async listParts(upload: BlobUpload): Promise<StoredPart[]> {
    const { parts } = this.#upload(upload);
    return [...parts.values()].map(withoutBody).sort((a, b) => a.number - b.number);
  }

  async completeUpload(upload: BlobUpload, named: readonly NamedPart[]): Promise<HashedBlob> {
    const done = this.#blobs.get(upload.key);
    if (done && !this.#uploads.has(upload.id)) return hashStream(Readable.from([done.bytes]));
    const parts = pickParts(named, this.#upload(upload).parts);
    this.#uploads.delete(upload.id);
    return this.#keep(upload.key, Buffer.concat(parts.map((part) => part.body)));
  }

  async removeUpload(upload: UploadRef): Promise<void> {
    this.#uploads.delete(upload.id);
  }

  async *listUploads(): AsyncIterable<UploadRef & { openedAt: Date }> {
    for (const [id, { key, openedAt }] of this.#uploads) yield { key, id, openedAt };
  }

  #keep(key: string, bytes: Buffer): Promise<HashedBlob> {
    this.#blobs.set(key, { bytes, modifiedAt: new Date() });
    return hashStream(Readable.from([bytes]));
  }

  #blob(key: string) {
    const blob = this.#blobs.get(key);
    if (!blob) throw new BlobMissing(key);
    return blob;
  }

  #upload(upload: UploadRef) {
    const found = this.#uploads.get(upload.id);
    if (!found) throw new UploadMissing(upload.id);
    return found;
  }
}

interface MemoryPart extends StoredPart {
  body: Buffer;
}

function withoutBody({ number, size, etag }: MemoryPart): StoredPart {
  return { number, size, etag };
}

async function collect(bytes: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
}

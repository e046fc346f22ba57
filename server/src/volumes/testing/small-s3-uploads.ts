import type { IncomingMessage } from "node:http";
import { etagOf, refused, type Said } from "./small-s3-answers.ts";

interface Sent {
  body: Buffer;
  metadata: Record<string, string>;
}

/** Uploads in parts to the small S3 server: as much of them as an export needs. */
export class SmallUploads {
  readonly #open = new Map<string, { metadata: Record<string, string>; parts: Map<number, Buffer> }>();
  #count = 0;

  /** The answer to a request that is about an upload, or the object that has become of one. */
  answer(
    method: string | undefined,
    query: URLSearchParams,
    { body, metadata }: Sent,
  ): Said | { object: Buffer; metadata: Record<string, string> } | undefined {
    if (query.has("uploads")) return this.#begin(metadata);
    const id = query.get("uploadId");
    if (id === null) return undefined;
    const upload = this.#open.get(id);
    if (!upload) return refused([404, "NoSuchUpload"]);
    if (method === "PUT") {
      upload.parts.set(Number(query.get("partNumber")), body);
      return { headers: { etag: etagOf(body) } };
    }
    const parts = [...upload.parts].sort(([a], [b]) => a - b);
    if (method === "GET") return { body: listOf(parts) };
    this.#open.delete(id);
    if (method === "DELETE") return { status: 204 };
    return { object: Buffer.concat(parts.map(([, bytes]) => bytes)), metadata: upload.metadata };
  }

  /** Stores a part of which only the first half has come, and zeros for the rest. */
  keepCut({ method, url = "/" }: IncomingMessage, body: Buffer): void {
    const query = new URL(url, "http://s3").searchParams;
    const upload = this.#open.get(query.get("uploadId") ?? "");
    if (method === "PUT") upload?.parts.set(Number(query.get("partNumber")), Buffer.from(body).fill(0, body.length / 2));
  }

  #begin(metadata: Record<string, string>): Said {
    const id = `upload${++this.#count}`;
    this.#open.set(id, { metadata, parts: new Map() });
    return { body: `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>` };
  }
}

function listOf(parts: readonly [number, Buffer][]): string {
  const entries = parts.map(
    ([number, bytes]) =>
      `<Part><PartNumber>${number}</PartNumber><Size>${bytes.length}</Size><ETag>${etagOf(bytes)}</ETag></Part>`,
  );
  return `<ListPartsResult><IsTruncated>false</IsTruncated>${entries.join("")}</ListPartsResult>`;
}

import type { Readable } from "node:stream";
import type { StoredPart } from "@causeway/storage";
import type { Sql } from "../db/database.ts";
import type { UploadRow } from "./queries.ts";

/**
 * Where the parts of uploads are until they are a file. Implementations: an upload in the blob store, and blobs of their
 * own for uploads whose file fits into one part.
 *
 * - Safe for concurrent use, also by several processes.
 * - What was stored when a promise resolves is durable.
 */
export interface UploadParts {
  /** Stores a part to the end of `bytes`; the last whole body wins (as `BlobStore.writePart`). Throws `UploadMissing`. */
  write(upload: UploadRow, number: number, bytes: Readable, length: number | undefined): Promise<StoredPart>;
  /** The parts that are there, by number; undefined when they are a file already, or lost. */
  stored(upload: UploadRow, sql?: Sql): Promise<Map<number, StoredPart> | undefined>;
}

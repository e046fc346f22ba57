import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { BlobStore } from "../blobs/blob-store.ts";

export const MiB = 1024 * 1024;

export function stream(...chunks: Buffer[]): Readable {
  return Readable.from(
    chunks.filter((chunk) => chunk.length > 0),
    { objectMode: false },
  );
}

/** A stream that breaks after `bytes`. */
export function torn(bytes: Buffer): Readable {
  return Readable.from(
    (async function* () {
      yield bytes;
      throw new Error("cut");
    })(),
    { objectMode: false },
  );
}

export async function readAll(store: BlobStore, key: string, range?: { offset: number; length: number }): Promise<Buffer> {
  return buffer(await store.open(key, range));
}

export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

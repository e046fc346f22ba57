import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** The floor: what the simplest Node program does that streams a body to a file with a SHA-256 and an fsync, and no more. */
export async function writePlainly(path: string, bytes: Readable): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(
    bytes,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(path, { highWaterMark: 1024 * 1024 }),
  );
  const file = await open(path, "r");
  await file.datasync();
  await file.close();
  return hash.digest("hex");
}

import { createHash } from "node:crypto";
import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { PartCut } from "../blob-errors.ts";
import type { HashedBlob } from "../blob-store.ts";
import { writeGathered } from "../disk/gathered-write.ts";

/** S3 allows 10,000 parts: they begin at 16 MiB and double every 1,000, which reaches far beyond its 5 TiB. */
const FIRST_PART = 16 * 1024 * 1024;

/** A stream cut into buffers that S3 accepts as parts, hashed on the way. The last may be short, or empty if it is the only one. */
export async function* inParts(bytes: Readable, onEnd: (whole: HashedBlob) => void): AsyncGenerator<Buffer> {
  const hash = createHash("sha256");
  let size = 0;
  let number = 1;
  let gathered: Buffer[] = [];
  let gatheredSize = 0;
  for await (const chunk of bytes) {
    hash.update(chunk);
    size += chunk.length;
    gathered.push(chunk);
    gatheredSize += chunk.length;
    if (gatheredSize < FIRST_PART * 2 ** Math.floor(number / 1000)) continue;
    yield Buffer.concat(gathered);
    number += 1;
    gathered = [];
    gatheredSize = 0;
  }
  onEnd({ size, sha256: hash.digest("hex") });
  if (gatheredSize > 0 || number === 1) yield Buffer.concat(gathered);
}

/**
 * Gives `send` a body of exactly `length` bytes. When `bytes` fails, ends early or runs on, the request is cut: the HTTP
 * client would otherwise wait for the rest for ever. Throws what went wrong with the body, rather than that it was cut.
 */
export async function sendExactly<Result>(
  { bytes, length, number }: { bytes: Readable; length: number; number: number },
  send: (body: Readable, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const cut = new AbortController();
  const body = Readable.from(exactly(), { objectMode: false });
  body.on("error", () => {}); // It is thrown below, as the reason for the cut.
  async function* exactly() {
    let received = 0;
    try {
      for await (const chunk of bytes) {
        received += chunk.length;
        if (received > length) throw new PartCut(number, length, received);
        yield chunk;
      }
      if (received < length) throw new PartCut(number, length, received);
    } catch (error) {
      cut.abort(error);
      throw error;
    }
  }
  try {
    return await send(body, cut.signal);
  } catch (error) {
    throw cut.signal.aborted ? cut.signal.reason : error;
  } finally {
    body.destroy();
  }
}

/** S3 must know the length of a part before its first byte: a body that does not tell goes through a file. */
export async function throughFile<Answer>(
  bytes: Readable,
  send: (spooled: Readable, size: number) => Promise<Answer>,
): Promise<Answer> {
  const file = await namelessFile();
  try {
    const { size } = await writeGathered(file, bytes, 0);
    return await send(file.createReadStream({ start: 0, autoClose: false }), size);
  } finally {
    await file.close();
  }
}

/** A file without a name: nothing is left of it when this process ends, however it does. */
async function namelessFile(): Promise<FileHandle> {
  const directory = await mkdtemp(join(tmpdir(), "causeway-part-"));
  try {
    return await open(join(directory, "part"), "wx+");
  } finally {
    await rm(directory, { recursive: true });
  }
}

import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { Readable } from "node:stream";
import type { HashedBlob } from "../blob-store.ts";

/** Bytes collected before they are written: network chunks of 16-64 KiB would cost a system call and a thread hop each. */
const GATHERED = 1024 * 1024;
/** The system takes at most 1024 buffers in one call (IOV_MAX). */
const MAX_BUFFERS = 512;

type Writable = Pick<FileHandle, "writev">;

/**
 * Writes `bytes` to `file` from `position` on, hashing them on the way: one write is under way while the next MiB
 * arrives and is hashed. `limit` (bytes) stops a body that runs on: the size returned is then greater than `limit`, and
 * nothing was written beyond it. Does not sync.
 */
export async function writeGathered(file: Writable, bytes: Readable, position: number, limit = Infinity): Promise<HashedBlob> {
  const hash = createHash("sha256");
  let size = 0;
  let gathered: Buffer[] = [];
  let gatheredSize = 0;
  let underWay: Promise<void> = Promise.resolve();

  const flush = async () => {
    await underWay;
    underWay = writeAll(file, gathered, position + size - gatheredSize);
    // A failure is thrown by the next flush; until then it must not count as unhandled.
    underWay.catch(() => {});
    gathered = [];
    gatheredSize = 0;
  };

  try {
    for await (const chunk of bytes) {
      if (size + chunk.length > limit) {
        size += chunk.length;
        return { size, sha256: "" };
      }
      hash.update(chunk);
      gathered.push(chunk);
      gatheredSize += chunk.length;
      size += chunk.length;
      if (gatheredSize >= GATHERED || gathered.length >= MAX_BUFFERS) await flush();
    }
    await flush();
    await underWay;
    return { size, sha256: hash.digest("hex") };
  } finally {
    // The caller closes the file or frees the slot next: no write may come after that.
    await underWay.catch(() => {});
  }
}

async function writeAll(file: Writable, buffers: Buffer[], position: number): Promise<void> {
  let rest = buffers.filter((buffer) => buffer.length > 0);
  while (rest.length > 0) {
    const { bytesWritten } = await file.writev(rest, position);
    position += bytesWritten;
    rest = without(rest, bytesWritten);
  }
}

/** What is left of `buffers` after their first `count` bytes: a write may be cut short, by a signal or a filling disk. */
function without(buffers: Buffer[], count: number): Buffer[] {
  let first = 0;
  while (first < buffers.length && count >= buffers[first]!.length) {
    count -= buffers[first]!.length;
    first += 1;
  }
  const rest = buffers.slice(first);
  if (count > 0) rest[0] = rest[0]!.subarray(count);
  return rest;
}

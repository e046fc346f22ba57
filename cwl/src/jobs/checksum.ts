import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { open } from "node:fs/promises";

/** Files up to this size are read and hashed at once, larger ones in pieces that let other work go on. */
const PIECE = 1024 * 1024;

/** `sha1$` and 40 hex digits, the form of CWL v1.2 §File.checksum. `size` in bytes chooses the way of reading. */
export async function checksumOf(path: string, size: number, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha1");
  if (size <= PIECE) return `sha1$${hash.update(readFileSync(path)).digest("hex")}`;
  const file = await open(path, "r");
  try {
    const buffer = Buffer.allocUnsafe(PIECE);
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, PIECE, null);
      if (bytesRead === 0) return `sha1$${hash.digest("hex")}`;
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

import { createHash, type Hash } from "node:crypto";
import { Readable } from "node:stream";
import { type BlobStore, isFault, newBlobKey, PASSING_FAULTS, VolumeError } from "@causeway/storage";
import { ApiError } from "../http/errors.ts";
import type { DrsHost } from "./hosts.ts";
import { openBytes, type RemoteObject } from "./remote-objects.ts";

/** How often bytes that stop coming are asked for again without a single new byte. */
const TRIES = 3;

/** What the standard and its servers call the digests that Node knows. */
const DIGESTS: Readonly<Record<string, string>> = {
  "sha-256": "sha256",
  sha256: "sha256",
  "sha-512": "sha512",
  sha512: "sha512",
  "sha-1": "sha1",
  sha1: "sha1",
  md5: "md5",
};

/**
 * Stores the bytes of an object under a new key. Bytes that are cut go on where they were. They must have the size that the
 * service told, and every checksum of it that can be computed.
 *
 * @throws ApiError `importFailed`, `drsSourceNotFound`, `drsSourceForbidden`; VolumeError
 */
export async function fetchObject(
  store: BlobStore,
  { host, id, object }: { host: DrsHost; id: string; object: RemoteObject },
  signal: AbortSignal,
): Promise<{ key: string; size: number; sha256: string }> {
  const { size } = object;
  if (size === undefined) throw new ApiError("importFailed", "The service does not tell the object's size.");
  const expected = expectedOf(object);
  const hashes = new Map([...expected.keys()].map((digest) => [digest, createHash(digest)]));
  const key = newBlobKey();
  const stored = await store.put(
    key,
    Readable.from(wholeBytes({ host, id, object, size, hashes }, signal), { objectMode: false }),
  );
  const wrong = [...expected].find(([digest, value]) => hashes.get(digest)!.digest("hex") !== value);
  if (wrong) throw new ApiError("importFailed", `The bytes do not have the ${wrong[0]} checksum that the service tells.`);
  return { key, size: stored.size, sha256: stored.sha256 };
}

function expectedOf({ checksums = [] }: RemoteObject): Map<string, string> {
  return new Map(
    checksums.flatMap(({ type, checksum }) => {
      const digest = DIGESTS[type.toLowerCase()];
      return digest === undefined ? [] : [[digest, checksum.toLowerCase()] as const];
    }),
  );
}

interface Wanted {
  host: DrsHost;
  id: string;
  object: RemoteObject;
  size: number;
  hashes: ReadonlyMap<string, Hash>;
}

async function* wholeBytes({ host, id, object, size, hashes }: Wanted, signal: AbortSignal): AsyncGenerator<Buffer> {
  let offset = 0;
  for (let tries = 0; offset < size || tries === 0; ) {
    const before = offset;
    const opened = await openBytes(host, id, object, { offset, signal });
    try {
      for await (const chunk of opened.bytes) {
        offset += chunk.length;
        if (offset > size) throw new ApiError("importFailed", "The object has more bytes than its service tells.");
        for (const hash of hashes.values()) hash.update(chunk);
        yield chunk;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!isFault(error, ...PASSING_FAULTS)) throw error;
    } finally {
      opened.close();
    }
    tries = offset > before ? 1 : tries + 1;
    if (offset < size && tries > TRIES) throw new VolumeError("Unreachable", { detail: "the bytes end before their end" });
  }
}

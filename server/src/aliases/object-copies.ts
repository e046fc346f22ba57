import { createHash } from "node:crypto";
import { BlobMissing, isFault } from "@causeway/storage";
import { ApiError } from "../http/errors.ts";
import { createFetchedCopies } from "../tasks/files/fetched-copies.ts";
import type { AliasObjects, AliasTarget } from "./alias-objects.ts";
import { parseObjectKey } from "./object-key.ts";

/** An object that cannot be read, and will not be by itself; `key` is that of `BYTES_KEY`. */
export class ObjectUnavailable extends BlobMissing {
  override name = "ObjectUnavailable";
  readonly reason: string;

  constructor(key: string, location: string, error: ApiError) {
    super(key, { cause: error });
    this.reason = `${location} on its volume: ${error.message}`;
  }
}

/** A copy of an object on this machine. */
export interface ObjectCopy {
  /** Never write to it. */
  path: string;
  size: number;
  /** Whether the object is another than it was when it was last looked at. */
  hasChanged: boolean;
}

export type ObjectCopies = ReturnType<typeof createObjectCopies>;

/** How often an object is fetched anew that changes meanwhile. */
const TRIES = 3;

/**
 * Copies of objects for tasks: fetched with the volume's own credentials, once for all tasks as long as the object stays
 * what it is, and kept like copies of blobs (volumes.md §3.4). Tools get the copy, never the credentials.
 */
export function createObjectCopies(aliases: AliasObjects, directory: string) {
  const copies = createFetchedCopies(directory);
  return {
    /**
     * A copy of the object that `key` names, as it is now.
     *
     * @throws ObjectUnavailable; ApiError `volumeServiceUnreachable`, which may pass; the signal's reason
     */
    async copyOf(key: string, known: { etag: string | null }, signal?: AbortSignal): Promise<ObjectCopy> {
      const alias = { ...parseObjectKey(key)!, etag: known.etag };
      for (let attempt = 1; ; attempt += 1) {
        try {
          const { size, etag } = await aliases.look(alias);
          const open = async () => (await aliases.open(alias, { offset: 0, length: size }, etag)).bytes;
          const path = await copies.pathOf(nameOf(alias, etag), open, signal);
          return { path, size, hasChanged: known.etag !== null && known.etag !== etag };
        } catch (error) {
          if (isFault(error, "ObjectChanged") && attempt < TRIES) continue;
          const isLasting = error instanceof ApiError && error.kind !== "volumeServiceUnreachable";
          throw isLasting ? new ObjectUnavailable(key, alias.location, error) : error;
        }
      }
    },

    removeUnused: (before: Date): Promise<number> => copies.removeUnused(before),
  };
}

/** Another one for every content of the object. */
const nameOf = ({ volumeId, location }: AliasTarget, etag: string): string =>
  createHash("sha256").update([volumeId, location, etag].join("\n")).digest("hex");

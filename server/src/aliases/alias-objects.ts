import { type OpenedObject, type VolumeObject, type VolumeStore, withVolumeRetries } from "@causeway/storage";
import { sql } from "kysely";
import type { Database } from "../db/database.ts";
import { ApiError } from "../http/errors.ts";
import type { VolumeAccess, VolumeRow } from "../volumes/access.ts";
import { asking, PATIENCE } from "../volumes/asking.ts";
import type { OpenStores } from "../volumes/open-stores.ts";

/** Where an alias leads to, and what was known of the object. */
export interface AliasTarget {
  volumeId: string;
  location: string;
  etag: string | null;
}

export interface AliasDeps {
  db: Database;
  volumes: VolumeAccess;
  stores: OpenStores;
  /** Milliseconds for all that one call asks of a service. */
  answerMs: number;
}

export type AliasObjects = ReturnType<typeof createAliasObjects>;

/**
 * The objects that aliases stand for. Where they are is looked up at every use, with the credentials of the volume;
 * nobody's permission is asked here (volumes.md §3.2). An object that has changed is noted at every alias of it.
 */
export function createAliasObjects({ db, volumes, stores, answerMs }: AliasDeps) {
  return {
    /**
     * The object as it is now.
     *
     * @throws ApiError `fileVolumeInactive`, `volumeNotFound`; `volumeObjectNotFound`, `volumeReadForbidden`,
     * `volumeBucketNotFound`, `volumeServiceUnreachable`
     */
    look: async (alias: AliasTarget): Promise<VolumeObject> =>
      asking(stores, await activeVolume(alias), (store) => look(store, alias)),

    /**
     * An address of the service's own from which anybody can read the object for `seconds`; undefined where there is none,
     * or it is for the platform alone. The object is looked at first.
     *
     * @throws ApiError as `look`
     */
    signed: async (alias: AliasTarget, seconds: number, filename: string): Promise<URL | undefined> =>
      asking(stores, await activeVolume(alias), async (store) => {
        await look(store, alias);
        return store.signRead?.(alias.location, seconds, { filename });
      }),

    /**
     * Opens bytes of the object, `etag` being what it was a moment ago. `release` is called when the stream has closed.
     *
     * @throws ApiError as `look`; VolumeError `ObjectChanged`
     */
    async open(alias: AliasTarget, range: { offset: number; length: number }, etag: string): Promise<OpenedObject> {
      const { store, release } = await stores.take(await activeVolume(alias));
      try {
        const opened = await withVolumeRetries(store, PATIENCE).open(alias.location, { range, ifMatch: etag });
        opened.bytes.once("close", release);
        return opened;
      } catch (error) {
        release();
        throw error;
      }
    },

    activeVolume,
  };

  async function activeVolume({ volumeId }: AliasTarget): Promise<VolumeRow> {
    const volume = await volumes.find(volumeId);
    if (!volume) throw new ApiError("volumeNotFound", "The volume that the file lies on was deleted.");
    if (!volume.active) throw new ApiError("fileVolumeInactive");
    return volume;
  }

  async function look(store: VolumeStore, { volumeId, location, etag }: AliasTarget): Promise<VolumeObject> {
    const object = await store.stat(location, { signal: AbortSignal.timeout(answerMs) });
    if (object.etag !== etag) await noteChange(volumeId, location, object);
    return object;
  }

  /** Every alias of the object shows from now on what it is. */
  async function noteChange(volumeId: string, location: string, { size, etag, modifiedAt }: VolumeObject): Promise<void> {
    await sql`
      update files set size = ${size}, object_etag = ${etag}, object_modified_at = ${modifiedAt}
      where volume_id = ${volumeId} and location = ${location} and object_etag is distinct from ${etag}`.execute(db);
  }
}

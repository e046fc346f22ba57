import type { BlobStore } from "@causeway/storage";
import { sql } from "kysely";
import type { AliasObjects } from "../aliases/alias-objects.ts";
import type { Ledger } from "../billing/ledger.ts";
import type { Database, Timestamp } from "../db/database.ts";
import type { Links } from "../http/links.ts";
import type { SignedLinks } from "../http/signed-links.ts";

declare module "../db/database.ts" {
  interface Tables {
    direct_downloads: { username: string; file_id: string; charged_until: Timestamp };
  }
}

/** A file whose bytes somebody may have. */
interface Downloadable {
  id: string;
  name: string;
  project_id: string;
  blob_key: string | null;
  volume_id: string | null;
  location: string | null;
  object_etag: string | null;
  size: number | null;
}

/** The address names who asked for it: their bytes are charged to them. */
export const downloadPath = (username: string, fileId: string) => `/storage/d/${encodeURIComponent(username)}/${fileId}`;

export interface DownloadLinksDeps {
  db: Database;
  store: BlobStore;
  signed: SignedLinks;
  links: Links;
  ledger: Ledger;
  aliases: AliasObjects;
}

/**
 * Makes addresses from which anybody can read a file for `lifetimeMs`.
 *
 * Bytes that this platform sends are charged as they leave (`downloadRoute`). With `direct`, where the store can sign,
 * they leave by the store's own addresses unseen: then the whole file is charged when an address is given out, once for
 * each user and file as long as the address that was charged works.
 *
 * Of an alias it is the service's own address wherever there is one, and nothing is charged: the bytes are not the platform's.
 */
export function createDownloadLinks(
  { db, store, signed, links, ledger, aliases }: DownloadLinksDeps,
  { lifetimeMs, direct }: { lifetimeMs: number; direct: boolean },
) {
  return {
    /** @throws ApiError of an alias, as `AliasObjects.look` */
    async sign(file: Downloadable, username: string): Promise<string> {
      if (file.volume_id !== null) return signAlias(file, username);
      // Of damaged bytes the bucket knows nothing: our own address refuses them.
      const isDirect = direct && store.signReadUrl !== undefined && !(await isDamaged(file.blob_key!));
      const url = isDirect ? await store.signReadUrl?.(file.blob_key!, lifetimeMs / 1000, { filename: file.name }) : undefined;
      const expires = new Date(Date.now() + lifetimeMs);
      if (!url) return links.beside(signed.sign("GET", downloadPath(username, file.id), expires));
      await chargeWhole(file, username, expires);
      return url.href;
    },

    /** Forgets the addresses that have expired. */
    async removeOld(now: Date): Promise<void> {
      await db.deleteFrom("direct_downloads").where("charged_until", "<", now).execute();
    },
  };

  async function signAlias(file: Downloadable, username: string): Promise<string> {
    const alias = { volumeId: file.volume_id!, location: file.location!, etag: file.object_etag };
    const url = await aliases.signed(alias, lifetimeMs / 1000, file.name);
    return url?.href ?? links.beside(signed.sign("GET", downloadPath(username, file.id), new Date(Date.now() + lifetimeMs)));
  }

  async function isDamaged(key: string): Promise<boolean> {
    const { rows } = await sql`select from damaged_blobs where blob_key = ${key}`.execute(db);
    return rows.length > 0;
  }

  async function chargeWhole(file: Downloadable, username: string, until: Date): Promise<void> {
    const now = new Date();
    await db.transaction().execute(async (tx) => {
      const { rows } = await sql`
        insert into direct_downloads as given (username, file_id, charged_until) values (${username}, ${file.id}, ${until})
        on conflict (username, file_id) do update set charged_until = excluded.charged_until
        where given.charged_until < ${now} returning file_id`.execute(tx);
      if (rows.length > 0)
        await ledger.chargeDownloads([{ projectId: file.project_id, username, bytes: file.size ?? 0, at: now }], tx);
    });
  }
}

import type { Database, Sql } from "../db/database.ts";
import { gathering } from "../db/gathering.ts";
import type { Actor } from "../http/actor.ts";
import { ApiError } from "../http/errors.ts";
import { type FoundUpload, findUploads, type UploadRow } from "./queries.ts";

export type UploadAccess = ReturnType<typeof createUploadAccess>;

/** Which uploads are going on, and whose they are. One that was idle for `idleMs` is gone. */
export function createUploadAccess(db: Database, { idleMs }: { readonly idleMs: number }) {
  const activeSince = () => new Date(Date.now() - idleMs);
  const find = gathering(async (ids: readonly string[]) => {
    const found = await findUploads(db, ids);
    return ids.map((id) => found.get(id));
  });
  return {
    /** Uploads without a sign of life since then are gone. */
    activeSince,

    isExpired: (upload: UploadRow): boolean => upload.active_at <= activeSince(),

    /** The upload while it is going on. Deleting its folder or project aborts it (uploads.md §5.5). @throws ApiError `uploadNotFound` */
    async open(id: string, sql?: Sql): Promise<FoundUpload> {
      const upload = sql ? (await findUploads(sql, [id])).get(id) : await find(id);
      if (!upload || upload.completed_at || !upload.has_target || this.isExpired(upload)) throw new ApiError("uploadNotFound");
      return upload;
    },

    /**
     * The same for who sends its bytes. Rights are asked again for each part, because an upload and the address of a part
     * outlive them: who started it must still be a user who may write to the project.
     *
     * @throws ApiError `uploadNotFound`, `uploadFileForbidden`
     */
    async writable(id: string): Promise<FoundUpload> {
      return refuseReadOnly(await this.open(id));
    },

    /** The actor's own upload while it is going on. @throws ApiError `uploadNotFound`, `uploadForbidden` */
    async own(actor: Actor, id: string, sql?: Sql): Promise<FoundUpload> {
      const upload = await this.open(id, sql);
      if (upload.user_id !== actor.id) throw new ApiError("uploadForbidden");
      return upload;
    },

    /** The same for sending its bytes, as `writable`. @throws ApiError `uploadNotFound`, `uploadForbidden`, `uploadFileForbidden` */
    async ownWritable(actor: Actor, id: string, sql?: Sql): Promise<FoundUpload> {
      return refuseReadOnly(await this.own(actor, id, sql));
    },
  };
}

function refuseReadOnly(upload: FoundUpload): FoundUpload {
  if (!upload.may_write) throw new ApiError("uploadFileForbidden");
  return upload;
}

import { sql } from "kysely";
import type { SealedColumn } from "../secrets/rotation.ts";

export const uploadAbout = (exportId: string): string => `exports.upload ${exportId}`;

/** The uploads of exports under way, for a rotation of keys: whoever has one can write what the credentials can. */
export const EXPORT_UPLOADS: SealedColumn = {
  async all(tx) {
    const rows = await tx
      .selectFrom("exports")
      .select(["id", "upload"])
      .where("upload", "is not", null)
      .orderBy("id")
      .forUpdate()
      .execute();
    return rows.map(({ id, upload }) => ({ id, sealed: upload!, about: uploadAbout(id) }));
  },
  async replace(tx, id, sealed) {
    await sql`update exports set upload = ${sealed} where id = ${id}`.execute(tx);
  },
};

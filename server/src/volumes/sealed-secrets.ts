import { sql } from "kysely";
import type { SealedColumn } from "../secrets/rotation.ts";
import { secretsAbout } from "./open-stores.ts";

/** The secrets of volumes, for a rotation of keys. */
export const VOLUME_SECRETS: SealedColumn = {
  async all(tx) {
    const rows = await tx
      .selectFrom("volumes")
      .select(["id", "secrets"])
      .where("secrets", "is not", null)
      .orderBy("id")
      .forUpdate()
      .execute();
    return rows.map(({ id, secrets }) => ({ id, sealed: secrets!, about: secretsAbout(id) }));
  },
  async replace(tx, id, sealed) {
    await sql`update volumes set secrets = ${sealed} where id = ${id}`.execute(tx);
  },
};

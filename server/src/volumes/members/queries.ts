import { parseUuid } from "@causeway/contract";
import { type SqlBool, sql } from "kysely";
import type { Sql } from "../../db/database.ts";
import type { VolumeRights } from "../queries.ts";

/** Who is a member: one of the three, by the column that names it. */
export type VolumeMemberKey = { user_id: string } | { team_id: string } | { division_id: string };

export interface VolumeMemberRow {
  key: VolumeMemberKey;
  type: "USER" | "TEAM" | "DIVISION";
  /** Username, the team's UUID, or the division's slug. */
  id: string;
  /** `""` for teams and divisions. */
  email: string;
  /** As given: `admin` counts as all of them, whatever the others say. */
  permissions: VolumeRights;
}

const PUBLIC_ID = sql<string>`coalesce(u.username, m.team_id::text, m.division_id)`;

const members = (db: Sql, volumeId: string) =>
  db
    .selectFrom("volume_members as m")
    .leftJoin("users as u", "u.id", "m.user_id")
    .where("m.volume_id", "=", volumeId)
    .select(["m.user_id", "m.team_id", "m.division_id", "u.email", "m.read", "m.copy", "m.write", "m.admin"])
    .select(PUBLIC_ID.as("id"));

type Columns = Awaited<ReturnType<ReturnType<typeof members>["execute"]>>[number];

function memberOf({ user_id, team_id, division_id, id, email, ...permissions }: Columns): VolumeMemberRow {
  if (user_id !== null) return { key: { user_id }, type: "USER", id, email: email ?? "", permissions };
  if (team_id !== null) return { key: { team_id }, type: "TEAM", id, email: "", permissions };
  return { key: { division_id: division_id! }, type: "DIVISION", id, email: "", permissions };
}

/** The members in the order they were added. */
export async function listVolumeMembers(
  db: Sql,
  volumeId: string,
  { limit, offset }: { limit: number; offset: number },
): Promise<{ items: VolumeMemberRow[]; total: number }> {
  const rows = await members(db, volumeId).orderBy("m.added_at").orderBy(PUBLIC_ID).limit(limit).offset(offset).execute();
  const { total } = await db
    .selectFrom("volume_members")
    .select(({ fn }) => fn.countAll<number>().as("total"))
    .where("volume_id", "=", volumeId)
    .executeTakeFirstOrThrow();
  return { items: rows.map(memberOf), total };
}

export async function findVolumeMember(db: Sql, volumeId: string, id: string): Promise<VolumeMemberRow | undefined> {
  // UUIDs of teams come in any case. A user may be called like one: users come first.
  const ids = [id, parseUuid(id) ?? id];
  const row = await members(db, volumeId).where(PUBLIC_ID, "in", ids).orderBy(sql`m.user_id is null`).executeTakeFirst();
  return row && memberOf(row);
}

/** Adds a member; false when there was one already. */
export async function insertVolumeMember(
  db: Sql,
  volumeId: string,
  key: VolumeMemberKey,
  permissions: VolumeRights,
): Promise<boolean> {
  const inserted = await db
    .insertInto("volume_members")
    .values({ volume_id: volumeId, ...key, ...permissions })
    .onConflict((conflict) => conflict.doNothing())
    .returning("volume_id")
    .executeTakeFirst();
  return inserted !== undefined;
}

const isThat = (volumeId: string, key: VolumeMemberKey) => {
  const [[column, id]] = Object.entries(key) as [[string, string]];
  return sql<SqlBool>`volume_id = ${volumeId} and ${sql.ref(column)} = ${id}`;
};

/** Changes what is given; answers all four, or undefined when there is no such member any more. */
export const setVolumePermissions = (
  db: Sql,
  volumeId: string,
  key: VolumeMemberKey,
  permissions: Partial<VolumeRights>,
): Promise<VolumeRights | undefined> =>
  db
    .updateTable("volume_members")
    .set({ read: sql.ref("read"), ...permissions })
    .where(isThat(volumeId, key))
    .returning(["read", "copy", "write", "admin"])
    .executeTakeFirst();

export async function deleteVolumeMember(db: Sql, volumeId: string, key: VolumeMemberKey): Promise<void> {
  await db.deleteFrom("volume_members").where(isThat(volumeId, key)).execute();
}

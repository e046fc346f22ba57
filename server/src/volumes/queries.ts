import type { Page } from "@causeway/contract";
import { type Insertable, type Selectable, sql, type Updateable } from "kysely";
import type { Database, Sql, Tx } from "../db/database.ts";
import type { VolumesTable } from "./tables.ts";

/** The two parts of a volume's public id. */
export interface VolumeName {
  owner: string;
  volume: string;
}

/** A volume without its secrets, which are only read where they are used. */
export type VolumeRow = Omit<Selectable<VolumesTable>, "secrets">;

export type VolumePermission = "read" | "copy" | "write" | "admin";
export type VolumeRights = Record<VolumePermission, boolean>;

/** A volume with what the actor may do on it. */
export type SeenVolume = VolumeRow & { rights: VolumeRights };

const COLUMNS = [
  "id",
  "owner",
  "division_id",
  "created_by",
  "name",
  "description",
  "access_mode",
  "service",
  "active",
  "revision",
  "created_at",
  "modified_at",
  "deleted_at",
] as const;

const columns = sql.join(COLUMNS.map((column) => sql`v.${sql.ref(column)}`));
const RIGHTS = sql`json_build_object('read', coalesce(r.read, false), 'copy', coalesce(r.copy, false),
  'write', coalesce(r.write, false), 'admin', coalesce(r.admin, false))`;

export async function findVolume(db: Sql, { owner, volume }: VolumeName, actor: string): Promise<SeenVolume | undefined> {
  const { rows } = await sql<SeenVolume>`
    select ${columns}, ${RIGHTS} as rights
    from volumes v cross join lateral rights_on_volume(v.id, v.division_id, ${actor}) r
    where v.owner = ${owner} and lower(v.name) = lower(${volume}) and v.name = ${volume} and v.deleted_at is null`.execute(db);
  return rows[0];
}

export const findVolumeById = (db: Sql, id: string): Promise<VolumeRow | undefined> =>
  db.selectFrom("volumes").select(COLUMNS).where("id", "=", id).where("deleted_at", "is", null).executeTakeFirst();

export const listActive = (db: Sql): Promise<VolumeRow[]> =>
  db.selectFrom("volumes").select(COLUMNS).where("active", "=", true).where("deleted_at", "is", null).execute();

export const holdVolume = (tx: Tx, id: string): Promise<VolumeRow | undefined> =>
  tx.selectFrom("volumes").select(COLUMNS).where("id", "=", id).where("deleted_at", "is", null).forShare().executeTakeFirst();

export const lockVolume = (tx: Tx, id: string): Promise<VolumeRow | undefined> =>
  tx.selectFrom("volumes").select(COLUMNS).where("id", "=", id).where("deleted_at", "is", null).forUpdate().executeTakeFirst();

/** One page of the volumes that the user may read, by their ids, and how many there are. */
export async function listVolumes(
  db: Database,
  actor: string,
  { limit, offset }: Page,
): Promise<{ items: SeenVolume[]; total: number }> {
  const readable = sql`
    from volumes_of(${actor}) seen join volumes v on v.id = seen.volume_id and v.deleted_at is null
    cross join lateral rights_on_volume(v.id, v.division_id, ${actor}) r where r.read`;
  const { rows: items } = await sql<SeenVolume>`
    select ${columns}, ${RIGHTS} as rights ${readable} order by v.owner, v.name limit ${limit} offset ${offset}`.execute(db);
  const { rows } = await sql<{ total: number }>`select count(*) as total ${readable}`.execute(db);
  return { items, total: rows[0]!.total };
}

export async function hasName(db: Sql, owner: string, name: string): Promise<boolean> {
  const { rows } = await sql`
    select 1 from volumes where owner = ${owner} and lower(name) = lower(${name}) and deleted_at is null`.execute(db);
  return rows.length > 0;
}

export const insertVolume = async (tx: Tx, volume: Insertable<VolumesTable>): Promise<void> =>
  void (await tx.insertInto("volumes").values(volume).execute());

export const changeVolume = async (tx: Tx, id: string, change: Updateable<VolumesTable>): Promise<void> =>
  void (await tx
    .updateTable("volumes")
    .set({ ...change, modified_at: new Date() })
    .where("id", "=", id)
    .execute());

/** Takes from a volume what may not outlive it: service, secrets, members. Its row stays for what names it. */
export async function wipeVolume(tx: Tx, id: string): Promise<void> {
  await sql`
    update volumes set deleted_at = now(), secrets = null, description = null, revision = revision + 1,
      service = jsonb_build_object('type', service -> 'type', 'bucket', '', 'prefix', '', 'endpoint', '',
        'credentials', '{}'::jsonb, 'properties', '{}'::jsonb)
    where id = ${id}`.execute(tx);
  await tx.deleteFrom("volume_members").where("volume_id", "=", id).execute();
}

export async function secretsOf(db: Sql, id: string): Promise<Buffer | null | undefined> {
  const row = await db.selectFrom("volumes").select("secrets").where("id", "=", id).executeTakeFirst();
  return row?.secrets;
}

export async function isInAnyTeam(db: Database, user: string, teams: readonly string[]): Promise<boolean> {
  const row = await db
    .selectFrom("team_members")
    .select("team_id")
    .where("user_id", "=", user)
    .where("team_id", "in", teams)
    .executeTakeFirst();
  return row !== undefined;
}

import { parseUuid } from "@causeway/contract";
import { type SqlBool, sql } from "kysely";
import type { Sql } from "../db/database.ts";
import type { Permissions } from "./permissions.ts";

/** Who is a member: one of the three, by the column that names it. */
export type MemberKey = { user_id: string } | { team_id: string } | { division_id: string };

/** A member as the API shows one; a team or a division is one member, whoever is in it. */
export interface Member {
  key: MemberKey;
  type: "USER" | "TEAM" | "DIVISION";
  /** Username, the team's UUID, or the division's slug: none of these is another's. */
  id: string;
  /** `""` for teams and divisions. */
  email: string;
  permissions: Permissions;
}

const PUBLIC_ID = sql<string>`coalesce(u.username, m.team_id::text, m.division_id)`;

const members = (db: Sql, projectId: string) =>
  db
    .selectFrom("project_members as m")
    .leftJoin("users as u", "u.id", "m.user_id")
    .where("m.project_id", "=", projectId)
    .select(["m.user_id", "m.team_id", "m.division_id", "u.email", "m.write", "m.copy", "m.execute", "m.admin"])
    .select(PUBLIC_ID.as("id"));

type MemberColumns = Awaited<ReturnType<ReturnType<typeof members>["execute"]>>[number];

function memberOf({ user_id, team_id, division_id, id, email, write, copy, execute, admin }: MemberColumns): Member {
  const permissions = { write, read: true, copy, execute, admin };
  if (user_id !== null) return { key: { user_id }, type: "USER", id, email: email ?? "", permissions };
  if (team_id !== null) return { key: { team_id }, type: "TEAM", id, email: "", permissions };
  return { key: { division_id: division_id! }, type: "DIVISION", id, email: "", permissions };
}

/** The members in the order they were added. */
export async function listMembers(
  db: Sql,
  projectId: string,
  { limit, offset }: { limit: number; offset: number },
): Promise<{ items: Member[]; total: number }> {
  const rows = await members(db, projectId).orderBy("m.added_at").orderBy(PUBLIC_ID).limit(limit).offset(offset).execute();
  const { total } = await db
    .selectFrom("project_members")
    .select(({ fn }) => fn.countAll<number>().as("total"))
    .where("project_id", "=", projectId)
    .executeTakeFirstOrThrow();
  return { items: rows.map(memberOf), total };
}

export async function findMember(db: Sql, projectId: string, id: string): Promise<Member | undefined> {
  // UUIDs of teams come in any case. A user may be called like one: users come first.
  const ids = [id, parseUuid(id) ?? id];
  const row = await members(db, projectId).where(PUBLIC_ID, "in", ids).orderBy(sql`m.user_id is null`).executeTakeFirst();
  return row && memberOf(row);
}

/** Adds a member; false when there was one already. */
export async function insertMember(db: Sql, projectId: string, key: MemberKey, permissions: Permissions): Promise<boolean> {
  const { read: _always, ...columns } = permissions;
  const inserted = await db
    .insertInto("project_members")
    .values({ project_id: projectId, ...key, ...columns })
    .onConflict((conflict) => conflict.doNothing())
    .returning("project_id")
    .executeTakeFirst();
  return inserted !== undefined;
}

const isThat = (projectId: string, key: MemberKey) => {
  const [[column, id]] = Object.entries(key) as [[string, string]];
  return sql<SqlBool>`project_id = ${projectId} and ${sql.ref(column)} = ${id}`;
};

export async function setPermissions(db: Sql, projectId: string, key: MemberKey, permissions: Permissions): Promise<void> {
  const { read: _always, ...columns } = permissions;
  await db.updateTable("project_members").set(columns).where(isThat(projectId, key)).execute();
}

export async function deleteMember(db: Sql, projectId: string, key: MemberKey): Promise<void> {
  await db.deleteFrom("project_members").where(isThat(projectId, key)).execute();
}

/** Locks the users who administer the project themselves until the transaction ends, and answers their names. */
export async function lockAdministrators(db: Sql, projectId: string): Promise<string[]> {
  const rows = await db
    .selectFrom("project_members as m")
    .innerJoin("users as u", "u.id", "m.user_id")
    .select("u.username")
    .where("m.project_id", "=", projectId)
    .where("m.admin", "=", true)
    .orderBy("m.user_id")
    .forUpdate("m")
    .execute();
  return rows.map(({ username }) => username);
}

/** Whether a user, or anybody in a team or a division, lacks an entitlement that is in force. */
export async function anyWithout(db: Sql, key: MemberKey, entitlement: string): Promise<boolean> {
  const people =
    "user_id" in key
      ? sql`u.id = ${key.user_id}`
      : "team_id" in key
        ? sql`u.id in (select user_id from team_members where team_id = ${key.team_id})`
        : sql`u.division_id = ${key.division_id}`;
  const { rows } = await sql`
    select 1 from users u where u.removed_at is null and ${people} and not exists (
      select 1 from jsonb_array_elements(u.tags) as held
      where held ->> 'tag' = ${entitlement} and (held ->> 'expires_at')::numeric > extract(epoch from now()) * 1000)
    limit 1`.execute(db);
  return rows.length > 0;
}

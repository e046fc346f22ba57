import type { Sql } from "../db/database.ts";
import type { Permissions } from "./permissions.ts";

/** A member as the API shows one. */
export interface Member {
  userId: string;
  username: string;
  email: string;
  permissions: Permissions;
}

const members = (db: Sql, projectId: string) =>
  db
    .selectFrom("project_members as m")
    .innerJoin("users as u", "u.id", "m.user_id")
    .where("m.project_id", "=", projectId)
    .select(["m.user_id", "u.username", "u.email", "m.write", "m.copy", "m.execute", "m.admin"]);

const memberOf = ({ user_id, username, email, write, copy, execute, admin }: MemberColumns): Member => ({
  userId: user_id,
  username,
  email,
  permissions: { write, read: true, copy, execute, admin },
});

interface MemberColumns {
  user_id: string;
  username: string;
  email: string;
  write: boolean;
  copy: boolean;
  execute: boolean;
  admin: boolean;
}

/** The members in the order they were added. */
export async function listMembers(
  db: Sql,
  projectId: string,
  { limit, offset }: { limit: number; offset: number },
): Promise<{ items: Member[]; total: number }> {
  const rows = await members(db, projectId).orderBy("m.added_at").orderBy("u.username").limit(limit).offset(offset).execute();
  const { total } = await db
    .selectFrom("project_members")
    .select(({ fn }) => fn.countAll<number>().as("total"))
    .where("project_id", "=", projectId)
    .executeTakeFirstOrThrow();
  return { items: rows.map(memberOf), total };
}

export async function findMember(db: Sql, projectId: string, username: string): Promise<Member | undefined> {
  const row = await members(db, projectId).where("u.username", "=", username).executeTakeFirst();
  return row && memberOf(row);
}

/** Adds a member; false when there was one already. */
export async function insertMember(db: Sql, projectId: string, userId: string, permissions: Permissions): Promise<boolean> {
  const { read: _always, ...columns } = permissions;
  const inserted = await db
    .insertInto("project_members")
    .values({ project_id: projectId, user_id: userId, ...columns })
    .onConflict((conflict) => conflict.doNothing())
    .returning("user_id")
    .executeTakeFirst();
  return inserted !== undefined;
}

export async function setPermissions(db: Sql, projectId: string, userId: string, permissions: Permissions): Promise<void> {
  const { read: _always, ...columns } = permissions;
  await db
    .updateTable("project_members")
    .set(columns)
    .where("project_id", "=", projectId)
    .where("user_id", "=", userId)
    .execute();
}

export async function deleteMember(db: Sql, projectId: string, userId: string): Promise<void> {
  await db.deleteFrom("project_members").where("project_id", "=", projectId).where("user_id", "=", userId).execute();
}

/** Locks the project's administrators until the transaction ends, and answers their user ids. */
export async function lockAdministrators(db: Sql, projectId: string): Promise<string[]> {
  const rows = await db
    .selectFrom("project_members")
    .select("user_id")
    .where("project_id", "=", projectId)
    .where("admin", "=", true)
    .orderBy("user_id")
    .forUpdate()
    .execute();
  return rows.map(({ user_id }) => user_id);
}

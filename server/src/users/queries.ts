import type { Selectable } from "kysely";
import { sql } from "kysely";
import type { Sql } from "../db/database.ts";
import { PREPARED } from "../db/prepared-plans.ts";
import type { DivisionRole } from "../http/actor.ts";
import type { Profile, UsersTable } from "./tables.ts";

export type UserRow = Selectable<UsersTable>;

/** Makes a user. Who has left a division comes back to it as the same user. */
export async function insertUser(
  db: Sql,
  user: {
    username: string;
    email: string;
    isAdmin: boolean;
    division: { id: string; role: DivisionRole } | null;
  } & Partial<Profile>,
): Promise<UserRow> {
  const { isAdmin, division, ...given } = user;
  const columns = { ...given, is_admin: isAdmin, division_id: division?.id ?? null, division_role: division?.role ?? null };
  return db
    .insertInto("users")
    .values(columns)
    .onConflict((conflict) => conflict.column("username").doUpdateSet({ ...columns, removed_at: null, disabled_at: null }))
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function findUser(db: Sql, username: string): Promise<UserRow | undefined> {
  return db
    .selectFrom("users")
    .selectAll()
    .where("username", "=", username)
    .where("removed_at", "is", null)
    .modifyEnd(PREPARED)
    .executeTakeFirst();
}

/** The account with that address in the division; the personal one where `divisionId` is null. */
export async function findUserByEmail(db: Sql, email: string, divisionId: string | null): Promise<UserRow | undefined> {
  return db
    .selectFrom("users")
    .selectAll()
    .where(sql`lower(email)`, "=", email.toLowerCase())
    .where(sql`coalesce(division_id, '')`, "=", divisionId ?? "")
    .where("removed_at", "is", null)
    .executeTakeFirst();
}

export async function hasNoUsers(db: Sql): Promise<boolean> {
  return (await db.selectFrom("users").select("id").limit(1).executeTakeFirst()) === undefined;
}

/** The user of a token that is in force; a disabled user's tokens are not. */
export async function findUserByToken(db: Sql, hash: Buffer): Promise<UserRow | undefined> {
  return db
    .selectFrom("tokens")
    .innerJoin("users", "users.id", "tokens.user_id")
    .selectAll("users")
    .where("tokens.hash", "=", hash)
    .where("users.disabled_at", "is", null)
    .where("users.removed_at", "is", null)
    .executeTakeFirst();
}

/** One token a user: the new one ends the old one. */
export async function replaceToken(db: Sql, userId: string, hash: Buffer): Promise<void> {
  await db.deleteFrom("tokens").where("user_id", "=", userId).execute();
  await db.insertInto("tokens").values({ user_id: userId, hash }).execute();
}

/** Every user, by name. */
export async function allUsers(db: Sql): Promise<UserRow[]> {
  return db.selectFrom("users").selectAll().where("removed_at", "is", null).orderBy("username").execute();
}

/** Sets what is given; `undefined` when there is no such user. */
export async function updateUser(
  db: Sql,
  username: string,
  change: { is_admin?: boolean; disabled_at?: Date | null; division_role?: DivisionRole; tags?: string },
): Promise<UserRow | undefined> {
  return db
    .updateTable("users")
    .set(change)
    .where("username", "=", username)
    .where("removed_at", "is", null)
    .returningAll()
    .executeTakeFirst();
}

/** The users of a division in the order they came, and how many there are in all. */
export async function listDivisionUsers(
  db: Sql,
  filter: { divisionId: string; role?: DivisionRole },
  { limit, offset }: { limit: number; offset: number },
): Promise<{ items: UserRow[]; total: number }> {
  const matching = db
    .selectFrom("users")
    .where("division_id", "=", filter.divisionId)
    .where("removed_at", "is", null)
    .$if(filter.role !== undefined, (query) => query.where("division_role", "=", filter.role!));
  const items = await matching.selectAll().orderBy("created_at").orderBy("username").limit(limit).offset(offset).execute();
  const { total } = await matching.select(({ fn }) => fn.countAll<number>().as("total")).executeTakeFirstOrThrow();
  return { items, total };
}

/** Locks the division's administrators who can act until the transaction ends, and answers their ids. */
export async function lockDivisionAdministrators(db: Sql, divisionId: string): Promise<string[]> {
  const rows = await db
    .selectFrom("users")
    .select("id")
    .where("division_id", "=", divisionId)
    .where("division_role", "=", "ADMIN")
    .where("removed_at", "is", null)
    .where("disabled_at", "is", null)
    .orderBy("id")
    .forUpdate()
    .execute();
  return rows.map(({ id }) => id);
}

/** Ends everything that a user held in and through their division; what they made stays. */
export async function removeFromDivision(db: Sql, userId: string): Promise<void> {
  await db.updateTable("users").set({ removed_at: new Date() }).where("id", "=", userId).execute();
  await db.deleteFrom("tokens").where("user_id", "=", userId).execute();
  await sql`
    with projects_left as (delete from project_members where user_id = ${userId}),
      teams_left as (delete from team_members where user_id = ${userId}),
      sessions_ended as (delete from sessions where user_id = ${userId}),
      links_ended as (delete from sign_in_links where user_id = ${userId}),
      password_gone as (delete from passwords where user_id = ${userId})
    delete from billing_group_members where user_id = ${userId}`.execute(db);
}

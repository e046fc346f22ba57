import type { Selectable } from "kysely";
import { sql } from "kysely";
import type { Sql } from "../db/database.ts";
import type { Profile, UsersTable } from "./tables.ts";

export type UserRow = Selectable<UsersTable>;

export async function insertUser(
  db: Sql,
  user: { username: string; email: string; isAdmin: boolean } & Partial<Profile>,
): Promise<UserRow> {
  const { isAdmin, ...columns } = user;
  return db
    .insertInto("users")
    .values({ ...columns, is_admin: isAdmin })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function findUser(db: Sql, username: string): Promise<UserRow | undefined> {
  return db.selectFrom("users").selectAll().where("username", "=", username).executeTakeFirst();
}

export async function findUserByEmail(db: Sql, email: string): Promise<UserRow | undefined> {
  return db.selectFrom("users").selectAll().where(sql`lower(email)`, "=", email.toLowerCase()).executeTakeFirst();
}

export async function hasNoUsers(db: Sql): Promise<boolean> {
  return (await db.selectFrom("users").select("id").limit(1).executeTakeFirst()) === undefined;
}

/** The user of a token that is in force; a disabled user's tokens are not. */
export async function findUserByToken(db: Sql, hash: Buffer): Promise<Pick<UserRow, "id" | "username" | "is_admin"> | undefined> {
  return db
    .selectFrom("tokens")
    .innerJoin("users", "users.id", "tokens.user_id")
    .select(["users.id", "users.username", "users.is_admin"])
    .where("tokens.hash", "=", hash)
    .where("users.disabled_at", "is", null)
    .executeTakeFirst();
}

/** One token a user: the new one ends the old one. */
export async function replaceToken(db: Sql, userId: string, hash: Buffer): Promise<void> {
  await db.deleteFrom("tokens").where("user_id", "=", userId).execute();
  await db.insertInto("tokens").values({ user_id: userId, hash }).execute();
}

/** Every user, by name. */
export async function allUsers(db: Sql): Promise<UserRow[]> {
  return db.selectFrom("users").selectAll().orderBy("username").execute();
}

/** Sets what is given; `undefined` when there is no such user. */
export async function updateUser(
  db: Sql,
  username: string,
  change: { is_admin?: boolean; disabled_at?: Date | null },
): Promise<UserRow | undefined> {
  return db.updateTable("users").set(change).where("username", "=", username).returningAll().executeTakeFirst();
}

import { type Selectable, sql } from "kysely";
import type { Sql } from "../db/database.ts";
import { PREPARED } from "../db/prepared-plans.ts";
import type { SessionsTable, SignInLinksTable } from "./tables.ts";

export async function findPassword(db: Sql, userId: string): Promise<string | undefined> {
  const row = await db.selectFrom("passwords").select("hash").where("user_id", "=", userId).executeTakeFirst();
  return row?.hash;
}

export async function replacePassword(db: Sql, userId: string, hash: string): Promise<void> {
  await db
    .insertInto("passwords")
    .values({ user_id: userId, hash })
    .onConflict((conflict) => conflict.column("user_id").doUpdateSet({ hash, changed_at: new Date() }))
    .execute();
}

/** One link of a purpose a user: the new one ends the old one. */
export async function replaceLink(
  db: Sql,
  link: { hash: Buffer; userId: string; purpose: "password" | "sign-in"; expiresAt: Date },
): Promise<void> {
  await db.deleteFrom("sign_in_links").where("user_id", "=", link.userId).where("purpose", "=", link.purpose).execute();
  await db
    .insertInto("sign_in_links")
    .values({ hash: link.hash, user_id: link.userId, purpose: link.purpose, expires_at: link.expiresAt })
    .execute();
}

export interface FoundLink {
  purpose: SignInLinksTable["purpose"];
  user_id: string;
  username: string;
}

/** A link that is good still, of a user who can act. */
export async function findLink(db: Sql, hash: Buffer): Promise<FoundLink | undefined> {
  return db
    .selectFrom("sign_in_links")
    .innerJoin("users", "users.id", "sign_in_links.user_id")
    .select(["sign_in_links.purpose", "sign_in_links.user_id", "users.username"])
    .where("sign_in_links.hash", "=", hash)
    .where("sign_in_links.expires_at", ">", new Date())
    .where("users.disabled_at", "is", null)
    .where("users.removed_at", "is", null)
    .executeTakeFirst();
}

/** Takes the link away; of those who open it at the same moment, one gets true. */
export async function useLink(db: Sql, hash: Buffer): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom("sign_in_links").where("hash", "=", hash).executeTakeFirst();
  return numDeletedRows === 1n;
}

export async function insertSession(
  db: Sql,
  session: { hash: Buffer; user_id: string; browser: string; address: string },
): Promise<void> {
  await db.insertInto("sessions").values(session).execute();
}

/** The username of a session that was used since `usedSince`, of a user who can act; notes that it is used. */
export async function findSession(db: Sql, hash: Buffer, usedSince: Date): Promise<string | undefined> {
  const row = await db
    .selectFrom("sessions")
    .innerJoin("users", "users.id", "sessions.user_id")
    .select(["users.username", "sessions.used_at"])
    .where("sessions.hash", "=", hash)
    .where("sessions.used_at", ">", usedSince)
    .where("users.disabled_at", "is", null)
    .where("users.removed_at", "is", null)
    .modifyEnd(PREPARED)
    .executeTakeFirst();
  if (row && Date.now() - row.used_at.getTime() > 60_000)
    await db.updateTable("sessions").set({ used_at: new Date() }).where("hash", "=", hash).execute();
  return row?.username;
}

export type SessionRow = Omit<Selectable<SessionsTable>, "user_id">;

export async function listSessions(db: Sql, userId: string, usedSince: Date): Promise<SessionRow[]> {
  return db
    .selectFrom("sessions")
    .select(["id", "hash", "created_at", "used_at", "browser", "address"])
    .where("user_id", "=", userId)
    .where("used_at", ">", usedSince)
    .orderBy("used_at", "desc")
    .orderBy("id")
    .execute();
}

export async function deleteSession(db: Sql, hash: Buffer): Promise<void> {
  await db.deleteFrom("sessions").where("hash", "=", hash).execute();
}

/** Whether the user had a session of that id, which need not be one. */
export async function deleteOwnSession(db: Sql, { id, userId }: { id: string; userId: string }): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom("sessions")
    .where("user_id", "=", userId)
    .where(sql<string>`id::text`, "=", id)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** Ends the sessions of a user, but for one. */
export async function deleteSessions(db: Sql, userId: string, besides?: Buffer): Promise<void> {
  await db
    .deleteFrom("sessions")
    .where("user_id", "=", userId)
    .$if(besides !== undefined, (query) => query.where("hash", "<>", besides!))
    .execute();
}

/** What has ended by itself. */
export async function deleteExpired(db: Sql, usedSince: Date): Promise<void> {
  await db.deleteFrom("sessions").where("used_at", "<", usedSince).execute();
  await db.deleteFrom("sign_in_links").where("expires_at", "<", new Date()).execute();
}

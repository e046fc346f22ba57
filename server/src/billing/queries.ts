import { type Selectable, sql } from "kysely";
import type { Sql } from "../db/database.ts";
import type { BillingGroupsTable } from "./tables.ts";

/** A billing group with its owner's name. */
export type BillingGroupRow = Selectable<BillingGroupsTable> & { owner: string };

const groups = (db: Sql) =>
  db
    .selectFrom("billing_groups as g")
    .innerJoin("users as owner", "owner.id", "g.owner_id")
    .selectAll("g")
    .select("owner.username as owner");

export async function findGroup(db: Sql, id: string): Promise<BillingGroupRow | undefined> {
  return groups(db).where("g.id", "=", id).executeTakeFirst();
}

export async function isMember(db: Sql, groupId: string, userId: string): Promise<boolean> {
  const row = await db
    .selectFrom("billing_group_members")
    .select("group_id")
    .where("group_id", "=", groupId)
    .where("user_id", "=", userId)
    .executeTakeFirst();
  return row !== undefined;
}

/** What is left of each group's credit, in USD. */
export async function balancesOf(db: Sql, groupIds: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await sql<{ id: string; balance: string }>`
    select g.id, g.credit - coalesce((select sum(amount) from transactions t where t.group_id = g.id), 0) as balance
    from billing_groups g where g.id = any(${groupIds}::uuid[])`.execute(db);
  return new Map(rows.map(({ id, balance }) => [id, Number(balance)]));
}

/** The user's groups, oldest first, so that "the first group" stays the same. */
export async function listGroups(
  db: Sql,
  userId: string,
  { limit, offset }: { limit: number; offset: number },
): Promise<{ items: BillingGroupRow[]; total: number }> {
  const items = await groups(db)
    .innerJoin("billing_group_members as m", "m.group_id", "g.id")
    .where("m.user_id", "=", userId)
    .orderBy("g.created_at")
    .orderBy("g.id")
    .limit(limit)
    .offset(offset)
    .execute();
  const { total } = await db
    .selectFrom("billing_group_members")
    .select(({ fn }) => fn.countAll<number>().as("total"))
    .where("user_id", "=", userId)
    .executeTakeFirstOrThrow();
  return { items, total };
}

/** Makes a group whose owner is its first member. */
export async function insertGroup(
  db: Sql,
  group: { name: string; ownerId: string; type: "free" | "regular"; divisionId: string | null; credit?: number },
): Promise<string> {
  const { id } = await db
    .insertInto("billing_groups")
    .values({
      name: group.name,
      owner_id: group.ownerId,
      type: group.type,
      division_id: group.divisionId,
      credit: group.credit ?? 0,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  await addMember(db, id, group.ownerId);
  return id;
}

/** The group that a division's users share. Whoever asks in a transaction holds the division until it ends. */
export async function findDivisionGroup(db: Sql, divisionId: string): Promise<string | undefined> {
  await sql`select 1 from divisions where id = ${divisionId} for update`.execute(db);
  const row = await db.selectFrom("billing_groups").select("id").where("division_id", "=", divisionId).executeTakeFirst();
  return row?.id;
}

/** Whoever is a member already stays one. */
export async function addMember(db: Sql, groupId: string, userId: string): Promise<void> {
  await db
    .insertInto("billing_group_members")
    .values({ group_id: groupId, user_id: userId })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Whether there was such a member. */
export async function removeMember(db: Sql, groupId: string, userId: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom("billing_group_members")
    .where("group_id", "=", groupId)
    .where("user_id", "=", userId)
    .executeTakeFirst();
  return numDeletedRows === 1n;
}

/** The usernames of a group's members, in the order they were added. */
export async function memberNames(db: Sql, groupId: string): Promise<string[]> {
  const rows = await db
    .selectFrom("billing_group_members as m")
    .innerJoin("users as u", "u.id", "m.user_id")
    .select("u.username")
    .where("m.group_id", "=", groupId)
    .orderBy("m.added_at")
    .orderBy("u.username")
    .execute();
  return rows.map(({ username }) => username);
}

/** Every group, oldest first. */
export async function allGroups(db: Sql): Promise<BillingGroupRow[]> {
  return groups(db).orderBy("g.created_at").orderBy("g.id").execute();
}

/** Sets what is given. */
export async function updateGroup(
  db: Sql,
  id: string,
  change: { name?: string; pending?: boolean; disabled?: boolean; credit?: number },
): Promise<void> {
  if (Object.keys(change).length === 0) return;
  await db.updateTable("billing_groups").set(change).where("id", "=", id).execute();
}

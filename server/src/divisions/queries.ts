import type { Selectable } from "kysely";
import type { Sql } from "../db/database.ts";
import type { DivisionsTable } from "./tables.ts";

export type DivisionRow = Selectable<DivisionsTable>;

export async function findDivision(db: Sql, id: string): Promise<DivisionRow | undefined> {
  return db.selectFrom("divisions").selectAll().where("id", "=", id).executeTakeFirst();
}

/** Every division, by id. */
export async function allDivisions(db: Sql): Promise<DivisionRow[]> {
  return db.selectFrom("divisions").selectAll().orderBy("id").execute();
}

export async function insertDivision(db: Sql, division: { id: string; name: string }): Promise<DivisionRow> {
  return db.insertInto("divisions").values(division).returningAll().executeTakeFirstOrThrow();
}

/** Whether a user has that name: projects of users and of divisions are told apart by their owners' names alone. */
export async function isUsername(db: Sql, name: string): Promise<boolean> {
  return (await db.selectFrom("users").select("id").where("username", "=", name).executeTakeFirst()) !== undefined;
}

import type { Page } from "@causeway/contract";
import type { Insertable, Selectable, Updateable } from "kysely";
import type { Database } from "../db/database.ts";
import type { MarkersTable } from "./tables.ts";

/** A marker with its creator's username. */
export type MarkerRow = Selectable<MarkersTable> & { username: string };

const withCreator = (db: Database) =>
  db.selectFrom("markers").innerJoin("users", "users.id", "markers.created_by").selectAll("markers").select("users.username");

export const findMarker = (db: Database, id: string): Promise<MarkerRow | undefined> =>
  withCreator(db).where("markers.id", "=", id).executeTakeFirst();

/** One page of a file's markers that a user sees, newest first, and how many there are. */
export async function listMarkers(
  db: Database,
  file: string,
  userId: string,
  { limit, offset }: Page,
): Promise<{ items: MarkerRow[]; total: number }> {
  const items = await withCreator(db)
    .where("file_id", "=", file)
    .where((is) => is.or([is("private", "=", false), is("created_by", "=", userId)]))
    .orderBy("markers.created_at", "desc")
    .orderBy("markers.id")
    .limit(limit)
    .offset(offset)
    .execute();
  const { total } = await db
    .selectFrom("markers")
    .select(({ fn }) => fn.countAll<number>().as("total"))
    .where("file_id", "=", file)
    .where((is) => is.or([is("private", "=", false), is("created_by", "=", userId)]))
    .executeTakeFirstOrThrow();
  return { items, total };
}

export async function insertMarker(db: Database, marker: Insertable<MarkersTable>): Promise<string> {
  return (await db.insertInto("markers").values(marker).returning("id").executeTakeFirstOrThrow()).id;
}

export async function updateMarker(db: Database, id: string, change: Updateable<MarkersTable>): Promise<void> {
  if (Object.keys(change).length > 0) await db.updateTable("markers").set(change).where("id", "=", id).execute();
}

export async function deleteMarker(db: Database, id: string): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom("markers").where("id", "=", id).executeTakeFirst();
  return numDeletedRows === 1n;
}

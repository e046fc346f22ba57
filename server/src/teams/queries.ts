import type { Selectable } from "kysely";
import type { Sql } from "../db/database.ts";
import type { DivisionRole } from "../http/actor.ts";
import type { TeamsTable } from "./tables.ts";

export type TeamRow = Selectable<TeamsTable>;

/** A user of the team's division who is in the team. */
export interface TeamMember {
  userId: string;
  username: string;
  role: DivisionRole;
}

export async function findTeam(db: Sql, id: string): Promise<TeamRow | undefined> {
  return db.selectFrom("teams").selectAll().where("id", "=", id).executeTakeFirst();
}

/** The division's teams, oldest first; with `of`, only those that this user is in. */
export async function listTeams(
  db: Sql,
  filter: { divisionId: string; of?: string },
  { limit, offset }: { limit: number; offset: number },
): Promise<{ items: TeamRow[]; total: number }> {
  const matching = db
    .selectFrom("teams")
    .where("division_id", "=", filter.divisionId)
    .$if(filter.of !== undefined, (query) =>
      query.where("id", "in", (own) => own.selectFrom("team_members").select("team_id").where("user_id", "=", filter.of!)),
    );
  const items = await matching.selectAll().orderBy("created_at").orderBy("id").limit(limit).offset(offset).execute();
  const { total } = await matching.select(({ fn }) => fn.countAll<number>().as("total")).executeTakeFirstOrThrow();
  return { items, total };
}

export async function insertTeam(db: Sql, team: { name: string; divisionId: string }): Promise<TeamRow> {
  return db
    .insertInto("teams")
    .values({ name: team.name, division_id: team.divisionId })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function renameTeam(db: Sql, id: string, name: string): Promise<void> {
  await db.updateTable("teams").set({ name }).where("id", "=", id).execute();
}

/** Its memberships of projects end with it. */
export async function deleteTeam(db: Sql, id: string): Promise<void> {
  await db.deleteFrom("teams").where("id", "=", id).execute();
}

const members = (db: Sql, teamId: string) =>
  db
    .selectFrom("team_members as m")
    .innerJoin("users as u", "u.id", "m.user_id")
    .where("m.team_id", "=", teamId)
    .select(["u.id as userId", "u.username", "u.division_role as role"])
    .$narrowType<{ role: DivisionRole }>();

/** The members in the order they were added. */
export async function listTeamMembers(
  db: Sql,
  teamId: string,
  { limit, offset }: { limit: number; offset: number },
): Promise<{ items: TeamMember[]; total: number }> {
  const items = await members(db, teamId).orderBy("m.added_at").orderBy("u.username").limit(limit).offset(offset).execute();
  const { total } = await db
    .selectFrom("team_members")
    .select(({ fn }) => fn.countAll<number>().as("total"))
    .where("team_id", "=", teamId)
    .executeTakeFirstOrThrow();
  return { items, total };
}

export async function findTeamMember(db: Sql, teamId: string, username: string): Promise<TeamMember | undefined> {
  return members(db, teamId).where("u.username", "=", username).executeTakeFirst();
}

export async function isInTeam(db: Sql, teamId: string, userId: string): Promise<boolean> {
  const row = await members(db, teamId).where("u.id", "=", userId).executeTakeFirst();
  return row !== undefined;
}

/** Adds a member; false when there was one already. */
export async function insertTeamMember(db: Sql, teamId: string, userId: string): Promise<boolean> {
  const inserted = await db
    .insertInto("team_members")
    .values({ team_id: teamId, user_id: userId })
    .onConflict((conflict) => conflict.doNothing())
    .returning("user_id")
    .executeTakeFirst();
  return inserted !== undefined;
}

/** Ends a membership; false when there was none. */
export async function deleteTeamMember(db: Sql, teamId: string, userId: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom("team_members")
    .where("team_id", "=", teamId)
    .where("user_id", "=", userId)
    .executeTakeFirst();
  return numDeletedRows === 1n;
}

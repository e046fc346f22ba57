import { type Selectable, sql } from "kysely";
import type { Sql, Tx } from "../db/database.ts";
import { PREPARED } from "../db/prepared-plans.ts";
import { OF_THE_PUBLIC, type Permissions } from "./permissions.ts";
import type { ProjectSettings, ProjectsTable } from "./tables.ts";

export type ProjectRow = Selectable<ProjectsTable>;

/**
 * A project as one user sees it: `permissions` is absent when they are no member and it is not public; `isMember` tells
 * members from the public of a public one.
 */
export type SeenProject = ProjectRow & { permissions?: Permissions; isMember?: true };

/** The project of that public id, with what the user may do in it. */
export async function findProject(
  db: Sql,
  named: { owner: string; shortName: string } | { id: string },
  userId: string,
): Promise<SeenProject | undefined> {
  const row = await db
    .selectFrom("projects")
    .innerJoinLateral(rightsOf(userId), (join) => join.onTrue())
    .selectAll("projects")
    .select(["member.write", "member.copy", "member.execute", "member.admin"])
    .where("projects.deleted_at", "is", null)
    .$if("id" in named, (query) => query.where("projects.id", "=", (named as { id: string }).id))
    .$if("owner" in named, (query) => {
      const { owner, shortName } = named as { owner: string; shortName: string };
      return query.where("projects.owner", "=", owner).where("projects.short_name", "=", shortName);
    })
    .modifyEnd(PREPARED)
    .executeTakeFirst();
  return row && seen(row);
}

/** All null when there is no route to the project. */
type Rights = { [Key in "write" | "copy" | "execute" | "admin"]: boolean | null };

/** The user's rights in the project of the same row: the sum over all routes (see 0010-divisions.sql). */
const rightsOf = (userId: string) => sql<Rights>`rights_in(projects.id, projects.division_id, ${userId})`.as("member");

function seen({ write, copy, execute, admin, ...project }: ProjectRow & Rights): SeenProject {
  if (write !== null) {
    const permissions = { write, read: true, copy: !!copy, execute: !!execute, admin: !!admin };
    return { ...project, permissions, isMember: true };
  }
  return project.category === "PUBLIC" ? { ...project, permissions: OF_THE_PUBLIC } : project;
}

/** Which of these projects hold controlled data. */
export async function controlledOf(db: Sql, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    select id from projects where id = any(${ids}::uuid[]) and (settings ->> 'controlled')::boolean`.execute(db);
  return new Set(rows.map(({ id }) => id));
}

export interface ProjectFilter {
  userId: string;
  owner?: string;
  /** A part of the name, in any case. */
  name?: string;
  /** All of them must be there. */
  tags?: readonly string[];
  category?: string;
}

/** The user's projects, newest first, and how many there are in all. */
export async function listProjects(
  db: Sql,
  filter: ProjectFilter,
  { limit, offset }: { limit: number; offset: number },
): Promise<{ items: SeenProject[]; total: number }> {
  const matching = db
    .selectFrom("projects")
    .where(sql<boolean>`projects.id in (select project_id from projects_of(${filter.userId}))`)
    .where("projects.deleted_at", "is", null)
    .$if(filter.owner !== undefined, (query) => query.where("projects.owner", "=", filter.owner!))
    .$if(!!filter.name, (query) => query.where(sql<boolean>`strpos(lower(projects.name), lower(${filter.name})) > 0`))
    .$if(!!filter.tags?.length, (query) => query.where(sql<boolean>`projects.tags @> ${filter.tags}::text[]`))
    .$if(!!filter.category, (query) => query.where(sql<boolean>`projects.category = upper(${filter.category})`));
  const items = await matching
    .innerJoinLateral(rightsOf(filter.userId), (join) => join.onTrue())
    .selectAll("projects")
    .select(["member.write", "member.copy", "member.execute", "member.admin"])
    .orderBy("projects.created_at", "desc")
    .orderBy("projects.id")
    .limit(limit)
    .offset(offset)
    .modifyEnd(PREPARED)
    .execute();
  const { total } = await matching
    .select(({ fn }) => fn.countAll<number>().as("total"))
    .modifyEnd(PREPARED)
    .executeTakeFirstOrThrow();
  return { items: items.map(seen), total };
}

/** Lets no other transaction give or take a short name of the owner's until this one ends: none is lost to a race. */
export async function holdShortNames(tx: Tx, owner: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`project of ${owner}`}, 0))`.execute(tx);
}

/** Which of an owner's short names start like `shortName`: the ones a new one must differ from. */
export async function takenShortNames(db: Sql, owner: string, shortName: string): Promise<Set<string>> {
  const rows = await db
    .selectFrom("projects")
    .select("short_name")
    .where("owner", "=", owner)
    .where("deleted_at", "is", null)
    .where(sql<boolean>`starts_with(short_name, ${shortName})`)
    .execute();
  return new Set(rows.map((row) => row.short_name));
}

export interface NewProject {
  owner: string;
  /** Set when the owner is a division. */
  divisionId: string | null;
  shortName: string;
  name: string;
  description: string;
  tags: string[];
  settings: ProjectSettings;
  billingGroupId: string | null;
  rootFolder: string;
  createdBy: string;
}

export async function insertProject(db: Sql, project: NewProject): Promise<ProjectRow> {
  return db
    .insertInto("projects")
    .values({
      owner: project.owner,
      division_id: project.divisionId,
      short_name: project.shortName,
      name: project.name,
      description: project.description,
      tags: project.tags,
      settings: JSON.stringify(project.settings),
      billing_group_id: project.billingGroupId,
      root_folder: project.rootFolder,
      created_by: project.createdBy,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** The project's settings, which nobody else changes until the transaction ends; `undefined` when it is gone. */
export async function lockSettings(tx: Tx, id: string): Promise<ProjectSettings | undefined> {
  const query = tx.selectFrom("projects").select("settings").where("id", "=", id).where("deleted_at", "is", null);
  return (await query.forUpdate().executeTakeFirst())?.settings;
}

/** Sets what is given, and when that was; nothing given changes nothing. */
export async function updateProject(
  db: Sql,
  id: string,
  change: {
    name?: string;
    description?: string;
    tags?: string[];
    settings?: ProjectSettings;
    billing_group_id?: string;
    category?: "PRIVATE" | "PUBLIC";
  },
): Promise<void> {
  if (Object.keys(change).length === 0) return;
  const { settings, ...columns } = change;
  await db
    .updateTable("projects")
    .set({ ...columns, ...(settings ? { settings: JSON.stringify(settings) } : {}), modified_at: new Date() })
    .where("id", "=", id)
    .execute();
}

export async function markProjectDeleted(db: Sql, id: string): Promise<void> {
  await db.updateTable("projects").set({ deleted_at: new Date() }).where("id", "=", id).where("deleted_at", "is", null).execute();
}

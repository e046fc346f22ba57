import { sql } from "kysely";
import type { Database } from "../db/database.ts";
import type { Actor } from "../http/actor.ts";
import { joinProject, PROJECT_RIGHTS, type ProjectRights, permissionsOf } from "../projects/project-rights.ts";

/** Levels below a project's root that a path may have. */
const DEEPEST = 1000;

export type PathFinder = ReturnType<typeof createPathFinder>;

/** One name on the way to what a path leads to. */
interface Step {
  path: number;
  depth: number;
  name: string;
}

/**
 * Answers for each path, `owner/project/folder/file`, the id of what it leads to: null where it leads nowhere or to what
 * the actor may not see (files.md §3.16). A path of a project alone leads to its root folder. All paths are walked at
 * once, a level a step.
 */
export function createPathFinder(db: Database) {
  return async (actor: Actor, paths: readonly string[]): Promise<(string | null)[]> => {
    const found = new Array<string | null>(paths.length).fill(null);
    const steps: Step[] = [];
    const projects: { path: number; owner: string; short_name: string; depth: number }[] = [];
    for (const [path, text] of paths.entries()) {
      // What PostgreSQL cannot keep leads nowhere.
      if (text.includes("\0") || !text.isWellFormed()) continue;
      const [owner, short_name, ...names] = text.replace(/^\/|\/$/g, "").split("/");
      if (!owner || !short_name || names.length > DEEPEST || names.includes("")) continue;
      projects.push({ path, owner, short_name, depth: names.length });
      for (const [index, name] of names.entries()) steps.push({ path, depth: index + 1, name });
    }
    const { rows } = await sql<ProjectRights & { path: number; id: string }>`
      with recursive wanted as (
        select * from json_to_recordset(${JSON.stringify(projects)}::json)
          as wanted (path int, owner text, short_name text, depth int)
      ), steps as materialized (
        select * from json_to_recordset(${JSON.stringify(steps)}::json) as steps (path int, depth int, name text)
      ), walked (path, depth, id) as (
        select wanted.path, 0, projects.root_folder from wanted
        join projects on projects.owner = wanted.owner and projects.short_name = wanted.short_name and projects.deleted_at is null
        union all
        select steps.path, steps.depth, files.id from walked
        join steps on steps.path = walked.path and steps.depth = walked.depth + 1
        join files on files.parent = walked.id and files.name = steps.name and files.deleted_at is null
      )
      select walked.path, files.id, ${PROJECT_RIGHTS} from walked
      join wanted on wanted.path = walked.path and wanted.depth = walked.depth
      join files on files.id = walked.id and files.deleted_at is null ${joinProject(sql`files.project_id`, actor.id)}`.execute(
      db,
    );
    for (const row of rows) if (permissionsOf(row).read) found[row.path] = row.id;
    return found;
  };
}

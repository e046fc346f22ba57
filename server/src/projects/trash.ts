import { parseUuid } from "@causeway/contract";
import { type Selectable, sql } from "kysely";
import { type Database, type Tx, violates } from "../db/database.ts";
import { ApiError } from "../http/errors.ts";
import { projectIdOf } from "./access.ts";
import { holdShortNames, type ProjectRow } from "./queries.ts";
import type { ProjectsTable } from "./tables.ts";

/** A project that was deleted and can still be restored. */
export interface DeletedProject {
  /** Its own: several deleted projects may have had the same public id. */
  id: string;
  /** The public id that it had, `owner/short-name`. */
  project: string;
  name: string;
  deletedAt: Date;
  /** From then on it is removed for good. */
  restorableUntil: Date;
}

const SHORT_NAME = /^[a-z0-9][a-z0-9_-]{0,99}$/;

export type ProjectTrash = ReturnType<typeof createProjectTrash>;

/** Deleted projects, for operators: no actor is asked. `trashMs` is how long they can be restored. */
export function createProjectTrash(db: Database, trashMs: number) {
  return {
    /** Those that can be restored, the last deleted first. */
    async list(): Promise<DeletedProject[]> {
      const { rows } = await sql<Selectable<ProjectsTable>>`
        select projects.* from projects join files on files.id = projects.root_folder
        where projects.deleted_at > ${new Date(Date.now() - trashMs)} order by projects.deleted_at desc, projects.id`.execute(db);
      return rows.map(({ deleted_at, ...row }) => ({
        id: row.id,
        project: projectIdOf(row),
        name: row.name,
        deletedAt: deleted_at!,
        restorableUntil: new Date(deleted_at!.getTime() + trashMs),
      }));
    },

    /**
     * Makes a deleted project be there again with its members, files, apps and tasks: under its old public id, or the
     * owner's `shortName`. Tasks that its deletion aborted stay aborted, unfinished uploads are gone. Answers its public id.
     *
     * @throws ApiError `projectNotFound` when nothing deleted has that id, or its files are removed for good;
     *   `projectExists` when another project has the public id; `badRequest` for a short name that is none
     */
    async restore(id: string, { shortName }: { shortName?: string } = {}): Promise<string> {
      return db.transaction().execute(async (tx) => {
        const project = await lockDeleted(tx, id);
        if (!project) throw new ApiError("projectNotFound", "No deleted project has that id.");
        // The clock is read under the lock: what the sweep has begun to remove is too old for it, too.
        if (project.deleted_at!.getTime() <= Date.now() - trashMs || !(await hasRoot(tx, project)))
          throw new ApiError(
            "projectNotFound",
            `${projectIdOf(project)} was deleted too long ago: its files are removed for good.`,
          );
        const restored = { owner: project.owner, short_name: shortName ?? project.short_name };
        if (!SHORT_NAME.test(restored.short_name))
          throw new ApiError(
            "badRequest",
            "A short name has lower-case letters, digits, `-` and `_`, and starts with a letter or digit.",
          );
        await holdShortNames(tx, project.owner);
        try {
          await tx
            .updateTable("projects")
            .set({ deleted_at: null, short_name: restored.short_name })
            .where("id", "=", project.id)
            .execute();
        } catch (error) {
          throw violates(error, "projects_public_id")
            ? new ApiError("projectExists", `${projectIdOf(restored)} is another project by now: give another short_name.`, {
                cause: error,
              })
            : error;
        }
        return projectIdOf(restored);
      });
    },
  };
}

async function lockDeleted(tx: Tx, text: string): Promise<ProjectRow | undefined> {
  const id = parseUuid(text);
  if (id === undefined) return undefined;
  return tx
    .selectFrom("projects")
    .selectAll()
    .where("id", "=", id)
    .where("deleted_at", "is not", null)
    .forUpdate()
    .executeTakeFirst();
}

/** The sweep removes a project's files and leaves its row, which invoices name. */
async function hasRoot(tx: Tx, { root_folder }: ProjectRow): Promise<boolean> {
  const root = await tx.selectFrom("files").select("id").where("id", "=", root_folder).executeTakeFirst();
  return root !== undefined;
}

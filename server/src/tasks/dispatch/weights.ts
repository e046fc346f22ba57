import { parseProjectId, parseUuid } from "@causeway/contract";
import { sql } from "kysely";
import type { Database, Sql } from "../../db/database.ts";
import { ApiError } from "../../http/errors.ts";

/** What can have a weight; `name` is a billing group's id, a project's `owner/project`, a username. */
export const WEIGHTED = ["billing-group", "project", "user"] as const;
export type Weighted = (typeof WEIGHTED)[number];

export interface ShareWeight {
  of: Weighted;
  name: string;
  weight: number;
}

export type ShareWeights = ReturnType<typeof createShareWeights>;

/** How large the shares of the machines are: 1 unless said, and at least 0.01, so that nobody waits for ever. */
export function createShareWeights(db: Database) {
  return {
    /** Those that were set. */
    async list(): Promise<ShareWeight[]> {
      const { rows } = await sql<ShareWeight>`
        select case when share_weights.billing_group_id is not null then 'billing-group'
                    when share_weights.project_id is not null then 'project' else 'user' end as of,
               coalesce(share_weights.billing_group_id::text, projects.owner || '/' || projects.short_name, users.username) as name,
               weight
        from share_weights left join projects on projects.id = share_weights.project_id
          left join users on users.id = share_weights.user_id
        where projects.deleted_at is null order by 1, 2`.execute(db);
      return rows;
    },

    /** Jobs that are submitted from now on are shared out by it, and so are tasks that wait. @throws ApiError of what is not there */
    async set({ of, name, weight }: ShareWeight): Promise<ShareWeight> {
      const column = COLUMNS[of];
      await db
        .insertInto("share_weights")
        .values({ [column]: await idOf(db, of, name), weight })
        .onConflict((conflict) => conflict.column(column).doUpdateSet({ weight }))
        .execute();
      return { of, name, weight };
    },

    /** It counts as 1 again. @throws ApiError of what is not there */
    async unset(of: Weighted, name: string): Promise<void> {
      await db
        .deleteFrom("share_weights")
        .where(COLUMNS[of], "=", await idOf(db, of, name))
        .execute();
    },
  };
}

const COLUMNS = { "billing-group": "billing_group_id", project: "project_id", user: "user_id" } as const;

/** @throws ApiError `billingNotFound`, `projectNotFound`, `userNotFound` */
async function idOf(db: Sql, of: Weighted, name: string): Promise<string> {
  const found = await FIND[of](db, name);
  if (found) return found.id;
  throw new ApiError(of === "user" ? "userNotFound" : of === "project" ? "projectNotFound" : "billingNotFound");
}

const FIND: Readonly<Record<Weighted, (db: Sql, name: string) => Promise<{ id: string } | undefined>>> = {
  async "billing-group"(db, name) {
    const id = parseUuid(name);
    return id === undefined ? undefined : db.selectFrom("billing_groups").select("id").where("id", "=", id).executeTakeFirst();
  },
  async project(db, name) {
    const id = parseProjectId(name);
    return (
      id &&
      db
        .selectFrom("projects")
        .select("id")
        .where("owner", "=", id.owner)
        .where("short_name", "=", id.project)
        .where("deleted_at", "is", null)
        .executeTakeFirst()
    );
  },
  user: (db, name) => db.selectFrom("users").select("id").where("username", "=", name).executeTakeFirst(),
};

declare module "../../db/database.ts" {
  interface Tables {
    share_weights: {
      billing_group_id: string | null;
      project_id: string | null;
      user_id: string | null;
      weight: number;
    };
  }
}

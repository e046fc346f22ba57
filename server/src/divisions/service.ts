import type { Page } from "@causeway/contract";
import type { Database, Sql } from "../db/database.ts";
import { violates } from "../db/database.ts";
import type { Actor } from "../http/actor.ts";
import type { Listed } from "../http/calls.ts";
import { ApiError } from "../http/errors.ts";
import { allDivisions, type DivisionRow, findDivision, insertDivision, isUsername } from "./queries.ts";

/** A division's id is the first part of names and project ids. */
const SLUG = /^[a-z0-9][a-z0-9-]{0,49}$/;

export type { DivisionRow };
export type DivisionService = ReturnType<typeof createDivisionService>;

/** What somebody wants with a division: `look` at it, see all of `people` in it, or `manage` these. */
export type DivisionRight = "look" | "people" | "manage";

const NOT_OF_A_DIVISION = "You are not a division user: use the token of an account in the division.";

export function createDivisionService(db: Database) {
  return {
    /** The divisions that the actor is in: one with a division's token, none with a personal one. */
    async list(actor: Actor, page: () => Page): Promise<Listed<DivisionRow>> {
      const { limit, offset } = page();
      const own = actor.division && (await findDivision(db, actor.division.id));
      return { items: own ? [own].slice(offset, offset + limit) : [], total: own ? 1 : 0 };
    },

    /**
     * The division of that id, if the actor has the right there. Operators of the platform have every right in all.
     *
     * @throws ApiError `userNotFound` when there is none; `badRequest` for a personal account; `userForbidden`
     */
    async require(actor: Actor, id: string, right: DivisionRight, sql: Sql = db): Promise<DivisionRow> {
      const division = await findDivision(sql, id);
      if (!division) throw new ApiError("userNotFound", "There is no such division.");
      if (actor.isAdmin) return division;
      if (actor.division === null) throw new ApiError("badRequest", NOT_OF_A_DIVISION);
      if (actor.division.id !== id || !allows(actor.division.role, right)) throw new ApiError("userForbidden");
      return division;
    },

    /**
     * The division that a request mentions in its body: to whom it is none of theirs it is as if it were not there.
     *
     * @throws ApiError `badRequest` for a personal account; `userNotFound`; `userForbidden` in the actor's own division
     */
    async mentioned(actor: Actor, id: string, right: DivisionRight): Promise<DivisionRow> {
      if (actor.division === null && !actor.isAdmin) throw new ApiError("badRequest", NOT_OF_A_DIVISION);
      if (actor.division?.id !== id && !actor.isAdmin) throw new ApiError("userNotFound", "There is no such division.");
      return this.require(actor, id, right);
    },

    /** The division of that id, whoever asks; for the services of other features. */
    find: (id: string, sql: Sql = db): Promise<DivisionRow | undefined> => findDivision(sql, id),

    /** Every division. For operators: no actor is asked. */
    all: (): Promise<DivisionRow[]> => allDivisions(db),

    /**
     * Makes a division without users. For operators: no actor is asked.
     *
     * @throws ApiError `userExists` when a division or a user has that name; `badRequest` for an id that is none
     */
    async create(division: { id: string; name: string }): Promise<DivisionRow> {
      if (!SLUG.test(division.id))
        throw new ApiError("badRequest", "A division's id has lower-case letters, digits and `-`, and starts with no `-`.");
      if (await isUsername(db, division.id)) throw new ApiError("userExists", "A user has that name.");
      try {
        return await insertDivision(db, division);
      } catch (error) {
        throw violates(error, "divisions_pkey")
          ? new ApiError("userExists", "There is such a division.", { cause: error })
          : error;
      }
    },
  };
}

function allows(role: NonNullable<Actor["division"]>["role"], right: DivisionRight): boolean {
  if (right === "manage") return role === "ADMIN";
  return right === "look" || role !== "EXTERNAL_COLLABORATOR";
}

import type { BodyOf, Operations, Page, QueryOf } from "@causeway/contract";
import type { Database, Sql } from "../db/database.ts";
import type { DivisionService } from "../divisions/service.ts";
import type { Actor } from "../http/actor.ts";
import type { Listed } from "../http/calls.ts";
import { ApiError } from "../http/errors.ts";
import type { UserService } from "../users/service.ts";
import {
  deleteTeam,
  deleteTeamMember,
  findTeam,
  findTeamMember,
  insertTeam,
  insertTeamMember,
  isInTeam,
  listTeamMembers,
  listTeams,
  renameTeam,
  type TeamMember,
  type TeamRow,
} from "./queries.ts";

export type { TeamMember, TeamRow };
export type TeamService = ReturnType<typeof createTeamService>;

/**
 * Teams of a division. Its administrators see to them; its members see all teams by name and the people of their own;
 * external collaborators see their own teams only. Whatever of a division is not there is `userNotFound`.
 */
export function createTeamService(db: Database, divisions: DivisionService, users: UserService) {
  return {
    /**
     * The actor's own teams in a division, or all of them, oldest first.
     *
     * @throws ApiError `divisionMissing`; of the division (see `DivisionService.require`)
     */
    async list(actor: Actor, query: () => QueryOf<Operations["listTeams"]>, page: () => Page): Promise<Listed<TeamRow>> {
      const { division, _all: all = false } = query();
      const { id: divisionId } = await divisions.require(actor, division, all ? "people" : "look");
      return listTeams(db, { divisionId, ...(all ? {} : { of: actor.id }) }, page());
    },

    /** @throws ApiError `divisionMissing`; of the division */
    async create(actor: Actor, body: () => BodyOf<Operations["createTeam"]>): Promise<TeamRow> {
      const { name, division } = body();
      const { id: divisionId } = await divisions.mentioned(actor, division, "manage");
      return insertTeam(db, { name, divisionId });
    },

    /** @throws ApiError `userNotFound`; of the division */
    get: (actor: Actor, id: string): Promise<TeamRow> => seen(actor, id, "people"),

    /** @throws ApiError `userNotFound`; of the division */
    async rename(actor: Actor, id: string, body: () => BodyOf<Operations["renameTeam"]>): Promise<TeamRow> {
      const team = await managed(actor, id);
      const { name } = body();
      await renameTeam(db, id, name);
      return { ...team, name };
    },

    /** Deletes the team; its memberships of projects end. @throws ApiError `userNotFound`; of the division */
    async delete(actor: Actor, id: string): Promise<void> {
      await managed(actor, id);
      await deleteTeam(db, id);
    },

    /** @throws ApiError `userNotFound`; of the division */
    async listMembers(actor: Actor, id: string, page: () => Page): Promise<Listed<TeamMember>> {
      await seen(actor, id, "manage");
      return listTeamMembers(db, id, page());
    },

    /** @throws ApiError `userNotFound` for the team or the member; of the division */
    async getMember(actor: Actor, id: string, username: string): Promise<TeamMember> {
      await seen(actor, id, "manage");
      const member = await findTeamMember(db, id, username);
      if (!member) throw new ApiError("userNotFound", `${username} is not in this team.`);
      return member;
    },

    /**
     * Adds a user of the team's division.
     *
     * @throws ApiError `userNotFound` for the team or the user; `userExists` for a member; of the division
     */
    async addMember(actor: Actor, id: string, body: () => BodyOf<Operations["addTeamMember"]>): Promise<TeamMember> {
      const team = await managed(actor, id);
      const user = await users.find({ username: body().id });
      if (!user || user.division_id !== team.division_id)
        throw new ApiError("userNotFound", "There is no such user in the team's division.");
      if (!(await insertTeamMember(db, id, user.id))) throw new ApiError("userExists", "The user is in the team already.");
      return { userId: user.id, username: user.username, role: user.division_role! };
    },

    /** @throws ApiError `userNotFound` for the team or the member; of the division */
    async removeMember(actor: Actor, id: string, username: string): Promise<void> {
      await managed(actor, id);
      const member = await findTeamMember(db, id, username);
      if (!member || !(await deleteTeamMember(db, id, member.userId)))
        throw new ApiError("userNotFound", `${username} is not in this team.`);
    },

    /** The team of that id, whoever asks; for the services of other features. */
    find: (id: string, sql: Sql = db): Promise<TeamRow | undefined> => findTeam(sql, id),
  };

  async function found(id: string): Promise<TeamRow> {
    const team = await findTeam(db, id);
    if (!team) throw new ApiError("userNotFound", "There is no such team.");
    return team;
  }

  async function managed(actor: Actor, id: string): Promise<TeamRow> {
    const team = await found(id);
    await divisions.require(actor, team.division_id, "manage");
    return team;
  }

  /** A team as somebody in it sees it, or else whoever has `right` in its division. */
  async function seen(actor: Actor, id: string, right: "people" | "manage"): Promise<TeamRow> {
    const team = await found(id);
    const inTeam = await isInTeam(db, id, actor.id);
    await divisions.require(actor, team.division_id, inTeam ? "look" : right);
    return team;
  }
}

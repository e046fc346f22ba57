import { type BodyOf, type Operations, type Page, parseUuid } from "@causeway/contract";
import type { Database, Tx } from "../db/database.ts";
import type { DivisionService } from "../divisions/service.ts";
import type { Actor } from "../http/actor.ts";
import type { Listed } from "../http/calls.ts";
import { ApiError } from "../http/errors.ts";
import type { TeamService } from "../teams/service.ts";
import type { UserService } from "../users/service.ts";
import type { ProjectAccess } from "./access.ts";
import {
  anyWithout,
  deleteMember,
  findMember,
  insertMember,
  listMembers,
  lockAdministrators,
  type Member,
  setPermissions,
} from "./member-queries.ts";
import { closure, type Permissions } from "./permissions.ts";
import type { ProjectName } from "./service.ts";

export type MemberService = ReturnType<typeof createMemberService>;

/** The entitlement (a tag of the user, given by operators) that members of controlled projects have. */
const CONTROLLED_DATA = "controlled-data";

/** Who knows the people that can be members. */
export interface People {
  users: UserService;
  teams: TeamService;
  divisions: DivisionService;
}

/**
 * Who is in a project: users, teams and divisions, named by username, UUID or slug. Somebody's rights are the sum of
 * those they have in each of these ways. A project always keeps at least one user who administers it.
 */
export function createMemberService(db: Database, access: ProjectAccess, people: People) {
  const findOrRefuse = async (projectId: string, id: string, sql: Database | Tx = db): Promise<Member> => {
    const member = await findMember(sql, projectId, id);
    if (!member) throw new ApiError("projectNotFound", `${id} is no member of this project.`);
    return member;
  };

  return {
    /** @throws ApiError `projectNotFound`, `projectForbidden` */
    async list(actor: Actor, name: ProjectName, page: () => Page): Promise<Listed<Member>> {
      const project = await access.require(actor, name, "read");
      return listMembers(db, project.id, page());
    },

    /** @throws ApiError `projectNotFound` for the project or the member, `projectForbidden` */
    async get(actor: Actor, name: ProjectName, username: string): Promise<Member> {
      const project = await access.require(actor, name, "read");
      return findOrRefuse(project.id, username);
    },

    /**
     * Adds a user, by name or by e-mail address, or a team or division of the actor's.
     *
     * @throws ApiError `projectNotFound` for the project, the team or the division, also for those of others;
     * `projectForbidden`, also for people without the entitlement that a controlled project asks for; `memberUsernameEmpty`,
     * `permissionsEmpty`, `userNotFound`; `projectExists` for who is a member already
     */
    async add(actor: Actor, name: ProjectName, body: () => BodyOf<Operations["addMember"]>): Promise<Member> {
      const project = await access.require(actor, name, "admin");
      const { username, email, type = "USER", permissions } = body();
      if (username === undefined && email === undefined) throw new ApiError("memberUsernameEmpty");
      const named = await (username === undefined
        ? userNamed({ email: email!, ...(actor.division ? { division: actor.division.id } : {}) })
        : type === "USER"
          ? userNamed({ username })
          : groupNamed(actor, type, username));
      if (project.settings.controlled && (await anyWithout(db, named.key, CONTROLLED_DATA)))
        throw new ApiError("projectForbidden", `Members of a controlled project need the entitlement \`${CONTROLLED_DATA}\`.`);
      const member = { ...named, permissions: closure(permissions) };
      if (!(await insertMember(db, project.id, member.key, member.permissions))) throw new ApiError("projectExists");
      return member;
    },

    /**
     * Changes some permissions. Taking `admin` away leaves the other four.
     *
     * @throws ApiError `projectNotFound`, `projectForbidden`, `permissionsEmpty`, `conflict` for the last administrator
     */
    async change(actor: Actor, name: ProjectName, username: string, body: () => Partial<Permissions>): Promise<Permissions> {
      return setTo(actor, name, username, (current) => closure({ ...current, ...body() }));
    },

    /** Sets all permissions. @throws as `change`, and `permissionsIncomplete` */
    async replace(actor: Actor, name: ProjectName, username: string, body: () => Permissions): Promise<Permissions> {
      return setTo(actor, name, username, () => closure(body()));
    },

    /**
     * Ends a membership; whoever is a member may end their own.
     *
     * @throws ApiError `projectNotFound`, `projectForbidden`, `conflict` for the last administrator
     */
    async remove(actor: Actor, name: ProjectName, username: string): Promise<void> {
      const project = await access.require(actor, name, username === actor.username ? "read" : "admin");
      await db.transaction().execute(async (tx) => {
        const administrators = await lockAdministrators(tx, project.id);
        const member = await findOrRefuse(project.id, username, tx);
        refuseLastAdministrator(administrators, member);
        await deleteMember(tx, project.id, member.key);
      });
    },
  };

  async function userNamed(name: Parameters<UserService["find"]>[0]): Promise<Omit<Member, "permissions">> {
    const user = await people.users.find(name);
    if (!user) throw new ApiError("userNotFound");
    return { key: { user_id: user.id }, type: "USER", id: user.username, email: user.email };
  }

  /** A team or a division of the actor's own; operators of the platform take any. */
  async function groupNamed(actor: Actor, type: "TEAM" | "DIVISION", id: string): Promise<Omit<Member, "permissions">> {
    const teamId = type === "TEAM" ? parseUuid(id) : undefined;
    const team = teamId === undefined ? undefined : await people.teams.find(teamId);
    const divisionId = type === "TEAM" ? team?.division_id : (await people.divisions.find(id))?.id;
    if (divisionId === undefined || (actor.division?.id !== divisionId && !actor.isAdmin))
      throw new ApiError(
        "projectNotFound",
        `There is no such ${type.toLowerCase()} of yours: users of a division add it and its teams.`,
      );
    return team
      ? { key: { team_id: team.id }, type, id: team.id, email: "" }
      : { key: { division_id: divisionId }, type, id: divisionId, email: "" };
  }

  async function setTo(
    actor: Actor,
    name: ProjectName,
    username: string,
    wanted: (current: Permissions) => Permissions,
  ): Promise<Permissions> {
    const project = await access.require(actor, name, "admin");
    return db.transaction().execute(async (tx) => {
      const administrators = await lockAdministrators(tx, project.id);
      const member = await findOrRefuse(project.id, username, tx);
      const permissions = wanted(member.permissions);
      if (!permissions.admin) refuseLastAdministrator(administrators, member);
      await setPermissions(tx, project.id, member.key, permissions);
      return permissions;
    });
  }
}

/** Administrators through a team or a division do not count: it may lose its last user. */
function refuseLastAdministrator(administrators: readonly string[], member: Member): void {
  if (member.type === "USER" && administrators.length === 1 && administrators[0] === member.id) {
    throw new ApiError("conflict", "A project keeps at least one administrator: make somebody else one first.");
  }
}

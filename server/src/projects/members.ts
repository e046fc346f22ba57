import type { BodyOf, Operations, Page } from "@causeway/contract";
import type { Database, Tx } from "../db/database.ts";
import type { Actor } from "../http/actor.ts";
import type { Listed } from "../http/calls.ts";
import { ApiError } from "../http/errors.ts";
import type { UserService } from "../users/service.ts";
import type { ProjectAccess } from "./access.ts";
import {
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

/** Who is in a project. A project always keeps at least one administrator. */
export function createMemberService(db: Database, access: ProjectAccess, users: UserService) {
  const findOrRefuse = async (projectId: string, username: string, sql: Database | Tx = db): Promise<Member> => {
    const member = await findMember(sql, projectId, username);
    if (!member) throw new ApiError("projectNotFound", `${username} is no member of this project.`);
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
     * Adds a user, by name or by e-mail address.
     *
     * @throws ApiError `projectNotFound`, `projectForbidden`, `memberUsernameEmpty`, `permissionsEmpty`, `userNotFound`,
     * `projectExists` for somebody who is a member already
     */
    async add(actor: Actor, name: ProjectName, body: () => BodyOf<Operations["addMember"]>): Promise<Member> {
      const project = await access.require(actor, name, "admin");
      const { username, email, type = "USER", permissions } = body();
      if (username === undefined && email === undefined) throw new ApiError("memberUsernameEmpty");
      if (username !== undefined && type !== "USER") throw new ApiError("projectNotFound", "There is no such team or division.");
      const user = await users.find(username !== undefined ? { username } : { email: email! });
      if (!user) throw new ApiError("userNotFound");
      const granted = closure(permissions);
      if (!(await insertMember(db, project.id, user.id, granted))) throw new ApiError("projectExists");
      return { userId: user.id, username: user.username, email: user.email, permissions: granted };
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
        refuseLastAdministrator(administrators, member.userId);
        await deleteMember(tx, project.id, member.userId);
      });
    },
  };

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
      if (!permissions.admin) refuseLastAdministrator(administrators, member.userId);
      await setPermissions(tx, project.id, member.userId, permissions);
      return permissions;
    });
  }
}

function refuseLastAdministrator(administrators: readonly string[], userId: string): void {
  if (administrators.length === 1 && administrators[0] === userId) {
    throw new ApiError("conflict", "A project keeps at least one administrator: make somebody else one first.");
  }
}

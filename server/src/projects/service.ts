import { randomBytes } from "node:crypto";
import { type BodyOf, type Operations, type Page, projectShortName, projectShortNameAt, type QueryOf } from "@causeway/contract";
import type { BillingService } from "../billing/service.ts";
import type { Database, Tx } from "../db/database.ts";
import type { Actor } from "../http/actor.ts";
import type { Listed } from "../http/calls.ts";
import { ApiError } from "../http/errors.ts";
import type { AccessibleProject, ProjectAccess, ProjectListener } from "./access.ts";
import { insertMember } from "./member-queries.ts";
import { ALL } from "./permissions.ts";
import {
  holdShortNames,
  insertProject,
  listProjects,
  lockSettings,
  markProjectDeleted,
  type SeenProject,
  takenShortNames,
  updateProject,
} from "./queries.ts";
import { changedSettings, settingsOf } from "./settings.ts";

export type ProjectName = { owner: string; project: string };
export type ProjectService = ReturnType<typeof createProjectService>;

export interface ProjectServiceDeps {
  db: Database;
  access: ProjectAccess;
  billing: BillingService;
  listeners: readonly ProjectListener[];
}

export function createProjectService({ db, access, billing, listeners }: ProjectServiceDeps) {
  return {
    /** The projects the actor is a member of, newest first; filters add up. */
    async list(
      actor: Actor,
      query: () => QueryOf<Operations["listProjects"]>,
      page: () => Page,
      owner?: string,
    ): Promise<Listed<SeenProject>> {
      const { name, category, tags } = query();
      const filter = {
        userId: actor.id,
        ...(owner === undefined ? {} : { owner }),
        ...(name === undefined ? {} : { name }),
        ...(category === undefined ? {} : { category }),
        tags: (tags ?? []).filter((tag) => tag !== ""),
      };
      return listProjects(db, filter, page());
    },

    /** @throws ApiError `projectNotFound`, `projectForbidden` */
    get: (actor: Actor, name: ProjectName): Promise<AccessibleProject> => access.require(actor, name, "read"),

    /**
     * Makes a project that the actor administers and owns; with a division's token the division owns it. Equal names are
     * fine: the short name gets a suffix.
     *
     * @throws ApiError `projectForbidden` for external collaborators; of the billing group (see `BillingService.payer`)
     */
    async create(actor: Actor, body: () => BodyOf<Operations["createProject"]>): Promise<AccessibleProject> {
      if (actor.division?.role === "EXTERNAL_COLLABORATOR")
        throw new ApiError("projectForbidden", "External collaborators of a division make no projects.");
      const { name, billing_group, description = "", tags = [], settings } = body();
      const owner = actor.division?.id ?? actor.username;
      const billingGroupId = await billing.payer(actor, billing_group);
      return db.transaction().execute(async (tx) => {
        const project = await insertProject(tx, {
          owner,
          divisionId: actor.division?.id ?? null,
          shortName: await freeShortName(tx, owner, name),
          name,
          description,
          tags,
          settings: settingsOf(settings),
          billingGroupId,
          rootFolder: randomBytes(12).toString("hex"),
          createdBy: actor.username,
        });
        await insertMember(tx, project.id, { user_id: actor.id }, ALL);
        for (const listener of listeners) await listener.created?.(tx, project);
        return { ...project, permissions: ALL };
      });
    },

    /**
     * Changes what is given. `write` is enough for the description alone; everything else is an administrator's.
     *
     * @throws ApiError `projectNotFound`, `projectForbidden`; of the billing group; `badRequest` of the settings
     */
    async update(actor: Actor, name: ProjectName, body: () => BodyOf<Operations["updateProject"]>): Promise<AccessibleProject> {
      const project = await access.require(actor, name, "read");
      if (!project.permissions.write) throw new ApiError("projectForbidden");
      // What the change is decides who may make it, so it is read before that is asked.
      const { description, category, billing_group, settings, type: _constant, ...rest } = body();
      const others = { ...rest, billing_group, settings, category: category === project.category ? undefined : category };
      if (Object.values(others).some((value) => value !== undefined) && !project.permissions.admin)
        throw new ApiError("projectForbidden");
      if (others.category !== undefined && !actor.isAdmin)
        throw new ApiError("projectForbidden", "Only operators make projects public.");

      const payer = billing_group === undefined ? undefined : await billing.payer(actor, billing_group);
      // Two who change different settings at once both succeed: the second sees what the first has written.
      await db.transaction().execute(async (tx) => {
        const current = await lockSettings(tx, project.id);
        if (!current) throw new ApiError("projectNotFound");
        await updateProject(tx, project.id, {
          ...rest,
          ...(description === undefined ? {} : { description: description ?? "" }),
          ...(payer === undefined ? {} : { billing_group_id: payer }),
          ...(settings === undefined ? {} : { settings: changedSettings(current, settings) }),
          ...(others.category === undefined ? {} : { category: others.category as "PRIVATE" | "PUBLIC" }),
        });
      });
      return access.require(actor, name, "read");
    },

    /** Deletes the project and all that is in it; restorable by an operator for a while. @throws ApiError `projectNotFound`, `projectForbidden` */
    async delete(actor: Actor, name: ProjectName): Promise<void> {
      const project = await access.require(actor, name, "admin");
      await db.transaction().execute(async (tx) => {
        for (const listener of listeners) await listener.deleted?.(tx, project);
        await markProjectDeleted(tx, project.id);
      });
    },
  };
}

/** The first short name that the owner has free. */
async function freeShortName(tx: Tx, owner: string, name: string): Promise<string> {
  await holdShortNames(tx, owner);
  const taken = await takenShortNames(tx, owner, projectShortName(name));
  let attempt = 0;
  while (taken.has(projectShortNameAt(name, attempt))) attempt++;
  return projectShortNameAt(name, attempt);
}

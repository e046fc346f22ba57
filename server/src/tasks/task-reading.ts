import { type Operations, type Page, parseProjectId, parseTime, parseUuid, type QueryOf } from "@causeway/contract";
import type { Database } from "../db/database.ts";
import type { Actor } from "../http/actor.ts";
import type { Listed } from "../http/calls.ts";
import { ApiError } from "../http/errors.ts";
import type { AccessibleProject, ProjectAccess } from "../projects/access.ts";
import type { Permission } from "../projects/permissions.ts";
import { permissionsOf } from "../projects/project-rights.ts";
import { type FoundTask, findTask, findTasks, listTaskLines, listTasks, type TaskFilter, type TaskLine } from "./queries.ts";
import { type JobWithInstance, listJobs } from "./running/job-queries.ts";

const ORDERS = {
  created_time: "created_at",
  start_time: "started_at",
  end_time: "ended_at",
  name: "name",
  created_by: "created_by",
} as const;

const NONE = { items: [], total: 0 };

export type TaskReading = ReturnType<typeof createTaskReading>;

/** How tasks are found for somebody: one, many, lists of them, and the jobs of one. */
export function createTaskReading(db: Database, access: ProjectAccess) {
  /** A task with which the actor may do this. @throws ApiError `taskNotFound`, `taskForbidden` */
  async function require(actor: Actor, id: string, permission: Permission): Promise<FoundTask> {
    return permitted(await findTask(db, id, actor.id), permission);
  }

  /** @throws ApiError `projectNotFound`, `projectForbidden`; `taskForbidden` to the public of a public project */
  async function memberProject(actor: Actor, name: { owner: string; project: string }): Promise<AccessibleProject> {
    const project = await access.require(actor, name, "read");
    if (!project.isMember) throw new ApiError("taskForbidden", "The tasks of a public project are its members' alone.");
    return project;
  }

  /** What a list is asked for; no filter where no task can match. */
  async function filterOf(
    actor: Actor,
    query: () => QueryOf<Operations["listProjectTasks"]> & { project?: string },
    page: () => Page,
    named?: { owner: string; project: string },
  ): Promise<{ filter: TaskFilter | undefined; page: Page }> {
    if (named) await memberProject(actor, named);
    const given = query();
    const name = named ?? (given.project === undefined ? undefined : parseProjectId(given.project)!);
    const filter: TaskFilter = {
      userId: actor.id,
      ...(name ? { projectId: (await memberProject(actor, name)).id } : {}),
      ...(given.parent === undefined ? {} : { parentId: (await require(actor, given.parent, "read")).id }),
      ...(given.status === undefined ? {} : { status: given.status as FoundTask["status"] }),
      ...(given.batch === undefined ? {} : { batch: given.batch }),
      between: [
        bounds("created_at", given.created_from, given.created_to),
        bounds("started_at", given.started_from, given.started_to),
        bounds("ended_at", given.ended_from, given.ended_to),
      ],
      orderBy: ORDERS[(given.order_by ?? "created_time") as keyof typeof ORDERS],
      descending: given.order === undefined ? given.order_by === undefined : given.order === "desc",
    };
    // There are no automation runs here, so nothing comes from one.
    return { filter: given.origin_id === undefined ? filter : undefined, page: page() };
  }

  return {
    require,
    /** @throws ApiError `projectNotFound`, `projectForbidden`; `taskForbidden` to the public of a public project */
    requireProject: memberProject,

    /** The task that a request mentions in its body: undefined when there is none, or none that the actor may read. */
    async mentioned(actor: Actor, id: string): Promise<FoundTask | undefined> {
      const task = await findTask(db, id, actor.id);
      return task && mayDo(task, "read") ? task : undefined;
    },

    /**
     * Those of the tasks that there are and that the actor may read, found with one query, and how to get each: a function that answers like the
     * service's `get`, but for an id in any case that may be none.
     */
    async getMany(actor: Actor, ids: readonly string[]): Promise<{ found: FoundTask[]; get: (id: string) => FoundTask }> {
      const known = ids.map(parseUuid).filter((id) => id !== undefined);
      const found = (await findTasks(db, known, actor.id)).filter((task) => mayDo(task, "read"));
      const byId = new Map(found.map((task) => [task.id, task]));
      const get = (id: string) => {
        if (id.trim() === "") throw new ApiError("taskIdEmpty");
        const uuid = parseUuid(id);
        if (uuid === undefined) throw new ApiError("taskIdInvalid", `${id} is no UUID.`);
        return permitted(byId.get(uuid), "read");
      };
      return { found, get };
    },

    /**
     * Tasks of one project, or of all the actor's; newest first unless asked otherwise.
     *
     * @throws ApiError `projectNotFound`, `projectForbidden`; `taskNotFound`, `taskForbidden` of the parent
     */
    async list(...asked: Parameters<typeof filterOf>): Promise<Listed<FoundTask>> {
      const { filter, page } = await filterOf(...asked);
      return filter ? listTasks(db, filter, page) : NONE;
    },

    /** The same tasks with little of them, sooner. @throws as `list` */
    async listLines(...asked: Parameters<typeof filterOf>): Promise<Listed<TaskLine>> {
      const { filter, page } = await filterOf(...asked);
      return filter ? listTaskLines(db, filter, page) : NONE;
    },

    /** The jobs of a task, by start. @throws ApiError `taskNotFound`, `taskForbidden` */
    async jobs(actor: Actor, id: string): Promise<{ task: FoundTask; jobs: JobWithInstance[] }> {
      const task = await require(actor, id, "read");
      return { task, jobs: await listJobs(db, id) };
    },
  };
}

/** @throws ApiError `taskNotFound`, `taskForbidden` */
function permitted(task: FoundTask | undefined, permission: Permission): FoundTask {
  if (!task) throw new ApiError("taskNotFound");
  if (!mayDo(task, permission)) throw new ApiError("taskForbidden");
  return task;
}

/** A public project shows its files and apps to everybody, but its tasks to members only. */
const mayDo = (task: FoundTask, permission: Permission): boolean => task.member !== null && permissionsOf(task)[permission];

const bounds = (column: "created_at" | "started_at" | "ended_at", from: string | undefined, to: string | undefined) => ({
  column,
  ...(from === undefined ? {} : { from: parseTime(from)! }),
  ...(to === undefined ? {} : { to: parseTime(to)! }),
});

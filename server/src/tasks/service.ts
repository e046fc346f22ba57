import type { Database, Tx } from "../db/database.ts";
import type { Actor } from "../http/actor.ts";
import type { ProjectAccess } from "../projects/access.ts";
import { abortTask } from "./aborts.ts";
import { createTaskActions } from "./actions.ts";
import { createQueuePositions } from "./dispatch/before.ts";
import { createTaskDrafting } from "./drafts/drafting.ts";
import type { DraftDeps } from "./drafts/prepared-draft.ts";
import { activeTasksOf, type FoundTask } from "./queries.ts";
import { createTaskReading } from "./task-reading.ts";

export type TaskService = ReturnType<typeof createTaskService>;

export interface TaskDeps extends DraftDeps {
  db: Database;
  access: ProjectAccess;
}

/** What can be done with tasks: find them, draft them, run and abort them. */
export function createTaskService(deps: TaskDeps) {
  const { db, access } = deps;
  const reading = createTaskReading(db, access);
  const actions = createTaskActions({ ...deps, reading });
  const drafting = createTaskDrafting({ ...deps, reading, moveTo: actions.moveTo });

  return {
    /** @throws ApiError `taskNotFound`, `taskForbidden` */
    get: (actor: Actor, id: string): Promise<FoundTask> => reading.require(actor, id, "read"),

    requireProject: reading.requireProject,
    getMany: reading.getMany,
    list: reading.list,
    listLines: reading.listLines,
    jobs: reading.jobs,
    /** How many tasks are before each of those that wait. */
    before: createQueuePositions(db),

    ...drafting,

    run: actions.run,
    abort: actions.abort,

    /** Ends what runs in a project that is being deleted. */
    async projectDeleted(tx: Tx, project: { id: string }): Promise<void> {
      for (const id of await activeTasksOf(tx, project.id)) await abortTask(tx, id);
    },
  };
}

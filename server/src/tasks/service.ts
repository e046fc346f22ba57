import type { Database, Tx } from "../db/database.ts";
import type { Actor } from "../http/actor.ts";
import type { ProjectAccess } from "../projects/access.ts";
import { abortTask } from "./aborts.ts";
import { createTaskActions } from "./actions.ts";
import { createQueuePositions } from "./dispatch/before.ts";
import type { DraftParts } from "./drafts/contents.ts";
import { createTaskDrafting } from "./drafts/drafting.ts";
import { activeTasksOf, type FoundTask } from "./queries.ts";
import { createTaskReading } from "./task-reading.ts";

export type TaskService = ReturnType<typeof createTaskService>;

export interface TaskParts extends DraftParts {
  db: Database;
  access: ProjectAccess;
}

/** What can be done with tasks: find them, draft them, run and abort them. */
export function createTaskService(parts: TaskParts) {
  const { db, access } = parts;
  const reading = createTaskReading(db, access);
  const actions = createTaskActions({ ...parts, reading });
  const drafting = createTaskDrafting({ ...parts, reading, actions });

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

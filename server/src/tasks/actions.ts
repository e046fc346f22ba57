import type { Operations, QueryOf } from "@causeway/contract";
import type { BillingService } from "../billing/service.ts";
import type { Database } from "../db/database.ts";
import type { Actor } from "../http/actor.ts";
import { ApiError } from "../http/errors.ts";
import type { ProjectAccess } from "../projects/access.ts";
import { abortTask } from "./aborts.ts";
import { contentsOf, type DraftDeps, prepareDraft } from "./drafts/prepared-draft.ts";
import { submitDraft } from "./drafts/submitting.ts";
import type { FoundTask } from "./queries.ts";
import type { TaskReading } from "./task-reading.ts";

export interface ActionDeps extends DraftDeps {
  db: Database;
  access: ProjectAccess;
  billing: BillingService;
  reading: TaskReading;
}

/** What moves a task: submitting and aborting it. */
export function createTaskActions(deps: ActionDeps) {
  const { db, access, billing, reading } = deps;

  return {
    /**
     * Submits a draft. Of two who run it at once, one does.
     *
     * @throws ApiError `taskNotFound`, `taskForbidden`, `taskRunNotDraft`, `taskNotBatch`, `taskValidationErrors`,
     * `billingForbidden`
     */
    async run(actor: Actor, id: string, query: () => QueryOf<Operations["runTask"]>): Promise<FoundTask> {
      const task = await reading.require(actor, id, "execute");
      if (task.status !== "DRAFT") throw new ApiError("taskRunNotDraft");
      const { batch, use_interruptible_instances: interruptible } = query();
      if (batch === false && task.batch_by === null) throw new ApiError("taskNotBatch");
      const isDisabled = batch === false;
      const prepared = await prepareDraft(actor, deps, { ...contentsOf(task), ...(isDisabled ? { batching: null } : {}) });
      const project = await access.require(actor, { id: task.project_id }, "execute");
      const change = {
        ...(interruptible === undefined ? {} : { use_interruptible_instances: interruptible }),
        ...(isDisabled ? { batch_input: null, batch_by: null, inputs: JSON.stringify(prepared.values) } : {}),
      };
      const draft = { taskId: id, executedBy: actor.username, billingGroup: project.billing_group_id, prepared, change };
      const submitted = await db.transaction().execute((tx) => submitDraft(tx, billing, draft));
      if (!submitted) throw new ApiError("taskRunNotDraft");
      return reading.require(actor, id, "read");
    },

    /** Aborts a task that waits or runs. @throws ApiError `taskNotFound`, `taskForbidden`, `taskAbortNotActive` */
    abort,

    /**
     * What a changed status asks for: only aborting a running task can be asked for in this way.
     *
     * @throws ApiError `taskNotRunning`, `taskNotDraftOrRunning` of a task that waits or has ended, `taskActionInvalid`;
     * `taskAbortNotActive` when it has ended meanwhile
     */
    async moveTo(actor: Actor, task: FoundTask, status: string): Promise<FoundTask> {
      const isAbort = status === "ABORTED" || status === "ABORTING";
      if (isAbort && task.status === "RUNNING") return abort(actor, task.id);
      if (isAbort) throw new ApiError("taskNotRunning", "A waiting task is aborted by `actions/abort`.");
      if (task.status !== "DRAFT" && task.status !== "RUNNING") throw new ApiError("taskNotDraftOrRunning");
      throw new ApiError("taskActionInvalid", "The status follows from what is done: a draft is run by `actions/run`.");
    },
  };

  async function abort(actor: Actor, id: string): Promise<FoundTask> {
    await reading.require(actor, id, "execute");
    if (!(await db.transaction().execute((tx) => abortTask(tx, id)))) throw new ApiError("taskAbortNotActive");
    return reading.require(actor, id, "read");
  }
}

import type { Operations, QueryOf } from "@causeway/contract";
import type { BillingService } from "../billing/service.ts";
import type { Database, Tx } from "../db/database.ts";
import type { Actor } from "../http/actor.ts";
import { ApiError } from "../http/errors.ts";
import type { ProjectAccess } from "../projects/access.ts";
import { abortTask } from "./aborts.ts";
import { enqueueExpansion } from "./batches/expansion.ts";
import { announceTask } from "./dispatch/dispatcher.ts";
import { contentsOf, type DraftParts, type Prepared, prepareDraft } from "./drafts/contents.ts";
import type { FoundTask } from "./queries.ts";
import { type MoveChange, moveTask } from "./states.ts";
import type { TaskReading } from "./task-reading.ts";

export type TaskActions = ReturnType<typeof createTaskActions>;

export interface ActionParts extends DraftParts {
  db: Database;
  access: ProjectAccess;
  billing: BillingService;
  reading: TaskReading;
}

/** What moves a task: submitting and aborting it. */
export function createTaskActions(parts: ActionParts) {
  const { db, access, billing, reading } = parts;

  /** Submits a draft in the caller's transaction: the fact and the work that follows from it. */
  async function submit(
    tx: Tx,
    actor: Actor,
    taskId: string,
    projectGroup: string | null,
    { engineInputs, batching }: Prepared,
    change: MoveChange = {},
  ): Promise<boolean> {
    await billing.requireFunds(projectGroup, tx);
    const submitted = {
      ...change,
      executed_by: actor.username,
      queued_at: new Date(),
      engine_inputs: JSON.stringify(engineInputs),
      errors: "[]",
      warnings: "[]",
    };
    if (!(await moveTask(tx, taskId, batching ? "CREATING" : "QUEUED", submitted))) return false;
    await (batching ? enqueueExpansion(tx, taskId) : announceTask(tx));
    return true;
  }

  return {
    submit,

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
      const prepared = await prepareDraft(actor, parts, { ...contentsOf(task), ...(isDisabled ? { batching: null } : {}) });
      const { errors } = prepared;
      if (errors.length > 0) throw new ApiError("taskValidationErrors", errors.map(({ message }) => message).join(" "));
      const project = await access.require(actor, { id: task.project_id }, "execute");
      const change = {
        ...(interruptible === undefined ? {} : { use_interruptible_instances: interruptible }),
        ...(isDisabled ? { batch_input: null, batch_by: null, inputs: JSON.stringify(prepared.values) } : {}),
      };
      const submitted = await db.transaction().execute((tx) => submit(tx, actor, id, project.billing_group_id, prepared, change));
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

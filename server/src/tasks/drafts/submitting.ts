import type { BillingService } from "../../billing/service.ts";
import type { Tx } from "../../db/database.ts";
import { ApiError } from "../../http/errors.ts";
import { enqueueExpansion } from "../batches/expansion.ts";
import { announceTask } from "../dispatch/dispatcher.ts";
import { type MoveChange, moveTask } from "../states.ts";
import type { Prepared } from "./prepared-draft.ts";

/** A draft that shall start. */
export interface DraftToSubmit {
  taskId: string;
  /** The username of whoever runs it; that they may is asked before. */
  executedBy: string;
  prepared: Prepared;
  /** Of the task's project. */
  billingGroup: string | null;
  /** What else its row gets. */
  change?: MoveChange;
}

/**
 * Starts a draft in the caller's transaction, if it may start: nothing is wrong with it, and somebody pays. The fact and the
 * work that follows from it are one. Answers false when it is no draft any more: of two who submit it at once, one does.
 *
 * @throws ApiError `taskValidationErrors`, `billingForbidden`
 */
export async function submitDraft(
  tx: Tx,
  billing: BillingService,
  { taskId, executedBy, prepared, billingGroup, change = {} }: DraftToSubmit,
): Promise<boolean> {
  const { errors, engineInputs, batching } = prepared;
  if (errors.length > 0) throw new ApiError("taskValidationErrors", errors.map(({ message }) => message).join(" "));
  await billing.requireFunds(billingGroup, tx);
  const submitted = {
    ...change,
    executed_by: executedBy,
    queued_at: new Date(),
    engine_inputs: JSON.stringify(engineInputs),
    errors: "[]",
    warnings: "[]",
  };
  if (!(await moveTask(tx, taskId, batching ? "CREATING" : "QUEUED", submitted))) return false;
  await (batching ? enqueueExpansion(tx, taskId) : announceTask(tx));
  return true;
}

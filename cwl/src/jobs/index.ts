/** From a tool and its inputs to a job, and from a finished job to outputs. Each step can be taken by itself. */
export { type DeliveryOptions, deliverOutputs } from "./delivery.ts";
export { createScope, type ExpressionScope } from "./expression-scope.ts";
export { runExpressionTool } from "./expression-tool.ts";
export {
  type Entry,
  isEntry,
  mapAllEntries,
  mapEntries,
  mapEntriesInTurn,
  splitName,
  visitAllEntries,
  visitEntries,
} from "./file-value.ts";
export { type BindingContext, bindInputs, plainOutputs } from "./input-binding.ts";
export { asJobError, failureOf, JobError, type JobErrorKind, type JobFailure, shown } from "./job-error.ts";
export { readListing } from "./normal-entry.ts";
export { type CollectContext, checkOutputs, collectOutputs } from "./outputs.ts";
export { type JobOptions, prepareJob } from "./prepare.ts";
export { type RunTool, runTool, successfulCode, type ToolCall, type ToolContext } from "./run-tool.ts";
export { type SavedLogs, savedLogs } from "./saved-logs.ts";
export { wantedSecondaryFiles } from "./secondary-files.ts";
export { shellLine } from "./shell.ts";
export { type Staged, stage } from "./staging.ts";
export { blamingTool, toolFault } from "./tool-faults.ts";
export { isOfPrimitive } from "./type-match.ts";
export { vendorValues } from "./vendor-hints.ts";

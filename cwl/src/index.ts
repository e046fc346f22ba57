export { checkExpression, closeSandbox, createEvaluator, decimal, ExpressionError, warmSandbox } from "./expressions/index.ts";
export type * from "./job.ts";
export * from "./jobs/index.ts";
export * from "./load/index.ts";
export type * from "./model.ts";
export * from "./reuse/index.ts";
export { type RunEvent, type RunOptions, runDocument } from "./run/process-run.ts";
export { RunError } from "./run/run-error.ts";
export * from "./workflow/index.ts";

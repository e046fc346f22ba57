export * from "./check.ts";
export * from "./dates.ts";
export * from "./errors.ts";
export * from "./fields.ts";
export * from "./ids.ts";
export * from "./operation.ts";
export * from "./paging.ts";

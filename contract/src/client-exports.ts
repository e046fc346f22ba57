// `@causeway/contract/client`: what a program needs that calls the API. No shapes and no validators stand behind it, so
// that the command line starts at once and a page of the web UI stays small; their types are there.
export * from "./client.ts";
export * from "./exact-json.ts";
export * from "./ids.ts";
export type * from "./index.ts";
export * from "./operator/client.ts";
export * from "./uploads/limits.ts";
export * from "./uploads/part-link.ts";
export * from "./web/client.ts";

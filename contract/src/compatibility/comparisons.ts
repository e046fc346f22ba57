import type { OPERATIONS } from "../operations.ts";
import { APPS } from "./apps.ts";
import { BILLING } from "./billing.ts";
import type { Comparison } from "./comparison.ts";
import { ASYNC, BULK_CALLS, FILES, MARKERS, SEARCH } from "./files.ts";
import { DIVISIONS, GENERAL, TEAMS, USERS } from "./people.ts";
import { PROJECTS } from "./projects.ts";
import { TASKS } from "./tasks.ts";
import { UPLOADS } from "./uploads.ts";
import { VOLUMES } from "./volumes.ts";

/**
 * How every operation compares with the Seven Bridges API: what docs/compatibility.md is made of
 * (`scripts/compatibility-document.ts`).
 */
export const COMPARISONS: Readonly<Record<keyof typeof OPERATIONS, Comparison>> = {
  ...GENERAL,
  ...USERS,
  ...BILLING,
  ...PROJECTS,
  ...DIVISIONS,
  ...TEAMS,
  ...FILES,
  ...BULK_CALLS,
  ...ASYNC,
  ...SEARCH,
  ...MARKERS,
  ...VOLUMES,
  ...UPLOADS,
  ...APPS,
  ...TASKS,
};

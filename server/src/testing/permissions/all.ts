import { appRows } from "./apps.ts";
import { bulkRows } from "./bulk.ts";
import { divisionRows } from "./divisions.ts";
import { drsRows } from "./drs.ts";
import { asyncRows } from "./file-operations.ts";
import { fileRows } from "./files.ts";
import { markerRows } from "./markers.ts";
import { projectRows } from "./projects.ts";
import type { PermissionRow } from "./rows.ts";
import { searchRows } from "./search.ts";
import { taskRows } from "./tasks.ts";
import { uploadRows } from "./uploads.ts";
import { userRows } from "./users.ts";
import { volumeJobRows } from "./volume-jobs.ts";
import { volumeRows } from "./volumes.ts";
import { webRows } from "./web.ts";

/** Every served operation × every kind of user. A feature adds its operations in a file of its own beside this one. */
export const ALL_ROWS: readonly PermissionRow[] = [
  ...userRows,
  ...divisionRows,
  ...projectRows,
  ...fileRows,
  ...bulkRows,
  ...asyncRows,
  ...searchRows,
  ...markerRows,
  ...volumeRows,
  ...volumeJobRows,
  ...uploadRows,
  ...appRows,
  ...taskRows,
  ...webRows,
  ...drsRows,
];

import { type PermissionRow, refusing } from "./rows.ts";

export const searchRows: readonly PermissionRow[] = [
  {
    operation: "searchFiles",
    call: async ({ project }) => ({ body: { query: `IN "${project.id}" WHERE type = "FILE" RECURSIVE` } }),
    refused: refusing(13001),
  },
];

import { app } from "./apps.ts";
import { type PermissionRow, ROLES, refusing } from "./rows.ts";
import { draft } from "./tasks.ts";

/** What everybody is answered who is somebody. */
const everybody = (code: number): PermissionRow["refused"] =>
  Object.fromEntries(ROLES.filter((role) => role !== "nobody").map((role) => [role, code]));

/** The calls of the web UI beside the public API. */
export const webRows: readonly PermissionRow[] = [
  { operation: "getSession", call: async () => ({}), refused: {} },
  {
    operation: "signIn",
    call: async () => ({ body: { username: "of-no-account", password: "of none" } }),
    nobody: 90001,
    refused: everybody(90001),
  },
  { operation: "signOut", call: async () => ({}), refused: {} },
  { operation: "openLink", call: async () => ({ body: { link: "to nothing" } }), nobody: 90003, refused: everybody(90003) },
  { operation: "listSessions", call: async () => ({}), refused: {} },
  { operation: "endSession", call: async () => ({ params: { session: "none" } }), refused: everybody(90003) },
  { operation: "changePassword", call: async () => ({ body: { password: "short" } }), refused: everybody(90000) },
  { operation: "getTaskGraph", call: async (scene) => ({ params: await draft(scene) }), refused: refusing(7001) },
  {
    operation: "getTaskJob",
    call: async (scene) => ({ params: { ...(await draft(scene)), job: "none" } }),
    refused: { ...everybody(90003), stranger: 7001 },
  },
  { operation: "watchTask", call: async (scene) => ({ params: await draft(scene) }), refused: refusing(7001) },
  {
    operation: "watchProject",
    call: async ({ project }) => {
      const [owner = "", name = ""] = project.id.split("/");
      return { params: { owner, project: name } };
    },
    refused: refusing(3001),
  },
  {
    operation: "getAppView",
    call: async (scene) => ({ params: { ...(await app(scene)), revision: "latest" } }),
    refused: refusing(6001),
  },
];

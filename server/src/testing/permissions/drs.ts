import type { PermissionRow, Scene } from "./rows.ts";

const file = async ({ world, project, fresh }: Scene) => (await world.file("owner", project.id, fresh())).id as string;
const folder = async ({ world, project, fresh }: Scene) =>
  (await world.post("owner", "/files", { name: fresh(), type: "folder", project: project.id })).body.id as string;

/** Of errors in GA4GH's shape, the status: what may not be read is not there. */
const strangers = { stranger: 404 };
const notCopiers = { stranger: 404, read: 403, write: 403, execute: 403 };
const access = async (scene: Scene) => ({ params: { object: await file(scene), access: "https" } });

/** The DRS service. What its bulk calls may not tell is told within their answers. */
export const drsRows: readonly PermissionRow[] = [
  { operation: "getDrsService", call: async () => ({}), refused: {} },
  { operation: "getDrsObject", call: async (scene) => ({ params: { object: await file(scene) } }), refused: strangers },
  {
    operation: "getDrsObject",
    of: "a folder",
    call: async (scene) => ({ params: { object: await folder(scene) }, query: "?expand=true" }),
    refused: strangers,
  },
  {
    operation: "postDrsObject",
    call: async (scene) => ({ params: { object: await file(scene) }, body: { expand: true } }),
    refused: strangers,
  },
  { operation: "getDrsAuthorizations", call: async (scene) => ({ params: { object: await file(scene) } }), refused: {} },
  { operation: "getDrsAccess", call: access, refused: notCopiers },
  { operation: "postDrsAccess", call: async (scene) => ({ ...(await access(scene)), body: {} }), refused: notCopiers },
  {
    operation: "getDrsObjects",
    call: async (scene) => ({ body: { bulk_object_ids: [await file(scene)] } }),
    refused: {},
  },
  {
    operation: "getDrsObjectsAuthorizations",
    call: async (scene) => ({ body: { bulk_object_ids: [await file(scene)] } }),
    refused: {},
  },
  {
    operation: "getDrsAccesses",
    call: async (scene) => ({
      body: { bulk_object_access_ids: [{ bulk_object_id: await file(scene), bulk_access_ids: ["https"] }] },
    }),
    refused: {},
  },
];

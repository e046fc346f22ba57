import { type PermissionRow, refusing, type Scene } from "./rows.ts";

/** An upload of the owner's: it is nobody else's, whatever they may do in the project. */
const owners = async ({ world, project, fresh }: Scene) => {
  const { body } = await world.post("owner", "/upload/multipart", { name: fresh(), project: project.id, size: 0 });
  return { upload: body.upload_id as string };
};
const notTheInitiator = refusing(8001, 8001, "read", "copy", "write", "execute", "admin");

const sentPart = async (scene: Scene) => {
  const params = await owners(scene);
  const { body } = await scene.world.get("owner", `/upload/multipart/${params.upload}/part/1`);
  const { headers } = await fetch(body.url, { method: "PUT", body: "" });
  return { params, report: { part_number: 1, response: { headers: { ETag: headers.get("etag") } } } };
};

export const uploadRows: readonly PermissionRow[] = [
  {
    operation: "startUpload",
    of: "to a project",
    call: async ({ project, fresh }) => ({ body: { name: fresh(), project: project.id } }),
    refused: refusing(3002, 8002, "read", "copy", "execute"),
  },
  {
    operation: "startUpload",
    of: "to a folder",
    call: async ({ project, fresh }) => ({ body: { name: fresh(), parent: project.root_folder } }),
    refused: refusing(8005, 8002, "read", "copy", "execute"),
  },
  { operation: "listUploads", call: async () => ({}), refused: {} },
  { operation: "getUpload", call: async (scene) => ({ params: await owners(scene) }), refused: notTheInitiator },
  {
    operation: "getUploadPart",
    call: async (scene) => ({ params: { ...(await owners(scene)), part_number: "1" } }),
    refused: notTheInitiator,
  },
  {
    operation: "reportUploadPart",
    call: async (scene) => {
      const { params, report } = await sentPart(scene);
      return { params, body: report };
    },
    refused: notTheInitiator,
  },
  {
    operation: "reportUploadParts",
    call: async (scene) => {
      const { params, report } = await sentPart(scene);
      return { params, body: { parts: [report] } };
    },
    refused: notTheInitiator,
  },
  { operation: "completeUpload", call: async (scene) => ({ params: await owners(scene) }), refused: notTheInitiator },
  { operation: "abortUpload", call: async (scene) => ({ params: await owners(scene) }), refused: notTheInitiator },
];

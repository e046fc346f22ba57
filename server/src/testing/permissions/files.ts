import { type PermissionRow, refusing, type Scene } from "./rows.ts";

const file = async ({ world, project, fresh }: Scene) => (await world.file("owner", project.id, fresh())).id as string;
const folder = async ({ world, project, fresh }: Scene) =>
  (await world.post("owner", "/files", { name: fresh(), type: "folder", project: project.id })).body.id as string;

const onFile = (body?: unknown) => async (scene: Scene) => ({ params: { file: await file(scene) }, body });
const notReaders = refusing(5001);
const notCopiers = refusing(5001, 5001, "read", "write", "execute");
const notWriters = (code: number) => refusing(5001, code, "read", "copy", "execute");

export const fileRows: readonly PermissionRow[] = [
  {
    operation: "listFiles",
    of: "a project",
    call: async ({ project }) => ({ query: `?project=${project.id}` }),
    refused: refusing(3001),
  },
  {
    operation: "listFiles",
    of: "a folder",
    call: async (scene) => ({ query: `?parent=${await folder(scene)}` }),
    refused: notReaders,
  },
  {
    operation: "listProjectFiles",
    call: async ({ project }) => {
      const [owner = "", name = ""] = project.id.split("/");
      return { params: { owner, project: name } };
    },
    refused: refusing(3001),
  },
  {
    operation: "scrollFiles",
    call: async ({ project }) => ({ query: `?project=${project.id}&token=init` }),
    refused: refusing(3001),
  },
  {
    operation: "scrollFolder",
    call: async (scene) => ({ params: { file: await folder(scene) }, query: "?token=init" }),
    refused: notReaders,
  },
  { operation: "listFolder", call: async (scene) => ({ params: { file: await folder(scene) } }), refused: notReaders },
  {
    operation: "createFolder",
    of: "in a project",
    call: async ({ project, fresh }) => ({ body: { name: fresh(), type: "folder", project: project.id } }),
    refused: refusing(3002, 5001, "read", "copy", "execute"),
  },
  {
    operation: "createFolder",
    of: "in a folder",
    call: async (scene) => ({ body: { name: scene.fresh(), type: "folder", parent: await folder(scene) } }),
    refused: refusing(5026, 5001, "read", "copy", "execute"),
  },
  { operation: "getFile", call: onFile(), refused: notReaders },
  { operation: "updateFile", of: "nothing", call: onFile({}), refused: notReaders },
  {
    operation: "updateFile",
    of: "the name",
    call: async (scene) => onFile({ name: scene.fresh() })(scene),
    refused: notWriters(5008),
  },
  { operation: "updateFile", of: "metadata", call: onFile({ metadata: { k: "v" } }), refused: notWriters(5009) },
  { operation: "updateFile", of: "tags", call: onFile({ tags: ["x"] }), refused: notWriters(5011) },
  { operation: "deleteFile", call: onFile(), refused: notWriters(5001) },
  { operation: "getDownloadInfo", call: onFile(), refused: notCopiers },
  { operation: "getFileMetadata", call: onFile(), refused: notReaders },
  { operation: "updateFileMetadata", call: onFile({ k: "v" }), refused: notWriters(5009) },
  { operation: "replaceFileMetadata", call: onFile({ k: "v" }), refused: notWriters(5009) },
  { operation: "getFileTags", call: onFile(), refused: notReaders },
  { operation: "replaceFileTags", call: onFile(["x"]), refused: notWriters(5011) },
  {
    operation: "copyFile",
    of: "to a project of one's own",
    call: async (scene, role) => {
      const own = role === "nobody" ? scene.project : await scene.world.project(role, scene.fresh());
      return { params: { file: await file(scene) }, body: { project: own.id } };
    },
    refused: refusing(5001, 5014, "read", "write", "execute"),
  },
  {
    operation: "copyFile",
    of: "into the project, of a file of one's own",
    call: async (scene, role) => {
      const user = role === "nobody" ? "owner" : role;
      const own = await scene.world.project(user, scene.fresh());
      return { params: { file: (await scene.world.file(user, own.id, scene.fresh())).id }, body: { project: scene.project.id } };
    },
    refused: refusing(3002, 3001, "read", "copy", "execute"),
  },
  {
    operation: "moveFile",
    call: async (scene) => ({ params: { file: await file(scene) }, body: { parent: await folder(scene) } }),
    refused: notWriters(5032),
  },
  {
    operation: "copyFiles",
    call: async (scene) => ({ body: { project: scene.project.id, file_ids: [await file(scene)] } }),
    refused: refusing(3002, 3001, "read", "copy", "execute"),
  },
  { operation: "findFileIds", call: async ({ project }) => ({ body: [project.id] }), refused: {} },
];

import { type PermissionRow, refusing, type Scene } from "./rows.ts";

const TRUE_APP = { cwlVersion: "v1.2", class: "CommandLineTool", baseCommand: "true", inputs: [], outputs: [] };

const params = ({ project }: Scene) => {
  const [owner = "", name = ""] = project.id.split("/");
  return { owner, project: name };
};

/** A new app of the scene's project. */
export const app = async (scene: Scene) => {
  const name = scene.fresh().replace(" ", "-");
  await scene.world.post("owner", `/apps/${scene.project.id}/${name}/raw`, TRUE_APP);
  return { ...params(scene), name };
};

const notMembers = refusing(6001);
const notWriters = refusing(6001, 6001, "read", "copy", "execute");

export const appRows: readonly PermissionRow[] = [
  { operation: "listApps", of: "one's own", call: async () => ({}), refused: {} },
  {
    operation: "listApps",
    of: "a project's",
    call: async ({ project }) => ({ query: `?project=${project.id}` }),
    refused: refusing(3001),
  },
  { operation: "getApp", call: async (scene) => ({ params: await app(scene) }), refused: notMembers },
  {
    operation: "getAppRevision",
    call: async (scene) => ({ params: { ...(await app(scene)), revision: "0" } }),
    refused: notMembers,
  },
  { operation: "getAppRaw", call: async (scene) => ({ params: await app(scene) }), refused: notMembers },
  {
    operation: "getAppRevisionRaw",
    call: async (scene) => ({ params: { ...(await app(scene)), revision: "0" } }),
    refused: notMembers,
  },
  {
    operation: "createApp",
    call: async (scene) => ({ params: { ...params(scene), name: scene.fresh().replace(" ", "-") }, body: TRUE_APP }),
    refused: notWriters,
  },
  {
    operation: "createAppRevision",
    call: async (scene) => ({ params: { ...(await app(scene)), revision: "1" }, body: TRUE_APP }),
    refused: notWriters,
  },
  {
    operation: "copyApp",
    call: async (scene) => ({ params: await app(scene), body: { project: (await scene.own()).id } }),
    refused: refusing(6001, 6001, "read", "write", "execute"),
  },
];

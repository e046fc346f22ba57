import { type PermissionRow, type Role, refusing, type Scene } from "./rows.ts";

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

const nameOf = (scene: Scene) => scene.fresh().replace(" ", "-");

/** A new project of whoever calls. */
const ownProject = async ({ world, fresh }: Scene, role: Role): Promise<string> =>
  (await world.project(role === "nobody" ? "owner" : role, fresh())).id;

/** A new app in a project of whoever calls. */
const ownApp = async (scene: Scene, role: Role) => {
  const id = await ownProject(scene, role);
  const name = nameOf(scene);
  await scene.world.post(role === "nobody" ? "owner" : role, `/apps/${id}/${name}/raw`, TRUE_APP);
  return { owner: id.split("/")[0]!, project: id.split("/")[1]!, name };
};

/** An app of the scene's project that is a copy of another one there. */
const copyInProject = async (scene: Scene) => {
  const source = await app(scene);
  const { body } = await scene.world.post("owner", `/apps/${source.owner}/${source.project}/${source.name}/actions/copy`, {
    project: scene.project.id,
    name: nameOf(scene),
  });
  return { ...params(scene), name: body.id.split("/")[2] as string };
};

const notMembers = refusing(6001);
const notCopiers = refusing(6001, 6001, "read", "write", "execute");
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
    of: "to one's own project",
    call: async (scene, role) => ({ params: await app(scene), body: { project: await ownProject(scene, role) } }),
    refused: notCopiers,
  },
  {
    operation: "copyApp",
    of: "to the project",
    call: async (scene, role) => ({ params: await ownApp(scene, role), body: { project: scene.project.id } }),
    refused: refusing(3002, 3001, "read", "copy", "execute"),
  },
  {
    operation: "copyAppRevision",
    call: async (scene, role) => ({
      params: { ...(await app(scene)), revision: "0" },
      body: { project: await ownProject(scene, role) },
    }),
    refused: notCopiers,
  },
  { operation: "syncApp", call: async (scene) => ({ params: await copyInProject(scene) }), refused: notWriters },
];

import { type PermissionRow, refusing, type Scene } from "./rows.ts";

const params = ({ project }: Scene) => {
  const [owner = "", name = ""] = project.id.split("/");
  return { owner, project: name };
};

/** A member of the scene's project who was not there before. */
const member = async (scene: Scene) => {
  const username = scene.fresh().replace(" ", "-");
  await scene.world.token(username);
  await scene.world.post("owner", `/projects/${scene.project.id}/members`, { username, permissions: { write: true } });
  return { ...params(scene), username };
};
const newcomer = async (scene: Scene) => {
  const username = scene.fresh().replace(" ", "-");
  await scene.world.token(username);
  return username;
};

const notMembers = refusing(3001);
const notAdmins = refusing(3001, 3001, "read", "copy", "write", "execute");

export const projectRows: readonly PermissionRow[] = [
  { operation: "listProjects", call: async () => ({}), refused: {} },
  { operation: "listProjectsOfOwner", call: async () => ({ params: { owner: "owner" } }), refused: {} },
  { operation: "createProject", call: async ({ fresh }) => ({ body: { name: fresh() } }), refused: {} },
  { operation: "getProject", call: async (scene) => ({ params: params(scene) }), refused: notMembers },
  {
    operation: "updateProject",
    of: "the description",
    call: async (scene) => ({ params: params(scene), body: { description: scene.fresh() } }),
    refused: refusing(3001, 3001, "read", "copy", "execute"),
  },
  {
    operation: "updateProject",
    of: "anything else",
    call: async (scene) => ({ params: params(scene), body: { name: scene.fresh(), description: "x" } }),
    refused: notAdmins,
  },
  {
    operation: "updateProject",
    of: "the category, which only operators change (the member with `admin` is one here)",
    call: async (scene) => ({ params: params(scene), body: { category: "PUBLIC" } }),
    // Once it is public, saying so again changes nothing.
    refused: refusing(3001, 3001, "read", "copy", "write", "execute"),
  },
  {
    operation: "updateProject",
    of: "back to private",
    call: async (scene) => ({ params: params(scene), body: { category: "PRIVATE" } }),
    refused: refusing(3001, 3001, "read", "copy", "write", "execute"),
  },
  {
    operation: "deleteProject",
    call: async (scene) => {
      const { world } = scene;
      const own = await world.project("owner", scene.fresh());
      for (const role of ["read", "copy", "write", "execute", "admin"]) {
        await world.post("owner", `/projects/${own.id}/members`, { username: role, permissions: { [role]: true } });
      }
      return { params: params({ ...scene, project: own }) };
    },
    refused: notAdmins,
  },
  { operation: "listMembers", call: async (scene) => ({ params: params(scene) }), refused: notMembers },
  {
    operation: "addMember",
    call: async (scene) => ({ params: params(scene), body: { username: await newcomer(scene), permissions: { read: true } } }),
    refused: notAdmins,
  },
  { operation: "getMember", call: async (scene) => ({ params: await member(scene) }), refused: notMembers },
  { operation: "getMemberPermissions", call: async (scene) => ({ params: await member(scene) }), refused: notMembers },
  {
    operation: "changeMemberPermissions",
    call: async (scene) => ({ params: await member(scene), body: { copy: true } }),
    refused: notAdmins,
  },
  {
    operation: "replaceMemberPermissions",
    call: async (scene) => ({
      params: await member(scene),
      body: { read: true, copy: true, write: false, execute: false, admin: false },
    }),
    refused: notAdmins,
  },
  {
    operation: "removeMember",
    of: "somebody else",
    call: async (scene) => ({ params: await member(scene) }),
    refused: notAdmins,
  },
];

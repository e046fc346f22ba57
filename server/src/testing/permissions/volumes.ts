import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type PermissionRow, ROLES, refusing, type Scene } from "./rows.ts";

const given = (name: string) => ({ name, service: { type: "local", bucket: "share" } });

/** A volume of the owner's on which each role has the permission that it is called after; `execute` is none there. */
export async function volume({ world, fresh }: Scene) {
  const name = fresh().replace(" ", "_");
  await writeFile(join(world.share, "object.txt"), "bytes");
  await world.post("owner", "/storage/volumes", given(name));
  for (const role of ROLES) {
    if (["nobody", "stranger", "owner"].includes(role)) continue;
    const permissions = role === "execute" ? {} : { [role]: true };
    await world.post("owner", `/storage/volumes/owner/${name}/members`, { username: role, permissions });
  }
  return { owner: "owner", volume: name };
}

const on = (body?: unknown, query?: string) => async (scene: Scene) => ({
  params: await volume(scene),
  body,
  query: query ?? "",
});
const onMember =
  (body?: unknown): PermissionRow["call"] =>
  async (scene) => ({ params: { ...(await volume(scene)), username: "write" }, body });

const notReaders = refusing(9020, 9020, "copy", "write", "execute");
const notAdministrators = refusing(9020, 9020, "read", "copy", "write", "execute");

export const volumeRows: readonly PermissionRow[] = [
  { operation: "listVolumes", call: async () => ({}), refused: {} },
  { operation: "createVolume", call: async ({ fresh }) => ({ body: given(fresh().replace(" ", "_")) }), refused: {} },
  { operation: "getVolume", call: on(), refused: notReaders },
  { operation: "updateVolume", call: on({ description: "x" }), refused: notAdministrators },
  {
    operation: "deleteVolume",
    async call(scene) {
      const params = await volume(scene);
      await scene.world.patch("owner", `/storage/volumes/owner/${params.volume}`, { active: false });
      return { params };
    },
    refused: notAdministrators,
  },
  { operation: "listVolumeObjects", call: on(), refused: notReaders },
  { operation: "getVolumeObject", call: on(undefined, "?location=object.txt"), refused: notReaders },
  { operation: "listVolumeMembers", call: on(), refused: notReaders },
  {
    operation: "addVolumeMember",
    async call(scene) {
      const username = scene.fresh().replace(" ", ".");
      await scene.world.token(username);
      return { params: await volume(scene), body: { username, permissions: { read: true } } };
    },
    refused: notAdministrators,
  },
  { operation: "getVolumeMember", call: onMember(), refused: notReaders },
  { operation: "removeVolumeMember", call: onMember(), refused: notAdministrators },
  { operation: "changeVolumePermissions", call: onMember({ read: true }), refused: notAdministrators },
  { operation: "replaceVolumePermissions", call: onMember({ read: true, write: true }), refused: notAdministrators },
];

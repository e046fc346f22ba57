import { type PermissionRow, refusing, type Scene } from "./rows.ts";

const given = async ({ world, project, fresh }: Scene) => ({
  file: (await world.file("owner", project.id, fresh())).id as string,
  name: fresh(),
  chromosome: "chr1",
  position: { start: 1, end: 2 },
});
/** A shared marker of the owner's. */
const shared = (body?: unknown) => async (scene: Scene) => {
  const made = await scene.world.post("owner", "/genome/markers", { ...(await given(scene)), private: false });
  return { params: { marker: made.body.id as string }, body };
};
const notReaders = refusing(5001);
const notWriters = refusing(5001, 5001, "read", "copy", "execute");

export const markerRows: readonly PermissionRow[] = [
  { operation: "listMarkers", call: async (scene) => ({ query: `?file=${(await given(scene)).file}` }), refused: notReaders },
  {
    operation: "createMarker",
    of: "a private one",
    call: async (scene) => ({ body: await given(scene) }),
    refused: refusing(5002),
  },
  {
    operation: "createMarker",
    of: "a shared one",
    call: async (scene) => ({ body: { ...(await given(scene)), private: false } }),
    refused: refusing(5002, 5001, "read", "copy", "execute"),
  },
  { operation: "getMarker", call: shared(), refused: notReaders },
  { operation: "updateMarker", call: shared({ name: "x" }), refused: notWriters },
  { operation: "deleteMarker", call: shared(), refused: notWriters },
];

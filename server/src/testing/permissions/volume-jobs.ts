import type { PermissionRow, Scene } from "./rows.ts";
import { volume } from "./volumes.ts";

/** What an import of the owner's volume into the scene's project says. */
async function importGiven(scene: Scene) {
  const { owner, volume: name } = await volume(scene);
  return {
    source: { volume: `${owner}/${name}`, location: "object.txt" },
    destination: { project: scene.project.id, name: scene.fresh() },
  };
}

/** A job of the owner's. */
const job = (path: string, given: (scene: Scene) => Promise<unknown>) => async (scene: Scene) =>
  (await scene.world.post("owner", path, await given(scene))).body.id as string;
const anImport = job("/storage/imports", importGiven);

const others = { stranger: 9005, read: 9005, copy: 9005, write: 9005, execute: 9005, admin: 9005 };

/** Imports and exports: rights on the volume and in the project, and jobs for who started them alone. */
export const volumeJobRows: readonly PermissionRow[] = [
  {
    operation: "startImport",
    call: async (scene) => ({ body: await importGiven(scene) }),
    // Who may import from the volume may not write in the project.
    refused: { stranger: 9020, read: 9020, copy: 9003, write: 9020, execute: 9020 },
  },
  { operation: "listImports", call: async () => ({}), refused: {} },
  { operation: "getImport", call: async (scene) => ({ params: { import: await anImport(scene) } }), refused: others },
  { operation: "startImports", call: async (scene) => ({ body: { items: [await importGiven(scene)] } }), refused: {} },
  { operation: "getImports", call: async (scene) => ({ body: { import_ids: [await anImport(scene)] } }), refused: {} },
];

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

/** What an export of a file of the scene's project to the owner's volume says. */
async function exportGiven(scene: Scene) {
  const { owner, volume: name } = await volume(scene);
  const file = await scene.world.file("owner", scene.project.id, scene.fresh());
  return { source: { file: file.id }, destination: { volume: `${owner}/${name}`, location: scene.fresh() } };
}

/** A job of the owner's. */
const job = (path: string, given: (scene: Scene) => Promise<unknown>) => async (scene: Scene) =>
  (await scene.world.post("owner", path, await given(scene))).body.id as string;
const anImport = job("/storage/imports", importGiven);
const anExport = job("/storage/exports", exportGiven);

/** Of a service that no operator has named: what is wrong with an item is told in the job. */
const drsGiven = { items: [{ drs_uri: "drs://drs.example.org/x", project: "owner/none" }] };

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
  {
    operation: "startExport",
    call: async (scene) => ({ body: await exportGiven(scene) }),
    // The file becomes an alias: that takes the rights to copy and to write.
    refused: { stranger: 9009, read: 9004, copy: 9004, write: 9004, execute: 9004 },
  },
  {
    operation: "startExport",
    of: "a copy",
    call: async (scene) => ({ body: await exportGiven(scene), query: "?copy_only=true" }),
    refused: { stranger: 9009, read: 9004, copy: 9020, write: 9004, execute: 9004 },
  },
  { operation: "startDrsImport", call: async () => ({ body: drsGiven }), refused: {} },
  {
    operation: "getDrsImport",
    call: async ({ world }) => ({
      params: { import: (await world.post("owner", "/bulk/drs/imports/create", drsGiven)).body.id },
    }),
    refused: Object.fromEntries(Object.keys(others).map((role) => [role, 10211])),
  },
  { operation: "listExports", call: async () => ({}), refused: {} },
  { operation: "getExport", call: async (scene) => ({ params: { export: await anExport(scene) } }), refused: others },
  { operation: "startExports", call: async (scene) => ({ body: { items: [await exportGiven(scene)] } }), refused: {} },
  { operation: "getExports", call: async (scene) => ({ body: { export_ids: [await anExport(scene)] } }), refused: {} },
];

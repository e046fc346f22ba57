import type { PermissionRow, Scene } from "./rows.ts";

const fileId = async ({ world, project, fresh }: Scene): Promise<string> => (await world.file("owner", project.id, fresh())).id;
const byIds = async (scene: Scene) => ({ body: { file_ids: [await fileId(scene)] } });
const byItems = async (scene: Scene) => ({ body: { items: [{ id: await fileId(scene) }] } });

/** Anybody may call; each file then has an answer of its own (server/src/bulk/bulk.test.ts). */
export const bulkRows: readonly PermissionRow[] = [
  { operation: "getFiles", call: byIds, refused: {} },
  { operation: "deleteFiles", call: byIds, refused: {} },
  { operation: "replaceFiles", call: byItems, refused: {} },
  { operation: "editFiles", call: byItems, refused: {} },
];

import type { PermissionRow, Scene } from "./rows.ts";

const items = async ({ world, project, fresh }: Scene) => {
  const file = (await world.file("owner", project.id, fresh())).id as string;
  return { file, parent: project.root_folder, name: fresh() };
};
const sending = async (scene: Scene) => ({ body: { items: [await items(scene)] } });
/** A job of the owner's. */
const job = (kind: string) => async (scene: Scene) => {
  const { file, ...to } = await items(scene);
  const body = { items: [kind === "delete" ? { file } : { file, ...to }] };
  return { params: { job: (await scene.world.post("owner", `/async/files/${kind}`, body)).body.id as string } };
};
const othersJob = Object.fromEntries(["stranger", "read", "copy", "write", "execute", "admin"].map((role) => [role, 57039]));

/** Anybody may submit: each file then has an answer of its own (server/src/file-operations/refusals.test.ts). Jobs are their creator's. */
export const asyncRows: readonly PermissionRow[] = [
  { operation: "startCopy", call: sending, refused: {} },
  { operation: "startMove", call: sending, refused: {} },
  { operation: "startDelete", call: async (scene) => ({ body: { items: [{ file: (await items(scene)).file }] } }), refused: {} },
  { operation: "getCopy", call: job("copy"), refused: othersJob },
  { operation: "getMove", call: job("move"), refused: othersJob },
  { operation: "getDelete", call: job("delete"), refused: othersJob },
  { operation: "listFileJobs", call: async () => ({}), refused: {} },
];

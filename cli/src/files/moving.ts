import type { Client } from "@causeway/contract/client";

/** Moves to another folder and renames; in its own folder it is only renamed. Answers the file as it is then. */
export async function moveTo(client: Client, id: string, folder: string, name: string | undefined) {
  const { parent } = await client.getFile({ file: id, fields: "parent" });
  if (parent === folder && name !== undefined) return client.updateFile({ file: id, body: { name } });
  return client.moveFile({ file: id, body: { parent: folder, ...(name === undefined ? {} : { name }) } });
}

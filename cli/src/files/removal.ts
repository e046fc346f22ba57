import type { Client } from "@causeway/contract/client";

/** Deletes a file, or a folder; with `recursive` what is in it first. Answers the ids in the order they went. */
export async function remove(client: Client, id: string, recursive: boolean): Promise<string[]> {
  const removed: string[] = [];
  if (recursive && (await client.getFile({ file: id, fields: "type" })).type === "folder") {
    // All of the list before any of it goes: pages move up when something before them does.
    for (const child of await Array.fromAsync(client.all.listFolder({ file: id }))) {
      if (child.type === "folder") removed.push(...(await remove(client, child.id, true)));
      else {
        await client.deleteFile({ file: child.id });
        removed.push(child.id);
      }
    }
  }
  await client.deleteFile({ file: id });
  return [...removed, id];
}

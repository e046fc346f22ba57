import type { Client, Operations, ReplyOf } from "@causeway/contract";
import { volumeNamed } from "./named.ts";

type Listed = Required<ReplyOf<Operations["listVolumeObjects"]>["items"][number]>;

/** All that lies directly in a folder of a volume. */
export async function browse(client: Client, id: string, prefix: string): Promise<{ folders: string[]; objects: Listed[] }> {
  const folders: string[] = [];
  const objects: Listed[] = [];
  for (let token: string | undefined = ""; token !== undefined; ) {
    const from: { prefix: string } | { continuation_token: string } = token === "" ? { prefix } : { continuation_token: token };
    const page = await client.listVolumeObjects({ ...volumeNamed(id), ...from, limit: 100, fields: "_all" });
    folders.push(...page.prefixes.map((each) => each.prefix));
    objects.push(...(page.items as Listed[]));
    const next = page.links[0]?.next;
    token = next === undefined ? undefined : (new URL(next).searchParams.get("continuation_token") ?? undefined);
  }
  return { folders, objects };
}

import assert from "node:assert/strict";
import type { Answer, World } from "../testing/world.ts";

/** The report of a part, as clients send it. */
export const report = (number: number, etag: unknown) => ({ part_number: number, response: { headers: { ETag: etag } } });

/** Starts an upload of Ana's. */
export async function start(world: World, body: object, query = ""): Promise<{ id: string; path: string; body: Answer["body"] }> {
  const started = await world.post("ana", `/upload/multipart${query}`, body);
  assert.equal(started.status, 200, JSON.stringify(started.body));
  return { id: started.body.upload_id, path: `/upload/multipart/${started.body.upload_id}`, body: started.body };
}

/** Sends the bytes of a part to its address and answers the ETag as it came, with its quotes. */
export async function send(world: World, path: string, number: number, bytes: string | Uint8Array): Promise<string> {
  const { body } = await world.get("ana", `${path}/part/${number}`);
  const put = await fetch(body.url, { method: "PUT", body: bytes as RequestInit["body"] });
  assert.equal(put.status, 200, await put.text());
  return put.headers.get("etag")!;
}

export async function download(world: World, id: string): Promise<Buffer> {
  const { body } = await world.get("ana", `/files/${id}/download_info`);
  return Buffer.from(await (await fetch(body.url)).arrayBuffer());
}

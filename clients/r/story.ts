import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before } from "node:test";
import { type DevPlatform, startDevPlatform } from "../dev-platform.ts";
import { RClient, type Reply, send } from "./r-client.ts";

/** The platform of the file's tests, and R as two of its users. Set when the first test begins. */
export let platform: DevPlatform;
export let ana: RClient;
export let ben: RClient;

before(async () => {
  platform = await startDevPlatform();
  ana = new RClient(platform.url, platform.tokens.ana);
  ben = new RClient(platform.url, platform.tokens.ben);
});
after(() => platform.stop());

/** A tool that counts the words of a file. */
export const COUNT_WORDS = {
  class: "CommandLineTool",
  cwlVersion: "v1.2",
  label: "Count words",
  baseCommand: ["wc", "-w"],
  inputs: [
    { id: "text", type: "File", inputBinding: { position: 1 } },
    { id: "stop_words", type: ["null", { type: "array", items: "string" }] },
    { id: "times", type: "float?" },
  ],
  outputs: [{ id: "report", type: "stdout" }],
  stdout: "report.txt",
};

export const newName = () => `R story ${randomUUID().slice(0, 8)}`;

export async function newProject(): Promise<{ id: string; root_folder: string }> {
  return (await ana.post("projects", { name: newName() })).body;
}

/** The parts one after the other, as R's own upload does; the file. */
export async function upload(project: string, name: string, parts: string[]): Promise<Reply["body"]> {
  const size = parts.join("").length;
  const { body: started } = await ana.post(
    "upload/multipart",
    { name, size, part_size: 5_242_880, project },
    { overwrite: "FALSE" },
  );
  assert.ok(started.part_size >= 5_242_880, "R refuses smaller parts");
  const path = `upload/multipart/${started.upload_id}`;
  // All bytes fit into one part; R cuts by the part size that it was told.
  const { body: part } = await ana.get(`${path}/part/1`);
  const { headers } = await send("PUT", part.url, parts.join(""), {});
  const tag = headers.etag!;
  assert.match(tag, /^".*"$/);
  const report = { part_number: 1, response: { headers: { ETag: tag } } };
  await ana.post(`${path}/part`, report);
  return (await ana.post(`${path}/complete`, { parts: [report] })).body;
}

/** The task when it has ended; asks again until then. */
export async function ended(id: string): Promise<Reply["body"]> {
  for (;;) {
    const { body } = await ana.get(`tasks/${id}`);
    if (["COMPLETED", "FAILED", "ABORTED"].includes(body.status)) return body;
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

/** A call of the operator's API, as an administrator. */
export async function operate(what: string, body: object): Promise<Reply["body"]> {
  const url = `${platform.url.replace(/\/v2$/, "")}/operator/${what}`;
  const headers = { "X-SBG-Auth-Token": platform.tokens.ana, "Content-Type": "application/json" };
  const reply = await send("POST", url, JSON.stringify(body), headers);
  assert.equal(reply.status, 200, JSON.stringify(reply.body));
  return reply.body;
}

import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { World } from "../testing/world.ts";

/** A volume of the user's in the world's shared directory: its id. */
export async function sharedVolume(world: World, user: string, name = "nas", more: object = {}): Promise<string> {
  const service = { type: "local", bucket: "share" };
  const { status, body } = await world.post(user, "/storage/volumes", { name, service, ...more });
  assert.equal(status, 200, JSON.stringify(body));
  return body.id;
}

/** Writes objects into the world's shared directory: their bytes by their locations. */
export async function put(world: World, objects: Record<string, string>): Promise<void> {
  for (const [location, bytes] of Object.entries(objects)) {
    const path = join(world.share, location);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  }
}

/** Starts an import or export and waits for its end. */
export async function ranTo(world: World, user: string, table: "imports" | "exports", body: unknown, query = "") {
  const started = await world.post(user, `/storage/${table}${query}`, body);
  assert.equal(started.status, 200, JSON.stringify(started.body));
  return untilEnded(world, user, started.body.href);
}

export async function untilEnded(world: World, user: string, href: string) {
  for (;;) {
    const { body } = await world.get(user, href);
    if (body.finished_on !== undefined) return body;
    await new Promise((wake) => setTimeout(wake, 20));
  }
}

/** How a job ended: its state, or its error's code. */
export const endOf = (job: { state: string; error?: { code: number } }) => job.error?.code ?? job.state;

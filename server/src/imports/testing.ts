import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { sql } from "kysely";
import type { Database } from "../db/database.ts";
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

/** Keeps what is put into the queue from now on from being worked on, until what is answered is called. */
export async function holdQueue(db: Database): Promise<() => Promise<void>> {
  await sql`
    create or replace function held() returns trigger language plpgsql as
      $$ begin new.run_at := now() + interval '1 hour'; return new; end $$`.execute(db);
  await sql`create trigger held before insert on graphile_worker._private_jobs for each row execute function held()`.execute(db);
  return async () => {
    await sql`drop trigger held on graphile_worker._private_jobs`.execute(db);
    await sql`update graphile_worker._private_jobs set run_at = now() where run_at > now() + interval '50 minutes'`.execute(db);
    await sql`select pg_notify('jobs:insert', '{"count":1}')`.execute(db);
  };
}

/** How a job ended: its state, or its error's code. */
export const endOf = (job: { state: string; error?: { code: number } }) => job.error?.code ?? job.state;

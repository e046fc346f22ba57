import assert from "node:assert/strict";
import { test } from "node:test";
import pg from "pg";
import { createTestDatabase } from "../testing/database.ts";
import { createWorld } from "../testing/world.ts";
import { openPool } from "./database.ts";

async function connectionsTo(url: string): Promise<number> {
  const observer = new pg.Client({ connectionString: url });
  await observer.connect();
  const { rows } = await observer.query<{ count: string }>(
    "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
  );
  await observer.end();
  return Number(rows[0]!.count);
}

test("a pool that is closed has no connection left", async () => {
  const database = await createTestDatabase();
  const { pool, close } = openPool(database.url, 8);
  await Promise.all(Array.from({ length: 8 }, () => pool.query("select pg_sleep(0.01)")));
  assert.equal(await connectionsTo(database.url), 8);
  await close();
  assert.equal(await connectionsTo(database.url), 0);
  await database.drop();
});

test("a platform that is closed has no connection to its database left", async () => {
  const database = await createTestDatabase();
  for (let round = 0; round < 3; round++) {
    const world = await createWorld({ databaseUrl: database.url });
    await world.get(`user-${round}`, "/projects").finally(world.close);
    assert.equal(await connectionsTo(database.url), 0);
  }
  await database.drop();
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { createSeveredDatabase } from "../testing/error-codes/severed-database.ts";
import { openDatabase } from "./database.ts";
import { openPgNotifications, sendNotice } from "./pg-notifications.ts";

test("after an outage of the database one connection listens again, and what was missed is told of", async () => {
  const database = await createSeveredDatabase();
  const { db, close } = openDatabase(database.url, 2);
  const notices = await openPgNotifications(database.url);
  const heard: (string | undefined)[] = [];
  const told = Promise.withResolvers<void>();
  await notices.on("news", (payload) => {
    heard.push(payload);
    if (payload !== undefined) told.resolve();
  });
  try {
    await database.cut();
    // Long enough for several attempts to come back.
    await new Promise((wake) => setTimeout(wake, 3000));
    await database.mend();
    while (heard.length === 0) await new Promise((wake) => setTimeout(wake, 20));
    await sendNotice(db, "news", "well again");
    await told.promise;
    const { rows } = await sql<{ listening: number }>`
      select count(*)::integer as listening from pg_stat_activity
      where datname = current_database() and query like 'listen %'`.execute(db);
    assert.deepEqual({ heard, listening: rows[0]!.listening }, { heard: [undefined, "well again"], listening: 1 });
  } finally {
    await notices.close();
    await close();
    await database.drop();
  }
});

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { sql } from "kysely";
import { createTestDatabase } from "../testing/database.ts";
import { createWorld } from "../testing/world.ts";

const CLOSING = new URL("../testing/closing-process.ts", import.meta.url).pathname;
const KILLS = 12;
/** From January 1 to April 10, 2031. */
const DAYS = 100;
const MONTHS_OVER = 3;

test("days and months that are closed by a process killed again and again are charged once and wholly", async () => {
  const database = await createTestDatabase();
  const world = await createWorld({ databaseUrl: database.url });
  try {
    const { db } = world.platform;
    await world.platform.services.billingAdministration.setPrices({ storageGbMonth: 31_000 });
    const users = ["ana", "ben", "mira"];
    for (const user of users) await world.file(user, (await world.project(user)).id, "a.bin", "x".repeat(1000));
    await sql`update ledger_progress set storage_until = '2030-12-31'`.execute(db);

    for (let kill = 0; kill < KILLS; kill++) {
      const closing = spawn(process.execPath, [CLOSING, database.url], { stdio: "inherit" });
      // A moment of its own each time: the point is to hit every line once in a while.
      const ended = once(closing, "exit");
      await Promise.race([ended, new Promise((wake) => setTimeout(wake, 300 + Math.random() * 500))]);
      closing.kill("SIGKILL");
      await ended;
    }
    const [code] = await once(spawn(process.execPath, [CLOSING, database.url], { stdio: "inherit" }), "exit");
    assert.equal(code, 0);

    const { rows: days } = await sql<{ days: number; charged: number }>`
        select count(distinct day) as days, count(*) as charged from transactions where kind = 'STORAGE'`.execute(db);
    assert.deepEqual(days, [{ days: DAYS, charged: DAYS * users.length }]);
    const { rows: invoices } = await sql<{ month: string; storage_costs: string; charged: string; taken: number }>`
        select to_char(month, 'YYYY-MM') as month, storage_costs, round(sum(amount), 2)::text as charged, count(*) as taken
        from invoices join transactions on invoice_id = invoices.id
        where date_trunc('month', day) = month group by invoices.id order by invoices.id`.execute(db);
    assert.equal(invoices.length, MONTHS_OVER * users.length);
    for (const { month, storage_costs, charged, taken } of invoices) {
      assert.equal(storage_costs, charged);
      assert.equal(storage_costs, "0.03");
      assert.equal(taken, { "2031-01": 31, "2031-02": 28, "2031-03": 31 }[month]);
    }
    const { rows: open } = await sql<{ months: string[] }>`
        select array_agg(distinct to_char(day, 'YYYY-MM')) as months from transactions where invoice_id is null`.execute(db);
    assert.deepEqual(open, [{ months: ["2031-04"] }]);
  } finally {
    await world.close();
    await database.drop();
  }
});

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sql } from "kysely";
import { openDatabase } from "../../db/database.ts";
import { createTestDatabase, type TestDatabase } from "../../testing/database.ts";
import { claimTasks, freeUndriven, hasUndriven, placesInQueues, taskQueues } from "./queries.ts";

let database: TestDatabase;
let opened: ReturnType<typeof openDatabase>;
before(async () => {
  database = await createTestDatabase();
  opened = openDatabase(database.url, 6);
});
after(async () => {
  await opened.close();
  await database.drop();
});

const SETTINGS = { tasksAtOnce: 100, ahead: 8 };

/** Projects of users who pay for themselves, each with so many waiting tasks. */
async function submit(counts: Readonly<Record<string, number>>): Promise<void> {
  for (const [user, count] of Object.entries(counts)) {
    await sql`
      with who as (insert into users (username, email) values (${user}, ${user}) returning id),
      payer as (insert into billing_groups (name, owner_id) select ${user}, id from who returning id),
      project as (
        insert into projects (owner, short_name, name, settings, billing_group_id, root_folder, created_by)
        select ${user}, 'p', 'p', '{}', id, md5(${user}), ${user} from payer returning id),
      app as (insert into apps (project_id, name) select id, 'a' from project returning id),
      revision as (
        insert into app_revisions
          (app_id, revision, document, label, words, content_hash, cwl_versions, validation_errors, created_by)
        select id, 0, '{}', 'a', 'a', 'a', '{}', '{}', ${user} from app returning id)
      insert into tasks (project_id, app_revision_id, name, status, created_by, executed_by, queued_at, created_at)
      select project.id, revision.id, ${user}, 'QUEUED', ${user}, ${user}, now(), now() + n * interval '1 microsecond'
      from project, revision, generate_series(1, ${count}) as n`.execute(opened.db);
  }
}

test("two workers that claim at once take every task once, evenly for all users, and what a dead one had goes to another", async () => {
  const { db } = opened;
  await submit({ mira: 10_000, tom: 5, ana: 40 });
  await sql`insert into workers default values`.execute(db);
  await sql`insert into workers default values`.execute(db);
  const workers = await db.selectFrom("workers").select("number").orderBy("number").execute();
  const [one, two] = workers.map(({ number }) => number) as [number, number];
  const claimed = (await Promise.all([claimTasks(db, one, SETTINGS, 12), claimTasks(db, two, SETTINGS, 12)])).flat();
  assert.equal(claimed.length, 24);
  assert.equal(new Set(claimed).size, 24);
  const { rows } = await sql<{ user: string; count: number }>`
    select executed_by as user, count(*) as count from tasks where driver is not null group by 1 order by 1`.execute(db);
  assert.deepEqual(
    rows.map(({ user, count }) => [user, count]),
    [
      ["ana", 9],
      ["mira", 10],
      ["tom", 5],
    ],
  );

  const [{ id: last }] = (
    await sql<{ id: string }>`select id from tasks where executed_by = 'ana' order by created_at desc limit 1`.execute(db)
  ).rows as [{ id: string }];
  const [place] = await placesInQueues(db, [last], 1000);
  assert.equal(place!.earlier, 30);
  assert.equal((await taskQueues(db, one, 1000)).find(({ user }) => user === "mira")!.waiting, 1000);

  await db.deleteFrom("workers").where("number", "=", two).execute();
  await sql`update tasks set status = 'RUNNING' where driver = ${two}`.execute(db);
  await freeUndriven(db, one, claimed);
  const taken = await claimTasks(db, one, SETTINGS, 0);
  assert.equal(taken.length, 12, "all that were begun with, whoever's turn it is");
  assert.equal(await hasUndriven(db), true);
});

test("of ten thousand waiting tasks a claim reads the first ones alone", async () => {
  const { db } = opened;
  await sql`analyze tasks`.execute(db);
  await sql`set enable_seqscan = on`.execute(db);
  const before = await tuplesRead();
  for (let n = 0; n < 20; n++) await taskQueues(db, 0, 8);
  const read = (await tuplesRead()) - before;
  assert.ok(read < 20 * 1000, `${read} rows for 20 looks`);
});

/** Rows of tasks and entries of its indexes that were read so far. */
async function tuplesRead(): Promise<number> {
  await sql`select pg_stat_force_next_flush()`.execute(opened.db);
  const { rows } = await sql<{ read: number }>`
    select (select seq_tup_read from pg_stat_user_tables where relname = 'tasks')
      + (select sum(idx_tup_read) from pg_stat_user_indexes where relname = 'tasks') as read`.execute(opened.db);
  return Number(rows[0]!.read);
}

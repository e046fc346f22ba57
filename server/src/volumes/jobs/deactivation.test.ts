import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { test } from "node:test";
import { sql } from "kysely";
import { endOf, holdQueue, put, sharedVolume } from "../../imports/testing.ts";
import { type World, withWorld } from "../../testing/world.ts";
import { startSmallS3 } from "../testing/small-s3.ts";
import type { JobTable } from "./queries.ts";

const TABLES: readonly JobTable[] = ["imports", "exports"];
const KEYS = { access_key_id: "AKTESTS", secret_access_key: "secret-of-the-tests" };

/** What an import or export of Ana's is started with: the object `in` becomes a file, or a file becomes the object `out`. */
async function lab(world: World, volume: string) {
  const project = await world.project("ana");
  const file = await world.file("ana", project.id, "s1.vcf");
  const bodies = {
    imports: { source: { volume, location: "in" }, destination: { project: project.id } },
    exports: { source: { file: file.id }, destination: { volume, location: "out" } },
  };
  return {
    start: async (table: JobTable) => (await world.post("ana", `/storage/${table}`, bodies[table])).body,
    show: async (job: { href: string }) => (await world.get("ana", job.href)).body,
    deactivate: (query = "?force=true") => world.patch("ana", `/storage/volumes/${volume}${query}`, { active: false }),
    activate: () => world.patch("ana", `/storage/volumes/${volume}`, { active: true }),
    files: async () => {
      const { items } = (await world.get("ana", `/files?project=${project.id}&fields=_all`)).body;
      return items.map(({ name, storage }: { name: string; storage: { type: string } }) => [name, storage.type]);
    },
  };
}

const UNCHANGED = [["s1.vcf", "PLATFORM"]];

/** Waits until the queue holds nothing of the job any more: its worker has cleaned up after it. */
async function untilLeft(world: World, table: JobTable, { id }: { id: string }): Promise<void> {
  for (;;) {
    const key = `${table.slice(0, -1)} ${id}`;
    const { rows } = await sql`select from graphile_worker._private_jobs where key = ${key}`.execute(world.platform.db);
    if (rows.length === 0) return;
    await new Promise((wake) => setTimeout(wake, 20));
  }
}

/** Waits until so many connections wait for the row of a volume. */
async function untilWaiting(world: World, count: number): Promise<void> {
  for (;;) {
    const { rows } = await sql`
      select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
        and query like '%from "volumes"%'`.execute(world.platform.db);
    if (rows.length >= count) return;
    await new Promise((wake) => setTimeout(wake, 20));
  }
}

for (const table of TABLES) {
  test(
    `deactivating a volume ends the ${table} that nobody works on yet, when it is told to`,
    withWorld(async (world) => {
      await put(world, { in: "object" });
      const { start, show, deactivate, files } = await lab(world, await sharedVolume(world, "ana"));
      const release = await holdQueue(world.platform.db);
      const job = await start(table);
      assert.equal((await deactivate("")).body.code, 90007);
      assert.equal(endOf(await show(job)), "PENDING");
      assert.equal((await deactivate()).body.active, false);
      assert.equal(endOf(await show(job)), 9069);
      await release();
      await untilLeft(world, table, job);
      assert.equal(endOf(await show(job)), 9069);
      assert.deepEqual(await files(), UNCHANGED);
      assert.deepEqual(await readdir(world.share), ["in"]);
    }),
  );

  test(
    `deactivating a volume ends the ${table} whose object is asked for or written in this moment`,
    withWorld(async (world) => {
      const bucket = await startSmallS3({ in: "object" });
      try {
        const service = { type: "S3", bucket: "lab", endpoint: bucket.endpoint, credentials: KEYS };
        const { body: volume } = await world.post("ana", "/storage/volumes", { name: "s3", service });
        const { start, show, deactivate, activate, files } = await lab(world, volume.id);
        const atWork = new Promise<() => void>((reached) => {
          bucket.before = async (line) => {
            if (!/^HEAD \/lab\/in|^PUT \/lab\/out/.test(line)) return undefined;
            bucket.before = undefined;
            await new Promise<void>((goOn) => reached(goOn));
            return undefined;
          };
        });
        const job = await start(table);
        const goOn = await atWork;
        assert.equal(endOf(await show(job)), "RUNNING");
        assert.equal((await deactivate()).body.active, false);
        assert.equal(endOf(await show(job)), 9069);
        assert.equal((await activate()).body.active, true);
        goOn();
        await untilLeft(world, table, job);
        assert.equal(endOf(await show(job)), 9069);
        assert.deepEqual(await files(), UNCHANGED);
        assert.deepEqual([...bucket.objects.keys()], ["in"]);
      } finally {
        await bucket.stop();
      }
    }),
  );

  test(
    `deactivating a volume while one of its ${table} is about to end: neither waits for the other for ever`,
    withWorld(async (world) => {
      await put(world, { in: "object" });
      const { start, show, deactivate, files } = await lab(world, await sharedVolume(world, "ana"));
      const { db } = world.platform;
      const release = await holdQueue(db);
      const job = await start(table);
      const deactivated = await db.transaction().execute(async (tx) => {
        await sql`select from volumes for update`.execute(tx);
        const answer = deactivate();
        await untilWaiting(world, 1);
        await release();
        await untilWaiting(world, 2);
        return { answer };
      });
      const { status, body } = await deactivated.answer;
      assert.equal(status, 200, JSON.stringify(body));
      assert.equal(endOf(await show(job)), 9069);
      await untilLeft(world, table, job);
      const { rows } = await sql`select state, faults, fault from ${sql.table(table)}`.execute(db);
      assert.deepEqual(rows, [{ state: "FAILED", faults: 0, fault: null }], "no deadlock that the database broke");
      assert.deepEqual(await files(), UNCHANGED);
      assert.deepEqual(await readdir(world.share), ["in"]);
    }),
  );
}

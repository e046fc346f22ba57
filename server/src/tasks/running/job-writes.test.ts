import assert from "node:assert/strict";
import { test } from "node:test";
import type { Job } from "@causeway/cwl";
import { sql } from "kysely";
import { type World, withWorld } from "../../testing/world.ts";
import { insertInstance } from "../instances/queries.ts";
import { knownJobs } from "./job-queries.ts";
import { JobWrites } from "./job-writes.ts";

const TOOL = { cwlVersion: "v1.2", class: "CommandLineTool", baseCommand: "true", inputs: [], outputs: [] };

async function draft(world: World): Promise<string> {
  const project = await world.project("mira");
  await world.post("mira", `/apps/${project.id}/app/raw`, TOOL);
  const { body } = await world.post("mira", "/tasks", { project: project.id, app: `${project.id}/app` });
  return body.id;
}

const job = (name: string): Job => ({ id: `executor.${name}`, name, argv: ["echo", name] }) as Job;
const waits = { waiting: "for its turn" };
const completed = { status: "COMPLETED", outputs: { out: "x" }, logs: { "a.log": "0".repeat(24) }, packed: undefined } as const;

test(
  "what is said of many jobs at once is in their rows, each in its order, and the first end stands",
  withWorld(async (world) => {
    const { db } = world.platform;
    const task = await draft(world);
    const writes = new JobWrites(db);
    const names = Array.from({ length: 50 }, (_, index) => `step[${index}]`);
    await Promise.all(names.map((each) => writes.insert({ task, name: each }, job(each), waits)));
    await writes.insert({ task, name: names[0]! }, job("another"), waits);
    for (const each of names) {
      writes.note({ task, name: each }, { waiting: "no free core" });
      writes.note({ task, name: each }, { since: "2031-01-01T00:00:00Z", imageDigest: "sha256:1" });
    }
    await writes.flush();
    for (const row of (await knownJobs(db, task)).values())
      assert.deepEqual(
        [row.status, row.waiting, row.image_digest, row.executor_id],
        ["RUNNING", null, "sha256:1", `executor.${row.name}`],
      );

    const ends = names.map((each) => writes.end({ task, name: each }, completed));
    writes.note({ task, name: names[1]! }, { waiting: "no free core" });
    await Promise.all(ends);
    await writes.end({ task, name: names[0]! }, { status: "FAILED", failure: "no\0", logs: {}, packed: undefined });
    const rows = [...(await knownJobs(db, task)).values()];
    assert.equal(rows.length, names.length);
    for (const row of rows) {
      assert.deepEqual([row.status, row.waiting, row.failure], ["COMPLETED", null, null]);
      assert.deepEqual([row.outputs, row.logs], [{ out: "x" }, { "a.log": "0".repeat(24) }]);
    }
    await writes.close();
  }),
);

test(
  "what cannot be written is told to whom it belongs, and the others are written",
  withWorld(async (world) => {
    const { db } = world.platform;
    const task = await draft(world);
    const writes = new JobWrites(db);
    const missing = "00000000-0000-4000-8000-000000000000";
    const made = await Promise.allSettled([
      writes.insert({ task, name: "good" }, job("good"), waits),
      writes.insert({ task: missing, name: "orphan" }, job("orphan"), waits),
      writes.insert({ task, name: "better" }, job("better"), waits),
    ]);
    assert.deepEqual(
      made.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled"],
    );
    assert.deepEqual([...(await knownJobs(db, task)).keys()].sort(), ["better", "good"]);
    const bad = writes.end({ task, name: "good" }, { status: "NO SUCH" as "FAILED", logs: {}, packed: undefined });
    const good = writes.end({ task, name: "better" }, completed);
    await Promise.all([assert.rejects(bad, /jobs_status_check/), assert.rejects(writes.flush(), /jobs_status_check/), good]);
    await writes.flush();
    const { rows } = await sql<{ name: string; status: string }>`select name, status from jobs order by name`.execute(db);
    assert.deepEqual(rows, [
      { name: "better", status: "COMPLETED" },
      { name: "good", status: "QUEUED" },
    ]);
    await writes.close();
  }),
);

test(
  "a job that is recorded finds the ends recorded that were said before it",
  withWorld(async (world) => {
    const { db } = world.platform;
    const task = await draft(world);
    const writes = new JobWrites(db);
    await writes.insert({ task, name: "first" }, job("first"), waits);
    const end = writes.end({ task, name: "first" }, completed);
    await writes.insert({ task, name: "second" }, job("second"), waits);
    assert.equal((await knownJobs(db, task)).get("first")!.status, "COMPLETED");
    await end;
    await writes.close();
  }),
);

test(
  "what was noted of a job a moment before its end is in its row as well",
  withWorld(async (world) => {
    const { db } = world.platform;
    const task = await draft(world);
    const writes = new JobWrites(db);
    const size = { cpus: 1, memoryMib: 1024, disk: { type: "local", gb: 1 }, hourly: 0, diskHourly: 0 };
    await insertInstance(db, task, { id: "i-1", type: "small", provider: "local", ...size });
    for (const name of ["ended", "lost"]) await writes.insert({ task, name }, job(name), waits);
    const since = "2031-01-01T00:00:00.000Z";
    for (const name of ["ended", "lost"]) {
      writes.note({ task, name }, { instance: "i-1" });
      writes.note({ task, name }, { since, imageDigest: "sha256:1" });
    }
    const usage = { startedAt: "2031-01-01T00:00:01.000Z", endedAt: "2031-01-01T00:00:02.000Z", wallSeconds: 1 };
    const ends = [
      writes.end({ task, name: "ended" }, { ...completed, usage, imageDigest: "sha256:2" }),
      writes.end({ task, name: "lost" }, { status: "FAILED", failure: "lost", imageDigest: null, logs: {}, packed: undefined }),
    ];
    writes.note({ task, name: "ended" }, { since: "2032-01-01T00:00:00Z" });
    await Promise.all(ends);
    const rows = await knownJobs(db, task);
    const said = (name: string) => {
      const { status, instance_id, image_digest, started_at } = rows.get(name)!;
      return [status, instance_id, image_digest, started_at!.toISOString()];
    };
    assert.deepEqual(said("ended"), ["COMPLETED", "i-1", "sha256:2", usage.startedAt]);
    assert.deepEqual(said("lost"), ["FAILED", "i-1", "sha256:1", since]);
    await writes.close();
  }),
);

test(
  "an end is on the disk when that is told",
  withWorld(async (world) => {
    const { db } = world.platform;
    const task = await draft(world);
    const writes = new JobWrites(db);
    for (let index = 0; index < 10; index++) {
      const key = { task, name: `step[${index}]` };
      await writes.insert(key, job(key.name), waits);
      const { rows: before } = await sql<{ lsn: string }>`select pg_current_wal_insert_lsn()::text as lsn`.execute(db);
      await writes.end(key, completed);
      const { rows } = await sql<{ flushed: boolean }>`
        select pg_current_wal_flush_lsn() > ${before[0]!.lsn}::pg_lsn as flushed`.execute(db);
      assert.ok(rows[0]!.flushed);
    }
    await writes.close();
  }),
);

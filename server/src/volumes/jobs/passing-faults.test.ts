import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { sql } from "kysely";
import { endOf, holdQueue, untilEnded } from "../../imports/testing.ts";
import { type World, withWorld } from "../../testing/world.ts";
import { type SmallS3, startSmallS3 } from "../testing/small-s3.ts";
import type { S3Refusal } from "../testing/small-s3-answers.ts";
import type { JobTable } from "./queries.ts";

const KEYS = { access_key_id: "AKTESTS", secret_access_key: "secret-of-the-tests" };
const AWAY: S3Refusal = [503, "SlowDown"];

async function bucketOf(world: World, bucket: SmallS3): Promise<string> {
  const service = { type: "S3", bucket: "lab", endpoint: bucket.endpoint, credentials: KEYS };
  return (await world.post("ana", "/storage/volumes", { name: "s3", service })).body.id;
}

/** Starts a job that has met two faults in a row already: with one more it fails. Answers its address. */
async function startLate(world: World, table: JobTable, body: object): Promise<string> {
  const release = await holdQueue(world.platform.db);
  const { body: job } = await world.post("ana", `/storage/${table}`, body);
  await sql`update ${sql.table(table)} set faults = 2, fault = 'away' where id = ${job.id}`.execute(world.platform.db);
  await release();
  return job.href;
}

/** How many faults in a row the only job of the table has met. */
async function faultsOf(world: World, table: JobTable): Promise<number> {
  const { rows } = await sql<{ faults: number }>`select faults from ${sql.table(table)}`.execute(world.platform.db);
  return rows[0]!.faults;
}

test(
  "an export whose service fails now and then is done, as long as a part gets through between; one that stays away ends it",
  withWorld(async (world) => {
    const bucket = await startSmallS3();
    try {
      const volume = await bucketOf(world, bucket);
      const project = await world.project("ana");
      const file = await world.file("ana", project.id, "large", randomBytes(40 * 2 ** 20));
      const body = (location: string) => ({ source: { file: file.id }, destination: { volume, location } });

      let hasFailed = false;
      bucket.before = async (line) => {
        // The last part, which goes when the others are there.
        if (!/partNumber=5\b/.test(line)) return undefined;
        hasFailed ||= (await faultsOf(world, "exports")) === 1;
        return hasFailed ? undefined : AWAY;
      };
      const done = await startLate(world, "exports", body("large"));
      const job = await untilEnded(world, "ana", done);
      assert.equal(job.state, "COMPLETED", JSON.stringify(job.error));
      assert.ok(hasFailed, bucket.seen.map(({ line }) => line).join("\n"));
      assert.equal(bucket.objects.get("large")?.length, 40 * 2 ** 20);

      const small = await world.file("ana", project.id, "small", "bytes");
      bucket.refusals = { all: AWAY };
      const away = await startLate(world, "exports", { ...body("small"), source: { file: small.id } });
      assert.equal(endOf(await untilEnded(world, "ana", away)), 9100);
    } finally {
      await bucket.stop();
    }
  }),
);

test(
  "a part that the service keeps though it has not answered is sent again",
  withWorld(async (world) => {
    const bucket = await startSmallS3();
    try {
      const volume = await bucketOf(world, bucket);
      const project = await world.project("ana");
      const bytes = randomBytes(40 * 2 ** 20);
      const file = await world.file("ana", project.id, "large", bytes);
      bucket.keepsCutParts = true;
      let hasFailed = false;
      bucket.before = async (line) => {
        if (!/partNumber=5\b/.test(line)) return undefined;
        hasFailed ||= (await faultsOf(world, "exports")) === 1;
        return hasFailed ? undefined : AWAY;
      };
      const body = { source: { file: file.id }, destination: { volume, location: "large" } };
      const { body: started } = await world.post("ana", "/storage/exports", body);
      const job = await untilEnded(world, "ana", started.href);
      assert.equal(job.state, "COMPLETED", JSON.stringify(job.error));
      assert.ok(hasFailed);
      assert.ok(bucket.objects.get("large")!.equals(bytes));
      const sent = (number: number) => bucket.seen.filter(({ line }) => new RegExp(`partNumber=${number}\\b`).test(line)).length;
      assert.equal(sent(1), 1, "what was answered is not sent again");
    } finally {
      await bucket.stop();
    }
  }),
);

test(
  "a folder is listed on after faults that pass, and anew after a token that was forgotten; a service that knows none ends it",
  withWorld(async (world) => {
    const names = Array.from({ length: 1100 }, (_, number) => `run/s${String(number).padStart(4, "0")}.txt`);
    const bucket = await startSmallS3(Object.fromEntries(names.map((name) => [name, "x"])));
    try {
      const volume = await bucketOf(world, bucket);
      const project = await world.project("ana");
      const body = (name: string) => ({ source: { volume, location: "run/" }, destination: { project: project.id, name } });
      const isOn = (line: string) => line.includes("continuation-token=");

      let hasFailed = false;
      let forgotten = 0;
      bucket.before = async (line) => {
        if (!isOn(line)) return undefined;
        hasFailed ||= (await faultsOf(world, "imports")) === 1;
        if (!hasFailed) return AWAY;
        forgotten += 1;
        return forgotten === 1 ? [400, "InvalidArgument"] : undefined;
      };
      const done = await startLate(world, "imports", body("whole"));
      const job = await untilEnded(world, "ana", done);
      assert.equal(job.state, "COMPLETED", JSON.stringify(job.error));
      const { headers } = await world.get("ana", `/files?parent=${job.result.id}&limit=1`);
      assert.equal(headers.get("x-total-matching-query"), String(names.length));
      assert.equal(forgotten, 2);

      bucket.before = async (line) => (isOn(line) ? [400, "InvalidArgument"] : undefined);
      const { body: started } = await world.post("ana", "/storage/imports", body("never"));
      assert.equal(endOf(await untilEnded(world, "ana", started.href)), 9100);
    } finally {
      await bucket.stop();
    }
  }),
);

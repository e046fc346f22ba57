import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import { MemoryBlobStore } from "@causeway/storage";
import { createBlobCache } from "../tasks/files/blob-cache.ts";
import { ended } from "../tasks/testing.ts";
import { type World, withWorld } from "../testing/world.ts";
import { DamagedBytes } from "./damage.ts";
import { createInputCheck } from "./input-check.ts";

const COUNT = {
  cwlVersion: "v1.2",
  class: "CommandLineTool",
  baseCommand: ["wc", "-c"],
  inputs: { text: { type: "File", inputBinding: { position: 1 } } },
  outputs: { report: { type: "stdout" } },
};

async function keyOf(world: World, file: string): Promise<string> {
  const { blob_key } = await world.platform.db
    .selectFrom("files")
    .select("blob_key")
    .where("id", "=", file)
    .executeTakeFirstOrThrow();
  return blob_key!;
}

/** What a failing disk does: one bit of the bytes of a file is another. Answers how to undo it. */
async function flipBit(world: World, file: string, at = 7): Promise<() => Promise<void>> {
  const path = await world.platform.store.localPath!(await keyOf(world, file));
  const right = await readFile(path);
  const wrong = Buffer.from(right);
  wrong[at]! ^= 4;
  await chmod(path, 0o600);
  await writeFile(path, wrong);
  return () => writeFile(path, right);
}

const addressOf = async (world: World, file: string): Promise<string> =>
  (await world.get("ana", `/files/${file}/download_info`)).body.url;

/** The bytes that a client gets, or how it hears that there are none. */
async function download(url: string, headers = {}): Promise<Buffer | string> {
  const answer = await fetch(url, { headers });
  if (!answer.ok) return `${answer.status}: ${((await answer.json()) as { more_info?: string }).more_info ? "refused" : "?"}`;
  return answer.arrayBuffer().then(
    (bytes) => Buffer.from(bytes),
    () => "cut",
  );
}

test(
  "one flipped bit is never passed on as the file: downloads are cut or refused, tasks fail with a sentence",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const bytes = randomBytes(5_000_000);
    const large = await world.file("ana", project.id, "large.bam", bytes);
    const small = await world.file("ana", project.id, "small.txt", "a few bytes\n");
    const whole = await addressOf(world, large.id);
    assert.deepEqual(await download(whole), bytes);

    const mend = await flipBit(world, large.id, 4_999_999);
    await flipBit(world, small.id);
    assert.equal(await download(whole), "cut");
    assert.equal(await download(await addressOf(world, small.id)), "500: refused");
    // From now on it is known, whatever is asked of it and under whatever name.
    const copy = await world.post("ana", `/files/${large.id}/actions/copy`, { project: project.id, name: "copy.bam" });
    for (const id of [large.id, copy.body.id]) {
      const address = await addressOf(world, id);
      assert.equal(await download(address), "500: refused");
      assert.equal(await download(address, { range: "bytes=0-9" }), "500: refused");
      assert.equal((await fetch(address, { method: "HEAD" })).status, 500);
    }

    const operator = `${world.url.replace(/\/v2$/, "")}/operator/stored-bytes`;
    assert.equal((await world.get("ana", operator)).status, 403);
    assert.equal((await world.post("ana", `${operator}/check`)).status, 403);
    const { body: state } = await world.get("admin", operator);
    assert.equal(state.damaged, 2);
    const found = state.blobs.find(({ size }: { size: number }) => size === bytes.length);
    assert.deepEqual([found.damage, found.found_by], ["changed", "download"]);
    assert.deepEqual(
      found.files.map(({ name, project }: { name: string; project: string }) => [name, project]),
      [
        ["copy.bam", project.id],
        ["large.bam", project.id],
      ],
    );
    const metrics = await (await fetch(world.url.replace(/\/v2$/, "/metrics"))).text();
    assert.match(metrics, /^causeway_damaged_blobs\{damage="changed"\} 2$/m);

    // Bytes that are brought back are found right when they are looked at.
    await mend();
    const checked = await world.post("admin", `${operator}/check`);
    assert.equal(checked.body.damaged, 1);
    assert.deepEqual(await download(whole), bytes);
  }),
);

test(
  "a task whose input is damaged or gone fails and names the file, also when its bytes were right before",
  withWorld(async (world) => {
    const project = await world.project("ana");
    await world.post("ana", `/apps/${project.id}/count/raw`, COUNT);
    const run = async (file: { id: string }) => {
      const inputs = { text: { class: "File", path: file.id } };
      const { body } = await world.post("ana", "/tasks?action=run", { project: project.id, app: `${project.id}/count`, inputs });
      return ended(world, "ana", body.id);
    };
    const reads = await world.file("ana", project.id, "reads.fastq", "ACGTACGTACGT\n");
    assert.equal((await run(reads)).status, "COMPLETED");
    await flipBit(world, reads.id);
    const failed = await run(reads);
    assert.equal(failed.status, "FAILED");
    assert.match(
      failed.execution_status.message,
      /The input file reads\.fastq is damaged: its bytes are not those that were stored/,
    );

    const gone = await world.file("ana", project.id, "gone.fastq", "TTTT\n");
    await world.platform.store.remove(await keyOf(world, gone.id));
    const alsoFailed = await run(gone);
    assert.equal(alsoFailed.status, "FAILED");
    assert.match(alsoFailed.execution_status.message, /gone\.fastq is damaged: its bytes are missing/);
    assert.equal(await download(await addressOf(world, gone.id)), "500: refused");
  }),
);

test(
  "the scrub finds what is damaged, goes on after a break where it was, and is done by one process at a time",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const files = [];
    for (let i = 0; i < 6; i++) files.push(await world.file("ana", project.id, `file-${i}`, `${i}`.repeat(1000)));
    const { db, services, store } = world.platform;
    const { scrub } = services;
    // One whose SHA-256 is not known yet is hashed first.
    await db
      .updateTable("blobs")
      .set({ sha256: null })
      .where("key", "=", await keyOf(world, files[0].id))
      .execute();
    await flipBit(world, files[1].id);
    await store.remove(await keyOf(world, files[2].id));

    const now = new Date();
    const both = await Promise.all([scrub.runDue(now), scrub.runDue(now)]);
    assert.ok(both.includes(true));
    const [pass, ...others] = await db.selectFrom("scrubs").selectAll().execute();
    assert.deepEqual([pass!.blobs, pass!.bytes, pass!.damaged, others.length], [6, 6000, 2, 0]);
    const { sha256 } = await db
      .selectFrom("blobs")
      .select("sha256")
      .where("key", "=", await keyOf(world, files[0].id))
      .executeTakeFirstOrThrow();
    assert.match(sha256!, /^[0-9a-f]{64}$/);

    // Nothing is due until a month has gone; then a reading that was broken off is gone on with.
    await scrub.runDue(new Date(now.getTime() + 29 * 86_400_000));
    const keys = await db.selectFrom("blobs").select("key").orderBy("key").execute();
    const later = new Date(now.getTime() + 31 * 86_400_000);
    await db.insertInto("scrubs").values({ started_at: later, finished_at: null, after_key: keys[3]!.key, blobs: 4 }).execute();
    await scrub.runDue(later);
    const passes = await db.selectFrom("scrubs").selectAll().orderBy("id").execute();
    assert.deepEqual(
      passes.map(({ blobs, finished_at }) => [blobs, finished_at !== null]),
      [
        [6, true],
        [6, true],
      ],
    );
  }),
);

test("a copy of this machine that is damaged is fetched again; bytes that are damaged in their store are refused", async () => {
  const directory = await mkdtemp(join(tmpdir(), "causeway-copies-"));
  try {
    const store = new MemoryBlobStore();
    const marked: string[] = [];
    const damage = { mark: async (key: string) => marked.push(key) > 0, unmark: async () => {} };
    const copies = createBlobCache(store, directory);
    const check = createInputCheck(store, copies, damage);
    const stored = { key: "k1", ...(await store.put("k1", Readable.from([Buffer.from("right")]))) };
    const path = await check.pathOf(stored);
    await chmod(path, 0o600);
    await writeFile(path, "wrong");
    assert.equal(await readFile(await check.pathOf(stored), "utf8"), "right");
    assert.deepEqual(marked, []);

    await store.put("k1", Readable.from([Buffer.from("other")]));
    await copies.forget("k1");
    await assert.rejects(check.pathOf(stored), DamagedBytes);
    assert.deepEqual(marked, ["k1"]);
    assert.deepEqual(await readdir(directory), []);
  } finally {
    await rm(directory, { recursive: true });
  }
});

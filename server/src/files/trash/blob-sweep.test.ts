import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import { newBlobKey } from "@causeway/storage";
import { sql } from "kysely";
import { type World, withWorld } from "../../testing/world.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS);

async function stored(world: World): Promise<string[]> {
  const keys = [];
  for await (const { key } of world.platform.store.list()) keys.push(key);
  return keys;
}

async function sweep(world: World, now: Date): Promise<void> {
  const { fileSweep, uploadSweep } = world.platform.services;
  await uploadSweep.dropIdle(now);
  await uploadSweep.removeStrays(now);
  await fileSweep.removeDeleted(now);
  await fileSweep.removeUnreferenced(now);
  await fileSweep.removeStrays(now);
}

test(
  "a deleted file goes for good after two weeks, and its bytes when no copy needs them any more",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const file = await world.file("ana", project.id, "a.txt", "bytes");
    const copy = (await world.post("ana", `/files/${file.id}/actions/copy`, { project: project.id })).body;
    await world.delete("ana", `/files/${file.id}`);
    await sweep(world, inDays(13));
    const rows = () => world.platform.db.selectFrom("files").select("id").where("type", "=", "file").execute();
    assert.equal((await rows()).length, 2);
    await sweep(world, inDays(15));
    assert.deepEqual(await rows(), [{ id: copy.id }]);
    assert.equal((await stored(world)).length, 1);

    await world.delete("ana", `/files/${copy.id}`);
    await sweep(world, inDays(15));
    await sweep(world, inDays(15));
    assert.deepEqual([await rows(), await stored(world)], [[], []]);
    assert.deepEqual(await world.platform.db.selectFrom("blobs").select("key").execute(), []);
  }),
);

test(
  "everything of a deleted project goes with it, and what others have stays",
  withWorld(async (world) => {
    const [project, other] = [await world.project("ana"), await world.project("ana", "Other")];
    const folder = (await world.post("ana", "/files", { name: "runs", type: "folder", project: project.id })).body;
    const file = await world.file("ana", folder.id, "a.txt");
    const copy = (await world.post("ana", `/files/${file.id}/actions/copy`, { project: other.id })).body;
    await world.post("ana", "/upload/multipart", { name: "b", project: project.id });
    await world.delete("ana", `/projects/${project.id}`);
    await sweep(world, inDays(15));
    const left = await world.platform.db.selectFrom("files").select("id").orderBy("id").execute();
    assert.deepEqual(left.map(({ id }) => id).sort(), [copy.id, other.root_folder].sort());
    const counted = await world.platform.db.selectFrom("folder_counts").select("folder").distinct().execute();
    assert.deepEqual(counted, [{ folder: other.root_folder }]);
    assert.equal((await stored(world)).length, 1);
    const open = [];
    for await (const upload of world.platform.store.listUploads()) open.push(upload);
    assert.deepEqual(open, []);
  }),
);

test(
  "bytes without a row are removed after a day, but not those of an upload that is being completed",
  withWorld(async (world) => {
    const { store, db } = world.platform;
    const project = await world.project("ana");
    const stray = newBlobKey();
    await store.put(stray, Readable.from([Buffer.from("lost")]));
    const { body } = await world.post("ana", "/upload/multipart", { name: "a", project: project.id });
    const upload = await db.selectFrom("uploads").selectAll().where("id", "=", body.upload_id).executeTakeFirstOrThrow();
    await store.completeUpload({ key: upload.blob_key, id: upload.store_id!, partSize: upload.part_size }, []);

    await sweep(world, new Date());
    assert.equal((await stored(world)).length, 2);
    await world.platform.services.fileSweep.removeStrays(inDays(2));
    assert.deepEqual(await stored(world), [upload.blob_key]);
    assert.equal((await world.post("ana", `/upload/multipart/${body.upload_id}/complete`)).status, 200);
  }),
);

test(
  "bytes that were written long ago and adopted just now are new",
  withWorld(async (world) => {
    const { store } = world.platform;
    const path = join(world.directory, "output");
    await writeFile(path, "an output");
    await utimes(path, inDays(-9), inDays(-9));
    await store.adopt(newBlobKey(), path);
    await sweep(world, new Date());
    assert.equal((await stored(world)).length, 1);
  }),
);

test(
  "an idle upload expires after a week without anything, and is gone for everybody before it is swept",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const { body } = await world.post("ana", "/upload/multipart", { name: "a", project: project.id });
    const path = `/upload/multipart/${body.upload_id}`;
    const { url } = (await world.get("ana", `${path}/part/1`)).body;
    await world.platform.services.uploadSweep.dropIdle(inDays(6));
    assert.equal((await world.get("ana", path)).status, 200);

    await sql`update uploads set active_at = now() - interval '8 days'`.execute(world.platform.db);
    assert.equal((await world.get("ana", path)).body.code, 8003);
    assert.equal((await world.post("ana", `${path}/complete`)).body.code, 8003);
    assert.equal((await fetch(url, { method: "PUT", body: "abc" })).status, 404);
    assert.deepEqual((await world.get("ana", "/upload/multipart")).body.items, []);
    assert.equal(await world.platform.services.uploadSweep.dropIdle(new Date()), 1);
    assert.equal(await world.platform.services.uploadSweep.dropIdle(new Date()), 0);
  }),
);

test(
  "the checksum of a file that came in parts is found out later",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const bytes = randomBytes(6 * 1024 * 1024);
    const partSize = 5 * 1024 * 1024;
    const { body } = await world.post("ana", "/upload/multipart", { name: "a", project: project.id, part_size: partSize });
    const path = `/upload/multipart/${body.upload_id}`;
    const parts = [];
    for (const number of [1, 2]) {
      const { url } = (await world.get("ana", `${path}/part/${number}`)).body;
      const part = bytes.subarray((number - 1) * partSize, number * partSize);
      const { headers } = await fetch(url, { method: "PUT", body: part });
      parts.push({ part_number: number, response: { headers: { ETag: headers.get("etag") } } });
    }
    await world.post("ana", `${path}/complete`, { parts });
    assert.equal(await world.platform.services.fileSweep.hashNew(), 1);
    const [blob] = await world.platform.db.selectFrom("blobs").selectAll().execute();
    assert.equal(blob?.sha256, createHash("sha256").update(bytes).digest("hex"));
    assert.equal(await world.platform.services.fileSweep.hashNew(), 0);
  }),
);

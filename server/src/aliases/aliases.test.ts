import assert from "node:assert/strict";
import { rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { sql } from "kysely";
import { run } from "../file-operations/testing.ts";
import { put, ranTo, sharedVolume } from "../imports/testing.ts";
import { type World, withWorld } from "../testing/world.ts";
import { startSmallS3 } from "../volumes/testing/small-s3.ts";

/** An alias of Ana's of an object in the shared directory. */
async function lab(world: World, bytes = "0123456789") {
  await put(world, { "in/a.bam": bytes });
  const volume = await sharedVolume(world, "ana");
  const project = await world.project("ana");
  const job = { source: { volume, location: "in/a.bam" }, destination: { project: project.id, name: "reads.bam" } };
  const { result: alias } = await ranTo(world, "ana", "imports", job);
  const show = async (id: string) => (await world.get("ana", `/files/${id}`)).body;
  return { volume, project, alias, show, path: join(world.share, "in/a.bam") };
}

test(
  "an alias is downloaded through the platform where its volume has no addresses, whole and by range",
  withWorld(async (world) => {
    const { alias, volume, path, show } = await lab(world);
    const { url } = (await world.get("ana", `/files/${alias.id}/download_info`)).body;
    assert.ok(url.startsWith(world.url.replace("/v2", "")));
    const whole = await fetch(url);
    assert.deepEqual(
      [whole.status, whole.headers.get("content-length"), whole.headers.get("content-disposition"), await whole.text()],
      [200, "10", "attachment; filename=reads.bam", "0123456789"],
    );
    const part = async (range: string, more = {}) => {
      const { status, headers } = await fetch(url, { headers: { range, ...more } });
      return [status, headers.get("content-range"), headers.get("content-length")].join(" ");
    };
    assert.equal(await part("bytes=2-4"), "206 bytes 2-4/10 3");
    assert.equal(await part("bytes=0-5242879"), "206 bytes 0-9/10 10");
    assert.equal(await part("bytes=-2"), "206 bytes 8-9/10 2");
    assert.equal(await part("bytes=10-"), "416 bytes */10 0");
    const etag = whole.headers.get("etag")!;
    assert.equal(await part("bytes=2-4", { "if-range": etag }), "206 bytes 2-4/10 3");
    const texts = await Promise.all(
      ["0-3", "4-7", "8-9"].map(async (range) => (await fetch(url, { headers: { range: `bytes=${range}` } })).text()),
    );
    assert.equal(texts.join(""), "0123456789");
    assert.equal((await fetch(url, { method: "HEAD" })).headers.get("content-length"), "10");

    await writeFile(path, "changed since");
    assert.equal(await part("bytes=2-4", { "if-range": etag }), "200  13");
    assert.equal(await (await fetch(url)).text(), "changed since");
    assert.equal((await show(alias.id)).size, 13, "the size is noted");

    // It changes once more, after it was looked at and before it is opened.
    const { aliases } = world.platform.services;
    const { open } = aliases;
    aliases.open = async (...asked) => {
      aliases.open = open;
      await writeFile(path, "changed once more");
      return open(...asked);
    };
    const known = (await fetch(url, { method: "HEAD" })).headers.get("etag")!;
    const rest = await fetch(url, { headers: { range: "bytes=2-4", "if-range": known } });
    assert.deepEqual([rest.status, rest.headers.get("content-range"), await rest.text()], [200, null, "changed once more"]);
    await writeFile(path, "changed since");
    assert.equal(await (await fetch(url)).text(), "changed since");

    const answers = async () => [
      (await world.get("ana", `/files/${alias.id}/download_info`)).body.code,
      (await world.get(null, url)).body.code,
    ];
    await rm(path);
    assert.deepEqual(await answers(), [9105, 9105]);
    assert.equal((await show(alias.id)).size, 13, "a broken alias is shown as it was");
    await writeFile(path, "there again");
    assert.equal(await (await fetch(url)).text(), "there again");
    await world.patch("ana", `/storage/volumes/${volume}`, { active: false });
    assert.deepEqual(await answers(), [5034, 5034]);
    assert.equal((await show(alias.id)).storage.type, "VOLUME");
    assert.equal((await world.delete("ana", `/storage/volumes/${volume}`)).body.code, 90007);
    await world.delete("ana", `/files/${alias.id}`);
    assert.equal((await world.delete("ana", `/storage/volumes/${volume}`)).status, 204);
    assert.equal((await stat(path)).size, 11, "the object stays");
  }),
);

test(
  "an alias of an object in a bucket is downloaded from the bucket, and what the bucket refuses is told",
  withWorld(async (world) => {
    const bucket = await startSmallS3({ "raw/a.bam": "bytes of a" });
    try {
      const service = {
        type: "S3",
        bucket: "lab",
        endpoint: bucket.endpoint,
        prefix: "raw",
        credentials: { access_key_id: "AKTESTS", secret_access_key: "secret-of-the-tests" },
      };
      const { body: volume } = await world.post("ana", "/storage/volumes", { name: "s3", service, access_mode: "RO" });
      const project = await world.project("ana");
      const job = { source: { volume: volume.id, location: "a.bam" }, destination: { project: project.id } };
      const { result: alias } = await ranTo(world, "ana", "imports", job);
      const info = async () => (await world.get("ana", `/files/${alias.id}/download_info`)).body;
      const { url } = await info();
      assert.ok(url.startsWith(`${bucket.endpoint}/lab/raw/a.bam?`), url);
      assert.match(new URL(url).searchParams.get("response-content-disposition")!, /a\.bam/);
      assert.equal(await (await fetch(url)).text(), "bytes of a");
      bucket.refusals = { read: [403, "AccessDenied"] };
      assert.equal((await info()).code, 9001);
      bucket.refusals = { all: [503, "SlowDown"] };
      assert.equal((await info()).code, 9000);
      bucket.refusals = {};
      const { rows } = await sql`select from transactions where kind = 'EGRESS'`.execute(world.platform.db);
      assert.equal(rows.length, 0, "the bytes are not the platform's");
    } finally {
      await bucket.stop();
    }
  }),
);

test(
  "an alias is copied, moved, described, found and counted as any file",
  withWorld(async (world) => {
    const { volume, project, alias, show } = await lab(world);
    const target = await world.project("ana", "Target");
    const storage = { type: "VOLUME", volume, location: "in/a.bam" };
    await world.patch("ana", `/files/${alias.id}`, { name: "b.bam", tags: ["pilot"], metadata: { sample_id: "S1" } });
    const described = await show(alias.id);
    assert.deepEqual([described.name, described.storage, described.metadata], ["b.bam", storage, { sample_id: "S1" }]);

    const { body: copy } = await world.post("ana", `/files/${alias.id}/actions/copy`, { project: target.id });
    assert.deepEqual([copy.storage, copy.size, copy.tags, copy.name], [storage, 10, ["pilot"], "b.bam"]);
    const { body: copies } = await world.post("ana", "/action/files/copy", { project: target.id, file_ids: [alias.id] });
    assert.deepEqual((await show(copies[alias.id].new_file_id)).storage, storage);
    const folder = (await world.post("ana", "/files", { name: "runs", type: "folder", project: project.id })).body;
    await world.post("ana", `/files/${alias.id}/actions/move`, { parent: folder.id });
    assert.deepEqual((await show(alias.id)).parent, folder.id);

    const { result } = await run(world, "ana", "copy", [{ file: folder.id, project: target.id }]);
    const { body: inside } = await world.get("ana", `/files?parent=${result[0].resource.id}&fields=_all`);
    assert.deepEqual(inside.items[0].storage, storage);
    const moved = await run(world, "ana", "move", [{ file: copy.id, parent: folder.id, name: "moved.bam" }]);
    assert.deepEqual((await show(moved.result[0].resource.id)).storage, storage);
    const bulk = await world.post("ana", "/bulk/files/get", { file_ids: [alias.id] });
    assert.deepEqual(bulk.body.items[0].resource.storage, storage);
    const { body: found } = await world.post("ana", "/files/search", {
      query: `IN "${project.id}" WHERE tags = "pilot" RECURSIVE`,
    });
    assert.ok(JSON.stringify(found).includes(alias.id), JSON.stringify(found));

    const link = (await world.get("ana", `/files/${moved.result[0].resource.id}/download_info`)).body.url;
    assert.equal(await (await fetch(link)).text(), "0123456789");
    const deleted = await run(world, "ana", "delete", [{ file: folder.id }]);
    assert.equal(deleted.completed_files, 2);
  }),
);

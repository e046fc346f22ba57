import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { sql } from "kysely";
import { endOf, put, ranTo, sharedVolume } from "../imports/testing.ts";
import { ended } from "../tasks/testing.ts";
import { type World, withWorld } from "../testing/world.ts";
import { startSmallS3 } from "../volumes/testing/small-s3.ts";

const KEYS = { access_key_id: "AKTESTS", secret_access_key: "secret-of-the-tests" };

/** Ana's volume in the shared directory, and a file of hers. */
async function lab(world: World, bytes: string | Uint8Array = "calls of s1") {
  const volume = await sharedVolume(world, "ana", "out");
  const project = await world.project("ana");
  const file = await world.file("ana", project.id, "s1.vcf", bytes);
  const send = (id: string, location: string, more: object = {}, query = "") =>
    ranTo(world, "ana", "exports", { source: { file: id }, destination: { volume, location }, ...more }, query);
  const show = async (id: string) => (await world.get("ana", `/files/${id}`)).body;
  return { volume, project, file, send, show };
}

test(
  "an exported file is written, keeps its id and all that is said of it, and becomes an alias",
  withWorld(async (world) => {
    const { volume, project, file, send, show } = await lab(world);
    await world.patch("ana", `/files/${file.id}`, { tags: ["pilot"], metadata: { sample_id: "S1" } });
    const { body: copy } = await world.post("ana", `/files/${file.id}/actions/copy`, { project: project.id });
    const before = await show(file.id);
    const job = await send(file.id, "/vcf/deep/s1.vcf");
    const { href, id, started_on, finished_on, result, ...rest } = job;
    assert.ok(started_on <= finished_on);
    assert.deepEqual(rest, {
      state: "COMPLETED",
      overwrite: false,
      source: { file: file.id },
      destination: { volume, location: "/vcf/deep/s1.vcf" },
      properties: {},
    });
    assert.equal(await readFile(join(world.share, "vcf/deep/s1.vcf"), "utf8"), "calls of s1");
    assert.deepEqual(await readdir(join(world.share, "vcf/deep")), ["s1.vcf"]);
    const after = await show(file.id);
    assert.deepEqual(after, { ...before, storage: { type: "VOLUME", volume, location: "vcf/deep/s1.vcf" } });
    assert.deepEqual(result, after);
    assert.equal((await show(copy.id)).storage.type, "PLATFORM");
    const { url } = (await world.get("ana", `/files/${file.id}/download_info`)).body;
    assert.equal(await (await fetch(url)).text(), "calls of s1");
    assert.deepEqual((await world.get("ana", "/storage/exports?fields=_all")).body.items, [job]);
    assert.deepEqual((await world.get("ana", `/storage/exports?volume=${volume}`)).body.items, [
      { href, id, state: "COMPLETED" },
    ]);
    assert.equal((await world.get("ben", href)).body.code, 9005);

    const again = await world.post("ana", "/storage/exports", {
      source: { file: file.id },
      destination: { volume, location: "x" },
    });
    assert.equal(again.body.code, 9006, "it is an alias");
    const kept = await send(copy.id, "copy.vcf", {}, "?copy_only=True");
    assert.equal(kept.result.storage.type, "PLATFORM");
    assert.equal((await show(copy.id)).storage.type, "PLATFORM");

    // The bytes of the platform go when no file has them any more.
    await send(copy.id, "copy.vcf", { overwrite: true });
    const sweep = () => world.platform.services.fileSweep.removeUnreferenced(new Date(Date.now() + 30 * 24 * 3600_000));
    assert.equal(await sweep(), 1);
    const link = (await world.get("ana", `/files/${copy.id}/download_info`)).body.url;
    assert.equal(await (await fetch(link)).text(), "calls of s1");
  }),
);

test(
  "a task that was submitted before its input was exported still finds the bytes",
  withWorld(
    async (world) => {
      const { project, file, send } = await lab(world);
      const tool = (command: string[]) => ({
        cwlVersion: "v1.2",
        class: "CommandLineTool",
        baseCommand: command,
        inputs: { reads: { type: "File?", inputBinding: {} } },
        outputs: {},
      });
      await world.post("ana", `/apps/${project.id}/nap/raw`, tool(["sleep", "1000"]));
      await world.post("ana", `/apps/${project.id}/cat/raw`, tool(["cat"]));
      const start = async (app: string, inputs: object) =>
        (await world.post("ana", "/tasks?action=run", { project: project.id, app: `${project.id}/${app}`, inputs })).body.id;
      const asleep = await start("nap", {});
      const waiting = await start("cat", { reads: { class: "File", path: file.id } });
      await send(file.id, "s1.vcf");
      const later = new Date(Date.now() + 30 * 24 * 3600_000);
      assert.equal(await world.platform.services.fileSweep.removeUnreferenced(later), 0);
      await world.post("ana", `/tasks/${asleep}/actions/abort`);
      assert.equal((await ended(world, "ana", waiting)).status, "COMPLETED");
    },
    { tasksAtOnce: 1 },
  ),
);

test(
  "an object that is there is replaced only when that was said, and what ends a job changes nothing",
  withWorld(async (world) => {
    const { file, send, show } = await lab(world);
    await put(world, { "a.vcf": "somebody's", "s1.vcf": "calls of s1" });
    assert.equal(endOf(await send(file.id, "a.vcf")), 9107);
    assert.equal(endOf(await send(file.id, "s1.vcf")), 9107, "the same bytes are still somebody's");
    assert.equal(endOf(await send(file.id, "a.vcf/below")), 9011);
    assert.equal(endOf(await send(file.id, "../a.vcf")), 9011);
    assert.equal((await show(file.id)).storage.type, "PLATFORM");
    assert.equal(await readFile(join(world.share, "a.vcf"), "utf8"), "somebody's");
    assert.equal(endOf(await send(file.id, "a.vcf", { overwrite: true })), "COMPLETED");
    assert.equal(await readFile(join(world.share, "a.vcf"), "utf8"), "calls of s1");
  }),
);

test(
  "what is wrong with an export is told before it begins",
  withWorld(async (world) => {
    const { volume, project, file } = await lab(world);
    const readOnly = await sharedVolume(world, "ana", "ro", { access_mode: "RO" });
    const theirs = await world.project("ben", "Theirs");
    const hidden = await world.file("ben", theirs.id, "hidden");
    const shared = await world.project("ben", "Shared");
    await world.post("ben", `/projects/${shared.id}/members`, { username: "ana", permissions: { read: true, copy: true } });
    const copyable = await world.file("ben", shared.id, "copyable");
    const folder = (await world.post("ana", "/files", { name: "runs", type: "folder", project: project.id })).body;
    const source = { file: file.id };
    const destination = { volume, location: "x" };
    const cases: [body: object, answer: string][] = [
      [{}, "400 9011"],
      [{ source }, "400 9011"],
      [{ source, destination: { volume } }, "400 9011"],
      [{ source: { file: "none" }, destination }, "404 9009"],
      [{ source: { file: "6601f0a2c4e5b60012aa0001" }, destination }, "404 9009"],
      [{ source: { file: hidden.id }, destination }, "404 9009"],
      [{ source: { file: copyable.id }, destination }, "403 9004"],
      [{ source: { file: folder.id }, destination }, "403 9006"],
      [{ source, destination: { volume: "ana/none", location: "x" } }, "404 9007"],
      [{ source, destination: { volume: readOnly, location: "x" } }, "403 9101"],
      [{ source, destination: { volume, location: "x/" } }, "400 9072"],
      [{ source, destination: { volume, location: "/" } }, "400 9011"],
      [{ source, destination: { volume, location: "" } }, "400 9011"],
      [{ source, destination, properties: { sse_algorithm: "rot13" } }, "400 9023"],
      [{ source, destination, properties: { aws_canned_acl: "mine" } }, "400 9022"],
      [{ source, destination, properties: { aws_storage_class: "COLD" } }, "400 9024"],
    ];
    for (const [body, expected] of cases) {
      const answer = await world.post("ana", "/storage/exports", body);
      assert.equal(`${answer.status} ${answer.body.code}`, expected, JSON.stringify(body));
    }
    const allowed = await world.post("ana", "/storage/exports?copy_only=true", { source: { file: copyable.id }, destination });
    assert.equal(allowed.status, 200);
    assert.equal((await world.get("ana", "/storage/exports/none")).body.code, 9008);
    assert.equal((await world.get("ana", "/storage/exports?started_to=never")).body.code, 9021);
  }),
);

test(
  "many are started and asked for with one call, each with its own answer",
  withWorld(async (world) => {
    const { volume, file, project } = await lab(world);
    const other = await world.file("ana", project.id, "b.vcf", "b");
    const items = [
      { source: { file: file.id }, destination: { volume, location: "one" }, properties: {} },
      { source: { file: "none" }, destination: { volume, location: "x" } },
      "nonsense",
      { source: { file: other.id }, destination: { volume, location: "two" }, properties: { sse_algorithm: null } },
    ];
    const { status, body } = await world.post("ana", "/bulk/storage/exports/create?copy_only=False", { items });
    assert.equal(status, 200);
    assert.deepEqual(
      body.items.map((item: { resource?: object; error?: { code: number } }) => [Object.keys(item).join(), item.error?.code]),
      [
        ["resource", undefined],
        ["error", 9009],
        ["error", 9011],
        ["resource", undefined],
      ],
    );
    const ids = [body.items[0].resource.id, "none", body.items[3].resource.id];
    for (;;) {
      const { body: seen } = await world.post("ana", "/bulk/storage/exports/get", { export_ids: ids });
      assert.equal(seen.items[1].error.code, 9008);
      if ([0, 2].every((at) => seen.items[at].resource.state === "COMPLETED")) break;
    }
    const got = await world.post("ben", "/bulk/storage/exports/get", { export_ids: ids });
    assert.deepEqual(
      got.body.items.map((item: { error: { code: number } }) => item.error.code),
      [9005, 9008, 9005],
    );
    const bring = (location: string) => ({ source: { volume, location }, destination: { project: project.id, name: location } });
    const { body: imports } = await world.post("ana", "/bulk/storage/imports/create", {
      items: [bring("one"), {}, bring("two")],
    });
    assert.equal(imports.items[1].error.code, 9011);
    const import_ids = [imports.items[0].resource.id, imports.items[2].resource.id];
    for (;;) {
      const { body: seen } = await world.post("ana", "/bulk/storage/imports/get", { import_ids });
      if (seen.items.every((item: { resource: { state: string } }) => item.resource.state === "COMPLETED")) break;
    }
    for (const bad of [{}, { items: [] }, { items: Array(101).fill(bring("one")) }, []])
      assert.equal((await world.post("ana", "/bulk/storage/imports/create", bad)).body.code, 9011);
  }),
);

test(
  "a bucket gets the properties of the volume and of the job; what it stores otherwise than it was sent makes no alias",
  withWorld(
    async (world) => {
      const bucket = await startSmallS3();
      try {
        const { file, show } = await lab(world, randomBytes(100_000));
        const service = {
          type: "S3",
          bucket: "lab",
          endpoint: bucket.endpoint,
          credentials: KEYS,
          properties: { sse_algorithm: "AES256", aws_storage_class: "STANDARD" },
        };
        const { body: made } = await world.post("ana", "/storage/volumes", { name: "s3", service });
        const send = (location: string, more: object = {}) =>
          ranTo(world, "ana", "exports", { source: { file: file.id }, destination: { volume: made.id, location }, ...more });
        bucket.damages = true;
        const damaged = await send("damaged");
        assert.equal(endOf(damaged), 9100, JSON.stringify(damaged));
        assert.equal((await show(file.id)).storage.type, "PLATFORM");
        bucket.damages = false;
        bucket.refusals = { write: [403, "AccessDenied"] };
        assert.equal(endOf(await send("forbidden")), 9206);
        bucket.refusals = { all: [503, "SlowDown"] };
        assert.equal(endOf(await send("slow")), 9100);
        bucket.refusals = {};
        bucket.seen.length = 0;
        const done = await send("good", { properties: { sse_algorithm: null, aws_canned_acl: "private", other: 1 } });
        assert.deepEqual(done.properties, { sse_algorithm: null, aws_canned_acl: "private", aws_storage_class: "STANDARD" });
        assert.equal(done.state, "COMPLETED");
        const { headers } = bucket.seen.find(({ line }) => line.startsWith("PUT /lab/good"))!;
        assert.deepEqual(
          [headers["x-amz-acl"], headers["x-amz-storage-class"], headers["x-amz-server-side-encryption"]],
          ["private", "STANDARD", undefined],
        );
        assert.ok(!bucket.objects.has("damaged"), "what is damaged does not stay");
        assert.equal((await show(file.id)).storage.volume, made.id);
        const { rows } = await sql`select from export_parts`.execute(world.platform.db);
        assert.equal(rows.length, 0);
      } finally {
        await bucket.stop();
      }
    },
    { faultTries: 1 },
  ),
);

import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { type Answer, withWorld } from "../testing/world.ts";
import { lockUpload, lockUploadShared } from "./queries.ts";
import { report, send, start } from "./testing.ts";

const refusal = ({ status, body }: Answer) => [status, body?.code];

test(
  "completing again gives the same file; everything else about a completed upload is gone",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const { path } = await start(world, { name: "a.txt", project: project.id, size: 3 });
    const etag = await send(world, path, 1, "abc");
    const complete = () => world.post("ana", `${path}/complete`, { parts: [report(1, etag)] });
    const answers = await Promise.all([complete(), complete(), complete()]);
    for (const { status, body } of answers) assert.deepEqual([status, body], [200, answers[0]!.body]);
    assert.deepEqual((await complete()).body, answers[0]!.body);
    for (const [method, below] of [
      ["GET", ""],
      ["GET", "/part/1"],
      ["DELETE", ""],
    ] as const) {
      assert.deepEqual(refusal(await world.send(method, "ana", path + below)), [404, 8003], method + below);
    }
    assert.deepEqual(refusal(await world.post("ana", `${path}/part`, report(1, etag))), [404, 8003]);
    assert.equal((await world.get("ana", "/upload/multipart")).headers.get("x-total-matching-query"), "0");
  }),
);

test(
  "of uploads that overwrite one name at once each answers the file that it made, and one is left",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const uploads = [];
    for (let number = 0; number < 8; number++) {
      const { path } = await start(world, { name: "a.txt", project: project.id, size: 1 }, "?overwrite=true");
      uploads.push({ path, parts: [report(1, await send(world, path, 1, String(number)))] });
    }
    const answers = await Promise.all(uploads.map(({ path, parts }) => world.post("ana", `${path}/complete`, { parts })));
    assert.ok(answers.every(({ status, body }) => status === 200 && body.name === "a.txt"));
    const { items } = (await world.get("ana", `/files?project=${project.id}`)).body;
    assert.equal(items.length, 1);
    assert.ok(answers.some(({ body }) => body.id === items[0].id));
  }),
);

test(
  "what does not make a whole file is not completed, and the upload stays open",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const { path } = await start(world, { name: "a.txt", project: project.id, size: 6 });
    const complete = (parts?: object[]) => world.post("ana", `${path}/complete`, parts && { parts });
    assert.deepEqual(refusal(await complete()), [409, 8007]);
    const third = report(3, await send(world, path, 3, "ghi"));
    assert.deepEqual(refusal(await complete([third])), [409, 8007]);
    const parts = [report(1, await send(world, path, 1, "abc")), report(2, await send(world, path, 2, "def"))];
    assert.deepEqual(refusal(await complete([...parts, third])), [409, 8007]);
    assert.equal((await complete(parts)).status, 200);

    const undeclared = await start(world, { name: "b.txt", project: project.id });
    assert.deepEqual(refusal(await world.post("ana", `${undeclared.path}/complete`, {})), [409, 8007]);
  }),
);

test(
  "an aborted upload is gone with its parts and their addresses",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const { path } = await start(world, { name: "a.txt", project: project.id });
    const { url } = (await world.get("ana", `${path}/part/1`)).body;
    await send(world, path, 1, "abc");
    assert.equal((await world.send("DELETE", "ana", path, "{}")).status, 204);
    assert.deepEqual(refusal(await world.delete("ana", path)), [404, 8003]);
    const late = await fetch(url, { method: "PUT", body: "abc" });
    assert.deepEqual([late.status, late.headers.get("etag")], [404, null]);
    const left = [];
    for await (const upload of world.platform.store.listUploads()) left.push(upload);
    assert.deepEqual(left, []);
  }),
);

test(
  "while an upload is being completed, no part is given out and it cannot be aborted",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const { path, id } = await start(world, { name: "a.txt", project: project.id });
    const { db } = world.platform;
    await db.transaction().execute(async (tx) => {
      await lockUpload(tx, id);
      assert.deepEqual(refusal(await world.get("ana", `${path}/part/1`)), [409, 8008]);
      assert.deepEqual(refusal(await world.delete("ana", path)), [409, 8009]);
    });
    assert.equal((await world.get("ana", `${path}/part/1`)).status, 200);
  }),
);

test(
  "an upload is aborted although its parts are still being reported",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const { path, id } = await start(world, { name: "a.txt", project: project.id });
    const { db } = world.platform;
    const waiting = sql<{ n: number }>`select count(*)::int as n from pg_locks l join pg_database d on d.oid = l.database
      where d.datname = current_database() and l.locktype = 'advisory' and not l.granted`;
    let answer: Answer | undefined;
    let aborting: Promise<void> | undefined;
    await db.transaction().execute(async (tx) => {
      await lockUploadShared(tx, id);
      aborting = world.delete("ana", path).then((told) => {
        answer = told;
      });
      while (!answer && (await waiting.execute(tx)).rows[0]!.n === 0);
    });
    await aborting;
    assert.equal(answer?.status, 204);
  }),
);

test(
  "a target that is gone, or may not be written any more, is told at the end",
  withWorld(async (world) => {
    const project = await world.project("ana");
    await world.token("ben");
    await world.post("ana", `/projects/${project.id}/members`, { username: "ben", permissions: { write: true } });
    const folder = (await world.post("ana", "/files", { name: "runs", type: "folder", project: project.id })).body;
    const bens = (await world.post("ben", "/upload/multipart", { name: "b", project: project.id, size: 0 })).body.upload_id;
    const toFolder = await start(world, { name: "a", parent: folder.id, size: 0 });
    const toRoot = await start(world, { name: "a", project: project.id, size: 0 });

    const part = (await world.get("ana", `${toFolder.path}/part/1`)).body.url;
    await world.delete("ana", `/files/${folder.id}`);
    for (const path of [toFolder.path, `${toFolder.path}/part/1`]) {
      assert.deepEqual(refusal(await world.get("ana", path)), [404, 8003], path);
    }
    assert.equal((await fetch(part, { method: "PUT", body: "abc" })).status, 404);
    assert.equal((await world.get("ana", "/upload/multipart")).headers.get("x-total-matching-query"), "1");
    assert.deepEqual(refusal(await world.post("ana", `${toFolder.path}/complete`)), [404, 8005]);
    await world.patch("ana", `/projects/${project.id}/members/ben/permissions`, { write: false });
    assert.deepEqual(refusal(await world.post("ben", `/upload/multipart/${bens}/complete`)), [403, 8002]);
    await world.delete("ana", `/projects/${project.id}`);
    assert.deepEqual(refusal(await world.post("ana", `${toRoot.path}/complete`)), [404, 3002]);
  }),
);

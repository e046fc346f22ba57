import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { request } from "node:http";
import { test } from "node:test";
import { sql } from "kysely";
import { openDatabase } from "../db/database.ts";
import { withAlteredSignature } from "../testing/altered-signature.ts";
import { createTestDatabase } from "../testing/database.ts";
import { createWorld, type World, withWorld } from "../testing/world.ts";

async function linkTo(world: World, id: string): Promise<string> {
  const { status, body } = await world.get("ana", `/files/${id}/download_info`);
  assert.deepEqual([status, Object.keys(body)], [200, ["url"]]);
  return body.url;
}

test(
  "a link gives the bytes to anybody, again and again and in parallel, with their true length and uncompressed",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const bytes = randomBytes(3_000_000);
    const file = await world.file("ana", project.id, "naïve run.bam", bytes);
    const url = await linkTo(world, file.id);
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => fetch(url, { headers: { "accept-encoding": "gzip, deflate", "x-sbg-auth-token": "nonsense" } })),
    );
    for (const answer of answers) {
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get("content-length"), String(bytes.length));
      assert.equal(answer.headers.get("content-encoding"), null);
      assert.equal(answer.headers.get("accept-ranges"), "bytes");
      assert.equal(answer.headers.get("content-type"), "application/octet-stream");
      assert.equal(
        answer.headers.get("content-disposition"),
        `attachment; filename="na_ve run.bam"; filename*=UTF-8''na%C3%AFve%20run.bam`,
      );
      assert.deepEqual(Buffer.from(await answer.arrayBuffer()), bytes);
    }
    const head = await fetch(url, { method: "HEAD" });
    assert.deepEqual([head.status, head.headers.get("content-length"), await head.text()], [200, String(bytes.length), ""]);
  }),
);

test(
  "ranges are answered as they are asked for, clamped to the file",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const file = await world.file("ana", project.id, "a.txt", "0123456789");
    const url = await linkTo(world, file.id);
    const ask = async (range: string, method = "GET", more = {}) => {
      const { status, headers, text } = await fetch(url, { method, headers: { range, ...more } }).then(async (answer) => ({
        status: answer.status,
        headers: answer.headers,
        text: await answer.text(),
      }));
      return [status, headers.get("content-range"), headers.get("content-length"), text];
    };
    assert.deepEqual(await ask("bytes=0-5242879"), [206, "bytes 0-9/10", "10", "0123456789"]);
    assert.deepEqual(await ask("bytes=2-4"), [206, "bytes 2-4/10", "3", "234"]);
    assert.deepEqual(await ask("bytes=-2"), [206, "bytes 8-9/10", "2", "89"]);
    assert.deepEqual(await ask("bytes=2-4", "HEAD"), [206, "bytes 2-4/10", "3", ""]);
    assert.deepEqual(await ask("bytes=10-"), [416, "bytes */10", "0", ""]);
    const etag = (await fetch(url)).headers.get("etag")!;
    assert.equal((await ask("bytes=2-4", "GET", { "if-range": etag }))[0], 206);
    assert.equal((await ask("bytes=2-4", "GET", { "if-range": '"another"' }))[0], 200);
  }),
);

test(
  "an empty file has a length, too",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const file = await world.file("ana", project.id, "empty", "");
    const url = await linkTo(world, file.id);
    const answer = await fetch(url);
    assert.deepEqual([answer.status, answer.headers.get("content-length"), await answer.text()], [200, "0", ""]);
    assert.equal((await fetch(url, { headers: { range: "bytes=0-5" } })).status, 416);
  }),
);

test(
  "a forged or expired link is refused, and that of a deleted file finds nothing",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const file = await world.file("ana", project.id, "a.txt");
    const other = await world.file("ana", project.id, "b.txt");
    const url = await linkTo(world, file.id);
    const { links, signed } = world.platform;
    const past = links.beside(signed.sign("GET", `/storage/d/ana/${file.id}`, new Date(Date.now() - 1000)));
    const forPut = links.beside(signed.sign("PUT", `/storage/d/ana/${file.id}`, new Date(Date.now() + 60_000)));
    for (const bad of [
      url.split("?")[0]!,
      url.replace(file.id, other.id),
      withAlteredSignature(url),
      `${url}&exp=9`,
      past,
      forPut,
    ]) {
      assert.equal((await fetch(bad)).status, 403, bad);
    }
    await world.delete("ana", `/files/${file.id}`);
    assert.equal((await fetch(url)).status, 404);
  }),
);

test(
  "a client that reads only the headers and goes away leaves nothing behind",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const file = await world.file("ana", project.id, "big", randomBytes(8_000_000));
    const url = await linkTo(world, file.id);
    for (let time = 0; time < 20; time++) {
      await new Promise<void>((resolve, reject) => {
        const asking = request(url, (response) => {
          response.on("close", resolve);
          response.on("error", () => {});
          response.destroy();
        });
        asking.on("error", reject).end();
      });
    }
    assert.equal((await (await fetch(url)).arrayBuffer()).byteLength, 8_000_000);
  }),
);

test("a platform that stops charges what it has sent of a download until then", async () => {
  const database = await createTestDatabase();
  const world = await createWorld({ databaseUrl: database.url });
  try {
    const project = await world.project("ana");
    const file = await world.file("ana", project.id, "big", randomBytes(8_000_000));
    const url = await linkTo(world, file.id);
    await new Promise((resolve, reject) => {
      request(url, (response) => response.once("data", () => resolve(response.pause())).on("error", () => {}))
        .on("error", reject)
        .end();
    });
    await world.platform.close();

    const { db, close } = openDatabase(database.url, 1);
    const { rows } = await sql<{ bytes: number }>`select bytes from transactions where kind = 'EGRESS'`.execute(db);
    await close();
    assert.equal(rows.length, 1);
    assert.ok(rows[0]!.bytes > 0 && rows[0]!.bytes <= 8_000_000);
  } finally {
    await world.close();
    await database.drop();
  }
});

test(
  "an address works as long as the user who was given it may take the file",
  withWorld(async (world) => {
    const { id: project } = await world.project("ana", "Reef");
    const file = await world.file("ana", project, "reads.txt");
    await world.token("ben");
    const member = `/projects/${project}/members/ben`;
    await world.post("ana", `/projects/${project}/members`, { username: "ben", permissions: { copy: true } });
    const { url } = (await world.get("ben", `/files/${file.id}/download_info`)).body;
    const own = (await world.get("ana", `/files/${file.id}/download_info`)).body.url;
    const code = async (of: string) => {
      const { status, body } = await world.get(null, of);
      return status === 200 ? status : [status, body.code];
    };
    assert.equal(await code(url), 200);
    await world.patch("ana", `${member}/permissions`, { copy: false });
    assert.deepEqual(await code(url), [403, 90002], "no right to copy any more");
    await world.patch("ana", `${member}/permissions`, { copy: true });
    assert.equal(await code(url), 200);
    await world.delete("ana", member);
    assert.deepEqual(await code(url), [403, 90002], "no member any more");
    assert.equal((await world.send("HEAD", null, url)).status, 403);
    assert.equal(await code(own), 200, "the others' addresses go on");
    await world.platform.services.users.change("ana", { isDisabled: true });
    assert.deepEqual(await code(own), [404, 5002], "no user any more");
  }),
);

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { request } from "node:http";
import { test } from "node:test";
import { sql } from "kysely";
import { type Answer, type World, withWorld } from "../testing/world.ts";
import { lockUpload, shareUpload } from "./queries.ts";

const MiB = 1024 * 1024;
const refusal = ({ status, body }: Answer) => [status, body?.code];
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const report = (number: number, etag: unknown) => ({ part_number: number, response: { headers: { ETag: etag } } });

/** Starts an upload of Ana's. */
async function start(world: World, body: object, query = ""): Promise<{ id: string; path: string; body: Answer["body"] }> {
  const started = await world.post("ana", `/upload/multipart${query}`, body);
  assert.equal(started.status, 200, JSON.stringify(started.body));
  return { id: started.body.upload_id, path: `/upload/multipart/${started.body.upload_id}`, body: started.body };
}

/** Sends the bytes of a part to its address and answers the ETag as it came, with its quotes. */
async function send(world: World, path: string, number: number, bytes: string | Uint8Array): Promise<string> {
  const { body } = await world.get("ana", `${path}/part/${number}`);
  const put = await fetch(body.url, { method: "PUT", body: bytes as RequestInit["body"] });
  assert.equal(put.status, 200, await put.text());
  return put.headers.get("etag")!;
}

async function download(world: World, id: string): Promise<Buffer> {
  const { body } = await world.get("ana", `/files/${id}/download_info`);
  return Buffer.from(await (await fetch(body.url)).arrayBuffer());
}

test(
  "a file goes up in parts, out of order and at once, shows when it is complete, and comes down the same",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const folder = (await world.post("ana", "/files", { name: "runs", type: "folder", project: project.id })).body;
    const bytes = randomBytes(12 * MiB + 7);
    const { path, body } = await start(world, { name: "run 12.bam", parent: folder.id, size: bytes.length, part_size: 5 * MiB });
    assert.deepEqual([body.part_size, body.parallel_uploads, body.parent, body.project], [5 * MiB, true, folder.id, project.id]);
    assert.match(body.upload_id, /^[A-Za-z0-9]{64}$/);

    await Promise.all(
      [3, 1, 2].map(async (number) => {
        const etag = await send(world, path, number, bytes.subarray((number - 1) * 5 * MiB, number * 5 * MiB));
        const reported = await world.post("ana", `${path}/part/`, report(number, etag));
        assert.deepEqual(reported.body, report(number, etag.replaceAll('"', "")));
      }),
    );
    assert.deepEqual((await world.get("ana", `/files?parent=${folder.id}`)).body.items, []);

    const done = await world.send("POST", "ana", `${path}/complete`, "null");
    assert.equal(done.status, 200);
    assert.deepEqual([done.body.name, done.body.size, done.body.parent], ["run 12.bam", bytes.length, folder.id]);
    assert.deepEqual([done.body.metadata, done.body.tags, done.body.origin], [{}, [], {}]);
    assert.deepEqual((await world.get("ana", `/files?parent=${folder.id}&fields=_all`)).body.items, [done.body]);
    assert.equal(sha256(await download(world, done.body.id)), sha256(bytes));
  }),
);

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
  "reports come one by one, many at once or at the end, with quotes or without, in any case, and the last one stands",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const { path } = await start(world, { name: "a.txt", project: project.id });
    const etags = [];
    for (const number of [1, 2, 3]) etags.push(await send(world, path, number, `part ${number};`));
    const bare = etags.map((etag) => etag.replaceAll('"', ""));

    const lower = { part_number: 1, response: { headers: { etag: `W/${etags[0]}` }, body: "ignored" } };
    assert.deepEqual((await world.post("ana", `${path}/part`, lower)).body, report(1, bare[0]));
    assert.equal((await world.post("ana", `${path}/part?limit=50&offset=0&fields=_all`, report(1, bare[0]))).status, 200);
    const many = await world.post("ana", path, { parts: [report(2, etags[1])] });
    assert.deepEqual(many.body, { parts: [report(2, bare[1])] });

    const detail = (await world.get("ana", `${path}?list_parts=TRUE&limit=50`)).body;
    assert.equal(detail.uploaded_parts_count, 2);
    assert.deepEqual(detail.parts, [report(1, bare[0]), report(2, bare[1])]);
    assert.ok(!("parts" in (await world.get("ana", path)).body));

    const done = await world.post("ana", `${path}/complete`, { parts: [report(3, etags[2]), report(1, etags[0])] });
    assert.equal((await download(world, done.body.id)).toString(), "part 1;part 2;part 3;");
  }),
);

test(
  "the part sizes that real clients make are all fine: one byte more, an empty last part, one part too many",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const partSize = 5 * MiB;
    const shapes: [string, number[]][] = [
      ["python, one byte over", [partSize, partSize + 1, 0]],
      ["perl, an extra part", [partSize, partSize, 0]],
      ["small parts first", [1, 0, partSize, 3]],
      ["an empty file", [0]],
    ];
    for (const [name, sizes] of shapes) {
      const parts = sizes.map((size) => randomBytes(size));
      const whole = Buffer.concat(parts);
      const { path } = await start(world, { name, project: project.id, size: whole.length, part_size: partSize });
      const reports = await Promise.all(
        parts.map(async (bytes, index) => report(index + 1, await send(world, path, index + 1, bytes))),
      );
      const done = await world.post("ana", `${path}/complete`, { parts: reports });
      assert.equal(done.status, 200, name);
      assert.equal(sha256(await download(world, done.body.id)), sha256(whole), name);
    }
    const { path } = await start(world, { name: "no part at all", project: project.id, size: 0 });
    const done = await world.post("ana", `${path}/complete`, { parts: [] });
    assert.deepEqual([done.status, done.body.size], [200, 0]);
    assert.equal((await download(world, done.body.id)).length, 0);
  }),
);

test(
  "the part size is the one asked for, where it is possible, and 32 MiB or more otherwise",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const cases: [object, number][] = [
      [{ size: 70_000_000 }, 32 * MiB],
      [{ size: 70_000_000, part_size: 5 * MiB }, 5 * MiB],
      [{ size: 70_000_000, part_size: 5 * MiB - 1 }, 32 * MiB],
      [{ size: 70_000_000, part_size: 6 * 1024 * MiB }, 32 * MiB],
      [{ size: 70_000_000, part_size: "many" }, 32 * MiB],
      [{ size: 0 }, 32 * MiB],
      [{}, 32 * MiB],
      [{ size: 5_497_558_138_880 }, 525 * MiB],
      [{ size: 5_497_558_138_880, part_size: 5 * MiB }, 525 * MiB],
    ];
    for (const [index, [body, expected]] of cases.entries()) {
      const { body: upload } = await start(world, { name: `${index}`, project: project.id, ...body });
      assert.equal(upload.part_size, expected, JSON.stringify(body));
    }
    const { status, body } = await world.post("ana", "/upload/multipart", {
      name: "big",
      project: project.id,
      size: 5_497_558_138_881,
    });
    assert.deepEqual([status, body.code], [400, 8013]);
  }),
);

test(
  "a report that names other bytes than those stored last is refused; a part sent again needs a new one",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const { path } = await start(world, { name: "a.txt", project: project.id });
    const first = await send(world, path, 1, "first");
    for (const etag of ["", '""', null, 5, "0123456789abcdef"]) {
      assert.deepEqual(refusal(await world.post("ana", `${path}/part`, report(1, etag))), [400, 8014], String(etag));
    }
    assert.deepEqual(refusal(await world.post("ana", `${path}/part`, report(2, first))), [400, 8014]);
    assert.equal((await world.post("ana", `${path}/part`, report(1, first))).status, 200);
    const second = await send(world, path, 1, "second");
    assert.notEqual(second, first);
    assert.deepEqual(refusal(await world.post("ana", `${path}/complete`)), [409, 8007]);
    assert.deepEqual(refusal(await world.post("ana", `${path}/complete`, { parts: [report(1, first)] })), [400, 8014]);
    const done = await world.post("ana", `${path}/complete`, { parts: [report(1, second)] });
    assert.equal((await download(world, done.body.id)).toString(), "second");
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
  "a taken name is refused at the start and at the end, unless the file there is to be replaced",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const old = await world.file("ana", project.id, "a.txt", "old");
    await world.patch("ana", `/files/${old.id}`, { tags: ["x"], metadata: { k: "v" } });
    await world.post("ana", "/files", { name: "folder", type: "folder", project: project.id });
    const init = (name: string, query = "") =>
      world.post("ana", `/upload/multipart${query}`, { name, project: project.id, size: 3 });
    assert.deepEqual(refusal(await init("a.txt")), [409, 8004]);
    assert.deepEqual(refusal(await init("a.txt", "?overwrite=FALSE")), [409, 8004]);
    assert.deepEqual(refusal(await init("folder", "?overwrite=true")), [409, 8004]);

    const { path } = await start(world, { name: "a.txt", project: project.id, size: 3 }, "?overwrite=True");
    const parts = [report(1, await send(world, path, 1, "new"))];
    assert.equal((await world.get("ana", `/files/${old.id}`)).body.name, "a.txt");
    const done = await world.post("ana", `${path}/complete`, { parts });
    assert.equal(done.status, 200);
    assert.notEqual(done.body.id, old.id);
    assert.deepEqual([done.body.tags, done.body.metadata], [[], {}]);
    assert.deepEqual(refusal(await world.get("ana", `/files/${old.id}`)), [404, 5002]);
    assert.equal((await download(world, done.body.id)).toString(), "new");

    const [one, two] = [
      await start(world, { name: "b.txt", project: project.id }),
      await start(world, { name: "b.txt", project: project.id }),
    ];
    for (const { path } of [one, two]) await world.post("ana", `${path}/part`, report(1, await send(world, path, 1, "abc")));
    const answers = await Promise.all([one, two].map(({ path }) => world.post("ana", `${path}/complete`)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
    const loser = answers[0]!.status === 409 ? one : two;
    assert.equal((await world.get("ana", loser.path)).body.uploaded_parts_count, 1);
  }),
);

test(
  "another user's open upload to a name keeps it, unless one of the two overwrites",
  withWorld(async (world) => {
    const project = await world.project("ana");
    await world.token("ben");
    await world.post("ana", `/projects/${project.id}/members`, { username: "ben", permissions: { write: true } });
    await start(world, { name: "a.txt", project: project.id });
    await start(world, { name: "a.txt", project: project.id });
    const ben = (query = "") => world.post("ben", `/upload/multipart${query}`, { name: "a.txt", project: project.id });
    assert.deepEqual(refusal(await ben()), [409, 8006]);
    assert.equal((await ben("?overwrite=true")).status, 200);
  }),
);

test(
  "an upload is its initiator's alone",
  withWorld(async (world) => {
    const project = await world.project("ana");
    await world.token("ben");
    await world.post("ana", `/projects/${project.id}/members`, { username: "ben", permissions: { admin: true } });
    const { path, body } = await start(world, { name: "a.txt", project: project.id });
    const calls: [string, string, unknown?][] = [
      ["GET", path],
      ["GET", `${path}/part/1`],
      ["POST", path, { parts: [] }],
      ["POST", `${path}/part`, report(1, "x")],
      ["POST", `${path}/complete`],
      ["DELETE", path],
    ];
    for (const [method, path, sent] of calls) {
      assert.deepEqual(refusal(await world.send(method, "ben", path, sent)), [403, 8001], `${method} ${path}`);
    }
    assert.deepEqual((await world.get("ben", "/upload/multipart")).body.items, []);
    const { items } = (await world.get("ana", "/upload/multipart?limit=50&fields=_all")).body;
    assert.deepEqual(
      items.map(({ upload_id }: { upload_id: string }) => upload_id),
      [body.upload_id],
    );
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
      await shareUpload(tx, id);
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

    await world.delete("ana", `/files/${folder.id}`);
    assert.deepEqual(refusal(await world.post("ana", `${toFolder.path}/complete`)), [404, 8005]);
    await world.patch("ana", `/projects/${project.id}/members/ben/permissions`, { write: false });
    assert.deepEqual(refusal(await world.post("ben", `/upload/multipart/${bens}/complete`)), [403, 8002]);
    await world.delete("ana", `/projects/${project.id}`);
    assert.deepEqual(refusal(await world.post("ana", `${toRoot.path}/complete`)), [404, 3002]);
  }),
);

test(
  "a part's address takes bytes from anybody, in any form a client sends them",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const { path } = await start(world, { name: "a.txt", project: project.id });
    const info = (await world.get("ana", `${path}/part/1`)).body;
    assert.deepEqual([info.method, info.headers, info.report], ["PUT", {}, { success_codes: [200], headers: ["ETag"] }]);
    const forms: Record<string, string>[] = [
      {},
      { "content-type": "application/json", "x-sbg-auth-token": "no token" },
      { "content-type": "text/plain" },
      { "transfer-encoding": "chunked" },
      { expect: "100-continue", "content-length": "3" },
    ];
    for (const headers of forms) {
      const { status, etag, body } = await put(info.url, headers, "abc");
      assert.deepEqual([status, body], [200, ""], JSON.stringify(headers));
      assert.match(etag ?? "", /^"[0-9a-f]{32}"$/);
    }
    const browser = await fetch(info.url, { method: "OPTIONS" });
    assert.deepEqual([browser.status, browser.headers.get("access-control-expose-headers")], [204, "ETag"]);
  }),
);

test(
  "a part that is not stored gets no ETag: forged, expired or unknown addresses, and bodies that end early",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const { path, id } = await start(world, { name: "a.txt", project: project.id });
    const { url } = (await world.get("ana", `${path}/part/1`)).body;
    const { links, signed } = world.platform;
    const past = links.beside(signed.sign("PUT", `/storage/u/${id}/1`, new Date(Date.now() - 1000)));
    const unknown = links.beside(signed.sign("PUT", `/storage/u/${"a".repeat(64)}/1`, new Date(Date.now() + 60_000)));
    const cases: [string, number][] = [
      [url.replace("/1?", "/2?"), 403],
      [url.replace(/sig=./, "sig=-"), 403],
      [url.split("?")[0], 403],
      [past, 403],
      [unknown, 404],
    ];
    for (const [address, expected] of cases) {
      const { status, etag } = await put(address, {}, "abc");
      assert.deepEqual([status, etag], [expected, undefined], address);
    }
    const kept = await send(world, path, 1, "the good part");
    await assert.rejects(put(url, { "content-length": "1000" }, "half", { cut: true }));
    assert.equal((await world.post("ana", `${path}/part`, report(1, kept))).status, 200);
    const done = await world.post("ana", `${path}/complete`);
    assert.equal((await download(world, done.body.id)).toString(), "the good part");
  }),
);

test(
  "a part has at most 5 GiB and one byte",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const { path } = await start(world, { name: "a.txt", project: project.id });
    const { url } = (await world.get("ana", `${path}/part/1`)).body;
    const { status, etag } = await put(url, { "content-length": String(5 * 1024 * MiB + 2), expect: "100-continue" }, "", {
      cut: true,
    });
    assert.deepEqual([status, etag], [413, undefined]);
  }),
);

/** A PUT as plain as it gets. With `cut` the connection ends after `bytes`, whatever was announced. */
function put(url: string, headers: Record<string, string>, bytes: string, { cut = false } = {}) {
  return new Promise<{ status: number; etag: string | undefined; body: string }>((resolve, reject) => {
    const sending = request(url, { method: "PUT", headers }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text) => (body += text));
      response.on("end", () => {
        resolve({ status: response.statusCode!, etag: response.headers.etag, body });
        sending.destroy();
      });
    });
    sending.on("error", reject);
    if (!cut) return void sending.end(bytes);
    if (headers.expect) return sending.flushHeaders();
    sending.write(bytes, () => sending.destroy());
  });
}

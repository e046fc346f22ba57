import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { type Answer, withWorld } from "../testing/world.ts";
import { download, report, send, start } from "./testing.ts";

const MiB = 1024 * 1024;
const refusal = ({ status, body }: Answer) => [status, body?.code];
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

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

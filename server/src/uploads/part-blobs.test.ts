import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { type Answer, type World, withWorld } from "../testing/world.ts";
import { download, report, send, start } from "./testing.ts";

const refusal = ({ status, body }: Answer) => [status, body?.code];

/** How many blobs lie in the store; nothing else may lie there. */
async function blobs({ directory }: World): Promise<number> {
  const below = await readdir(join(directory, "files"), { recursive: true, withFileTypes: true });
  const files = below.filter((entry) => entry.isFile());
  assert.ok(files.every(({ parentPath }) => parentPath.includes("/blobs/")));
  return files.length;
}

test(
  "a file that fits into one part is written once, and its part is its bytes",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const { path } = await start(world, { name: "a.txt", project: project.id, size: 6 });
    assert.deepEqual(await readdir(join(world.directory, "files", "uploads")), []);
    await send(world, path, 1, "older!");
    const etag = await send(world, path, 1, "newer!");
    assert.equal(await blobs(world), 1);
    assert.equal((await world.get("ana", path)).body.uploaded_parts_count, 0);
    await world.post("ana", `${path}/part`, report(1, etag));
    assert.equal((await world.get("ana", path)).body.uploaded_parts_count, 1);
    const done = await world.post("ana", `${path}/complete`);
    assert.equal((await download(world, done.body.id)).toString(), "newer!");
    assert.equal(await blobs(world), 1);
    const [blob] = await world.platform.db.selectFrom("blobs").selectAll().execute();
    assert.match(blob!.sha256!, /^[0-9a-f]{64}$/);
  }),
);

test(
  "the start of a small upload tells where its bytes go, so that nobody has to ask",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const begun = await world.post("ana", "/upload/multipart", { name: "a.txt", project: project.id, size: 3 });
    const address = /^<(.+)>; rel="item"; title="part 1"$/.exec(begun.headers.get("link") ?? "")?.[1];
    const put = await fetch(address!, { method: "PUT", body: "abc" });
    const parts = [report(1, put.headers.get("etag"))];
    const done = await world.post("ana", `/upload/multipart/${begun.body.upload_id}/complete`, { parts });
    assert.equal((await download(world, done.body.id)).toString(), "abc");
    const large = await world.post("ana", "/upload/multipart", { name: "b.bin", project: project.id, size: 2 ** 30 });
    assert.equal(large.headers.get("link"), null);
  }),
);

test(
  "a file that was announced to fit into one part may come in several, with empty ones anywhere",
  withWorld(async (world) => {
    const project = await world.project("ana");
    for (const bodies of [
      ["abc", "def"],
      ["", "abcdef"],
      ["abcdef", ""],
      ["", "ab", "", "cdef", ""],
    ]) {
      const { path } = await start(world, { name: `${bodies.join("-")}.txt`, project: project.id, size: 6 });
      const before = await blobs(world);
      const parts = await Promise.all(
        bodies.map(async (bytes, index) => report(index + 1, await send(world, path, index + 1, bytes))),
      );
      const done = await world.post("ana", `${path}/complete`, { parts });
      assert.equal(done.status, 200, JSON.stringify(done.body));
      assert.equal((await download(world, done.body.id)).toString(), "abcdef");
      assert.equal(await blobs(world), before + 1, "the parts themselves are gone");
    }
    const { path } = await start(world, { name: "empty.txt", project: project.id, size: 0 });
    const done = await world.post("ana", `${path}/complete`);
    assert.deepEqual([done.status, done.body.size], [200, 0]);
  }),
);

test(
  "what does not make the announced file is refused, and the upload stays open",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const { path } = await start(world, { name: "a.txt", project: project.id, size: 3 });
    const complete = (parts?: object[]) => world.post("ana", `${path}/complete`, parts && { parts });
    assert.deepEqual(refusal(await complete()), [409, 8007]);
    const long = await send(world, path, 1, "longer than was announced");
    assert.deepEqual(refusal(await complete([report(1, long)])), [409, 8007]);
    assert.equal((await world.post("ana", `${path}/part`, report(1, long))).status, 200);
    const right = await send(world, path, 1, "abc");
    assert.deepEqual(refusal(await complete()), [409, 8007], "the part was sent again after its report");
    assert.deepEqual(refusal(await complete([report(1, long)])), [400, 8014]);
    assert.deepEqual(refusal(await complete([report(2, right)])), [400, 8014]);
    assert.equal((await complete([report(1, right)])).status, 200);
    assert.deepEqual(refusal(await world.get("ana", path)), [404, 8003]);
  }),
);

test(
  "uploads that are completed at one moment are each answered for themselves",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const other = (await world.post("ana", "/files", { name: "runs", type: "folder", project: project.id })).body;
    const gone = (await world.post("ana", "/files", { name: "gone", type: "folder", project: project.id })).body;
    const ready = async (place: object, name: string) => {
      const { path } = await start(world, { ...place, name, size: 1 });
      return { path, parts: [report(1, await send(world, path, 1, name.slice(-1)))] };
    };
    const fine = await Promise.all(
      Array.from({ length: 20 }, (_, n) => ready({ parent: n % 2 ? other.id : project.root_folder }, `f${n}`)),
    );
    const same = await Promise.all(
      Array.from({ length: 5 }, (_, n) => ready({ project: project.id }, `same ${n}`.replace(/ \d/, ""))),
    );
    const lost = await ready({ parent: gone.id }, "lost");
    const short = { ...(await ready({ project: project.id }, "short")), parts: [] };
    await world.delete("ana", `/files/${gone.id}`);

    const complete = ({ path, parts }: { path: string; parts: object[] }) => world.post("ana", `${path}/complete`, { parts });
    const answers = await Promise.all([...fine, ...same, lost, short, fine[0]!].map(complete));
    for (const [n, { status, body }] of answers.slice(0, 20).entries()) assert.deepEqual([status, body.name], [200, `f${n}`]);
    const ofSame = answers.slice(20, 25).map(refusal);
    assert.equal(ofSame.filter(([status]) => status === 200).length, 1);
    assert.ok(ofSame.every(([status, code]) => status === 200 || code === 8004));
    assert.deepEqual(answers.slice(25, 27).map(refusal), [
      [404, 8005],
      [409, 8007],
    ]);
    assert.equal(answers[27]!.body.id, answers[0]!.body.id, "completing twice gives the same file");
    const list = await world.get("ana", `/files?project=${project.id}&limit=1`);
    assert.equal(list.headers.get("x-total-matching-query"), String(10 + 1 + 1));
  }),
);

test(
  "an aborted or idle upload leaves nothing on the disk, and a part that comes late is refused",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const { path } = await start(world, { name: "a.txt", project: project.id, size: 3 });
    await send(world, path, 1, "abc");
    const { url } = (await world.get("ana", `${path}/part/1`)).body;
    assert.equal((await world.delete("ana", path)).status, 204);
    const late = await fetch(url, { method: "PUT", body: "abc" });
    assert.deepEqual([late.status, late.headers.get("etag")], [404, null]);

    const idle = await start(world, { name: "b.txt", project: project.id, size: 3 });
    await send(world, idle.path, 1, "abc");
    await world.platform.services.fileSweep.removeStrays(new Date(Date.now() + 3 * 24 * 60 * 60 * 1000));
    assert.equal(await blobs(world), 1, "a part of an upload that goes on is kept");
    await world.platform.services.uploadSweep.dropIdle(new Date(Date.now() + 8 * 24 * 60 * 60 * 1000));
    assert.equal(await blobs(world), 0);
  }),
);

test(
  "aborting while parts are sent and completed leaves a whole file or nothing",
  withWorld(async (world) => {
    const project = await world.project("ana");
    for (let round = 0; round < 12; round++) {
      const { path } = await start(world, { name: `r${round}`, project: project.id, size: 3 });
      const parts = [report(1, await send(world, path, 1, "abc"))];
      const { url } = (await world.get("ana", `${path}/part/1`)).body;
      const [put, done, aborted] = await Promise.all([
        fetch(url, { method: "PUT", body: "xyz" }),
        world.post("ana", `${path}/complete`, { parts }),
        world.delete("ana", path),
      ]);
      assert.ok([200, 404].includes(put.status), `PUT answered ${put.status}`);
      assert.ok([200, 400, 404, 409].includes(done.status), JSON.stringify(done.body));
      assert.ok([204, 404].includes(aborted.status), JSON.stringify(aborted.body));
      if (done.status === 200) assert.equal((await download(world, done.body.id)).toString(), "abc");
    }
  }),
);

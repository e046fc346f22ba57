import assert from "node:assert/strict";
import { test } from "node:test";
import { type World, withWorld } from "../testing/world.ts";

const NOBODYS = "0a1b2c3d-0000-4000-8000-000000000000";

/** A file of Ana's that Ben may read. */
async function reef(world: World) {
  const project = await world.project("ana");
  const file = await world.file("ana", project.id, "a.bam");
  await world.token("ben");
  await world.post("ana", `/projects/${project.id}/members`, { username: "ben", permissions: { read: true } });
  const given = { file: file.id, name: "TP53", chromosome: "chr17", position: { start: 7_661_779, end: 7_687_550 } };
  const mark = (user: string, more: object = {}) => world.post(user, "/genome/markers", { ...given, ...more });
  const list = async (user: string) => {
    const { headers, body } = await world.get(user, `/genome/markers?file=${file.id}&fields=_all`);
    assert.equal(headers.get("x-total-matching-query"), String(body.items.length));
    return body.items;
  };
  return { project, file, given, mark, list };
}

test(
  "a marker is made, listed, changed and deleted",
  withWorld(async (world) => {
    const { given, mark, list } = await reef(world);
    const { status, body: marker } = await mark("ana");
    assert.equal(status, 200);
    const { href, id, created_time, ...rest } = marker;
    assert.equal(href, `${world.url}/genome/markers/${id}`);
    assert.deepEqual(rest, { ...given, created_by: "ana", private: true });
    assert.deepEqual((await world.get("ana", href)).body, marker);
    assert.deepEqual(await list("ana"), [marker]);
    const changed = await world.patch("ana", href, { name: "BRCA1", position: { start: 1, end: 1 } });
    assert.deepEqual(changed.body, { ...marker, name: "BRCA1", position: { start: 1, end: 1 } });
    const moved = async (position: object) => (await world.patch("ana", href, { position })).body;
    assert.deepEqual((await moved({ end: 9 })).position, { start: 1, end: 9 });
    assert.deepEqual((await moved({ start: 5 })).position, { start: 5, end: 9 });
    assert.deepEqual((await moved({})).position, { start: 5, end: 9 });
    assert.equal((await moved({ end: 4 })).code, 90000, "not before the start that stays");
    assert.deepEqual((await moved({ start: 1, end: 1 })).position, { start: 1, end: 1 });
    assert.deepEqual((await world.patch("ana", href, {})).body, changed.body);
    assert.equal((await world.delete("ana", href)).status, 204);
    assert.deepEqual([(await world.get("ana", href)).body.code, (await world.delete("ana", href)).body.code], [90003, 90003]);
    assert.deepEqual(await list("ana"), []);
    assert.equal(created_time.length, 20);
  }),
);

test(
  "a private marker is its creator's alone; shared ones are seen by readers and changed by writers",
  withWorld(async (world) => {
    const { mark, list, project, file } = await reef(world);
    const own = (await mark("ben")).body;
    const shared = (await mark("ana", { private: false })).body;
    assert.deepEqual(await list("ana"), [shared]);
    assert.deepEqual(await list("ben"), [shared, own]);
    assert.equal((await world.get("ana", own.href)).body.code, 90003);
    assert.equal((await world.delete("ana", own.href)).body.code, 90003);
    assert.equal((await mark("ben", { private: false })).body.code, 5001);
    assert.equal((await world.patch("ben", own.href, { private: false })).body.code, 5001);
    assert.equal((await world.patch("ben", shared.href, { name: "x" })).body.code, 5001);
    assert.equal((await world.delete("ben", shared.href)).body.code, 5001);
    await world.patch("ana", `/projects/${project.id}/members/ben/permissions`, { write: true });
    assert.equal((await world.patch("ben", shared.href, { name: "x" })).body.name, "x");
    assert.equal((await world.patch("ben", shared.href, { private: true })).body.code, 5001);
    await world.delete("ana", `/files/${file.id}`);
    assert.equal((await world.get("ana", shared.href)).body.code, 90003);
  }),
);

test(
  "bad markers are refused, and nothing is made or changed",
  withWorld(async (world) => {
    const { mark, list } = await reef(world);
    const marker = (await mark("ana")).body;
    const cases: [more: object, code: number][] = [
      [{ file: "6601f0a2c4e5b60012aa0001" }, 5002],
      [{ name: "" }, 90000],
      [{ name: undefined }, 90000],
      [{ chromosome: 17 }, 90000],
      [{ position: undefined }, 90000],
      [{ position: { start: 1 } }, 90000],
      [{ position: { start: 2, end: 1 } }, 90000],
      [{ position: { start: -1, end: 1 } }, 90000],
      [{ position: { start: "1", end: "2" } }, 90000],
      [{ private: "maybe" }, 90000],
      [{ name: "a\0b" }, 90000],
    ];
    for (const [more, code] of cases) assert.equal((await mark("ana", more)).body.code, code, JSON.stringify(more));
    const ofChanges = cases.filter(
      ([more]) => !["file", "name"].some((key) => key in more) && Object.values(more)[0] !== undefined,
    );
    for (const [more] of ofChanges)
      if ("position" in more) Object.assign(more.position as object, { end: (more.position as { end?: unknown }).end ?? 0 });
    for (const [more, code] of ofChanges) {
      assert.equal((await world.patch("ana", marker.href, more)).body.code, code, JSON.stringify(more));
    }
    for (const id of ["x", NOBODYS]) {
      for (const method of ["GET", "PATCH", "DELETE"]) {
        assert.equal(
          (await world.send(method, "ana", `/genome/markers/${id}`, method === "PATCH" ? {} : undefined)).body.code,
          90003,
        );
      }
    }
    assert.equal((await world.get("ana", "/genome/markers")).body.code, 90000);
    assert.equal((await world.get("ana", "/genome/markers?file=x")).body.code, 5002);
    assert.deepEqual(await list("ana"), [marker]);
  }),
);

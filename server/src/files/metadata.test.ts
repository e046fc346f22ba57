import assert from "node:assert/strict";
import { test } from "node:test";
import { type World, withWorld } from "../testing/world.ts";

async function fileOf(world: World) {
  const project = await world.project("ana");
  const file = await world.file("ana", project.id, "a.bam");
  return { file, path: `/files/${file.id}/metadata`, tags: `/files/${file.id}/tags` };
}

test(
  "patching sets what is given and removes what is null; both calls answer the whole map",
  withWorld(async (world) => {
    const { path, file } = await fileOf(world);
    assert.deepEqual((await world.get("ana", path)).body, {});
    assert.deepEqual((await world.patch("ana", path, { sample_id: "S1", lane: 3 })).body, { sample_id: "S1", lane: "3" });
    assert.deepEqual((await world.patch("ana", path, { lane: null, none: null, Lane: "4" })).body, {
      sample_id: "S1",
      Lane: "4",
    });
    const replaced = await world.put("ana", path, { only: "this", gone: null });
    assert.deepEqual(replaced.body, { only: "this" });
    assert.equal(replaced.headers.get("x-total-matching-query"), null);
    assert.deepEqual((await world.get("ana", path)).body, { only: "this" });
    assert.deepEqual((await world.get("ana", `/files/${file.id}`)).body.metadata, { only: "this" });
    assert.deepEqual((await world.send("PUT", "ana", path)).body, {});
  }),
);

test(
  "a number counts as the text that it was, digit for digit",
  withWorld(async (world) => {
    const { path, tags, file } = await fileOf(world);
    const given = '{"barcode":12345678901234567890,"depth":1.50,"huge":1e400,"lane":3,"__proto__":0.0}';
    const texts = JSON.parse(
      '{"barcode":"12345678901234567890","depth":"1.50","huge":"1e400","lane":"3","__proto__":"0.0"}',
    ) as object;
    assert.deepEqual((await world.put("ana", path, given)).body, texts);
    assert.deepEqual((await world.get("ana", path)).body, texts);
    const patched = await world.patch("ana", `/files/${file.id}`, '{"metadata":{"barcode":12345678901234567891}}');
    assert.deepEqual(patched.body.metadata, { barcode: "12345678901234567891" });
    const item = `{"items":[{"id":"${file.id}","metadata":{"barcode":98765432109876543210}}]}`;
    const edited = await world.post("ana", "/bulk/files/edit", item);
    assert.equal(edited.body.items[0].resource.metadata.barcode, "98765432109876543210");
    assert.deepEqual((await world.put("ana", tags, "[1.50,7]")).body, ["1.50", "7"]);
  }),
);

test(
  "`fields` picks keys, dots and all",
  withWorld(async (world) => {
    const { path } = await fileOf(world);
    await world.put("ana", path, { "a.b": "1", a: "2", c: "3" });
    assert.deepEqual((await world.get("ana", `${path}?fields=a.b,c`)).body, { "a.b": "1", c: "3" });
    assert.deepEqual((await world.get("ana", `${path}?fields=_all&limit=50&offset=0`)).body, { "a.b": "1", a: "2", c: "3" });
  }),
);

test(
  "two who change different keys at once both succeed",
  withWorld(async (world) => {
    const { path } = await fileOf(world);
    const keys = Array.from({ length: 10 }, (_, index) => `key ${index}`);
    await Promise.all(keys.map((key) => world.patch("ana", path, { [key]: "x" })));
    assert.deepEqual(Object.keys((await world.get("ana", path)).body).sort(), keys);
  }),
);

test(
  "metadata keeps to its limits, in bytes",
  withWorld(async (world) => {
    const { path } = await fileOf(world);
    const pairs = (count: number, from = 0) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${from + index}`, "v"]));
    assert.equal((await world.put("ana", path, { ["k".repeat(100)]: "v".repeat(300), __proto: "x" })).status, 200);
    const before = (await world.put("ana", path, pairs(999))).body;
    const refused: [unknown, number][] = [
      [pairs(2, 2000), 5006],
      [{ ["k".repeat(101)]: "v" }, 5006],
      [{ ["é".repeat(51)]: "v" }, 5006],
      [{ k: "v".repeat(301) }, 5006],
      [{ k: "é".repeat(151) }, 5006],
      [{ "": "v" }, 5035],
      [{ k: ["v"] }, 5006],
      [{ k: { v: 1 } }, 5006],
      [{ k: "a\0b" }, 5006],
      ['{"k":"\\ud83e"}', 5006],
      [["k"], 5006],
      ['"k"', 5006],
    ];
    for (const [body, code] of refused) {
      const answer = await world.patch("ana", path, body);
      assert.deepEqual([answer.status, answer.body.code], [400, code], JSON.stringify(body));
    }
    assert.deepEqual((await world.get("ana", path)).body, before);
    assert.equal((await world.patch("ana", path, { ...pairs(1, 3000), none: null, k0: null })).status, 200);
  }),
);

test(
  "a key may be called like anything, `__proto__` too",
  withWorld(async (world) => {
    const { path } = await fileOf(world);
    const answer = await world.put("ana", path, '{"__proto__":"x","constructor":"y"}');
    assert.deepEqual(Object.entries(answer.body).sort(), [
      ["__proto__", "x"],
      ["constructor", "y"],
    ]);
    assert.equal(Object.keys((await world.get("ana", path)).body).length, 2);
  }),
);

test(
  "while metadata is closed, only its calls are",
  withWorld(async (world) => {
    const { path, file } = await fileOf(world);
    await world.platform.services.maintenance.close("metadata");
    for (const method of ["GET", "PUT", "PATCH"]) {
      const { status, body } = await world.send(method, "ana", path, method === "GET" ? undefined : { k: "v" });
      assert.deepEqual([status, body.code], [503, 5010]);
      // Before anybody looks at what the call is about: as of every closed service.
      for (const [user, of, sent] of [
        ["ana", "000000000000000000000000", { k: "v" }],
        ["ben", file.id, { k: "v" }],
        ["ana", file.id, "{"],
        ["ana", file.id, ["k"]],
      ] as const) {
        const answer = await world.send(method, user, `/files/${of}/metadata`, method === "GET" ? undefined : sent);
        assert.deepEqual([answer.status, answer.body.code], [503, 5010], `${method} by ${user}: ${JSON.stringify(sent)}`);
      }
    }
    const change = { metadata: { "": "v" }, name: "/" };
    assert.equal((await world.patch("ana", `/files/${file.id}`, change)).body.code, 5010);
    assert.equal((await world.patch("ana", `/files/${file.id}`, { name: "still.txt" })).status, 200);
    assert.equal((await world.get("ana", `/files/${file.id}`)).status, 200);
    await world.platform.services.maintenance.open("metadata");
    assert.deepEqual((await world.get("ana", path)).body, {});
  }),
);

test(
  "tags are replaced as a whole, in whatever form clients send the list",
  withWorld(async (world) => {
    const { tags } = await fileOf(world);
    const forms: [unknown, string[]][] = [
      [
        ["b", "a", "b", "", 5],
        ["b", "a", "5"],
      ],
      [{ tags: ["x"] }, ["x"]],
      [{}, []],
      ["one".repeat(85), ["one".repeat(85)]],
      [["with, comma"], ["with, comma"]],
    ];
    for (const [body, expected] of forms) {
      const sent = typeof body === "string" ? JSON.stringify(body) : body;
      assert.deepEqual((await world.put("ana", tags, sent)).body, expected);
      assert.deepEqual((await world.get("ana", tags)).body, expected);
    }
    const refused = [["x".repeat(256)], Array.from({ length: 1001 }, (_, index) => `t${index}`), [["x"]], "null", "5"];
    for (const body of refused) {
      assert.equal((await world.put("ana", tags, body)).body.code, 90000, JSON.stringify(body).slice(0, 50));
    }
    assert.deepEqual((await world.get("ana", tags)).body, ["with, comma"]);
  }),
);

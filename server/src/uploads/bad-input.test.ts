import assert from "node:assert/strict";
import { test } from "node:test";
import { type World, withWorld } from "../testing/world.ts";

type Case = [why: string, method: string, path: string, body: unknown, code: number];

async function refuseAll(world: World, cases: readonly Case[], look: () => Promise<unknown>): Promise<void> {
  const before = await look();
  for (const [why, method, path, body, code] of cases) {
    const answer = await world.send(method, "ana", path, body);
    assert.equal(answer.body?.code, code, `${why}: ${method} ${path} answered ${answer.status} ${JSON.stringify(answer.body)}`);
    assert.ok(answer.status < 500, why);
  }
  assert.deepEqual(await look(), before);
}

test(
  "bad starts are refused by their own codes, and open nothing",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const file = await world.file("ana", project.id, "a.bam");
    const good = { name: "new", project: project.id };
    const cases: [why: string, body: unknown, code: number][] = [
      ["no name", { ...good, name: undefined }, 8013],
      ["name null", { ...good, name: null }, 8013],
      ["name empty", { ...good, name: "" }, 8013],
      ["name a number", { ...good, name: 5 }, 8013],
      ["name with a slash", { ...good, name: "a/b" }, 8013],
      ["name too long", { ...good, name: "x".repeat(256) }, 8013],
      ["name with a NUL", { ...good, name: "a\0" }, 8013],
      ["name a dot directory", { ...good, name: "." }, 8013],
      ["size negative", { ...good, size: -1 }, 8013],
      ["size a fraction", { ...good, size: 1.5 }, 8013],
      ["size a text", { ...good, size: "5" }, 8013],
      ["size over 5 TiB", { ...good, size: 5_497_558_138_881 }, 8013],
      ["md5 malformed", { ...good, md5: "abc" }, 8013],
      ["no place", { name: "new" }, 8013],
      ["two places", { ...good, parent: project.root_folder }, 8013],
      ["project malformed", { ...good, project: "reef" }, 8010],
      ["project unknown", { ...good, project: "ana/none" }, 3002],
      ["project with a NUL", { ...good, project: "ana/\0" }, 90000],
      ["parent unknown", { name: "new", parent: "6601f0a2c4e5b60012aa0001" }, 8005],
      ["parent no id", { name: "new", parent: "x" }, 8005],
      ["parent a file", { name: "new", parent: file.id }, 5022],
      ["a list", [good], 8013],
      ["null", "null", 8013],
      ["nothing", undefined, 8013],
      ["broken JSON", "{", 90009],
    ];
    const look = async () => (await world.get("ana", "/upload/multipart")).body;
    await refuseAll(
      world,
      cases.map(([why, body, code]) => [why, "POST", "/upload/multipart", body, code]),
      look,
    );
    const typed = await world.send("POST", "ana", "/upload/multipart", JSON.stringify(good), { "content-type": "text/plain" });
    assert.equal(typed.body.code, 90008);
    assert.equal((await world.post("ana", "/upload/multipart?overwrite=perhaps", good)).body.code, 90000);
    assert.deepEqual((await look()).items, []);
  }),
);

test(
  "bad parts and reports are refused by their own codes, and report nothing",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const { body } = await world.post("ana", "/upload/multipart", { name: "a", project: project.id, size: 3 });
    const path = `/upload/multipart/${body.upload_id}`;
    const { url } = (await world.get("ana", `${path}/part/1`)).body;
    const etag = (await fetch(url, { method: "PUT", body: "abc" })).headers.get("etag");
    const good = { part_number: 1, response: { headers: { ETag: etag } } };
    const reports: [why: string, body: unknown, code: number][] = [
      ["no number", { ...good, part_number: undefined }, 8012],
      ["number a text", { ...good, part_number: "1" }, 8012],
      ["number a fraction", { ...good, part_number: 1.5 }, 8012],
      ["number 0", { ...good, part_number: 0 }, 8012],
      ["number too large", { ...good, part_number: 10_001 }, 8012],
      ["no response", { part_number: 1 }, 8014],
      ["no headers", { part_number: 1, response: {} }, 8014],
      ["headers a list", { part_number: 1, response: { headers: [] } }, 8014],
      ["no ETag", { part_number: 1, response: { headers: {} } }, 8014],
      ["ETag null", { part_number: 1, response: { headers: { ETag: null } } }, 8014],
      ["ETag with a NUL", { part_number: 1, response: { headers: { ETag: "a\0" } } }, 8014],
      ["a part never stored", { ...good, part_number: 2 }, 8014],
      ["a list", [good], 8014],
      ["null", "null", 8014],
      ["nothing", undefined, 8012],
      ["broken JSON", "{", 90009],
    ];
    const lists: [why: string, body: unknown, code: number][] = [
      ["not a list", { parts: good }, 8015],
      ["a list alone", [good], 8015],
      ["a number", "5", 8015],
      ["an element null", { parts: [null] }, 8014],
      ["an element without a number", { parts: [good, { response: good.response }] }, 8012],
      ["an element without ETag", { parts: [good, { part_number: 2, response: { headers: {} } }] }, 8014],
      ["an element never stored", { parts: [good, { ...good, part_number: 2 }] }, 8014],
      ["broken JSON", "{", 90009],
    ];
    const look = async () => (await world.get("ana", `${path}?list_parts=true`)).body;
    await refuseAll(
      world,
      [
        ...reports.map(([why, sent, code]): Case => [why, "POST", `${path}/part`, sent, code]),
        ...lists.map(([why, sent, code]): Case => [why, "POST", path, sent, code]),
        ["no list", "POST", path, {}, 8015],
        ["nothing", "POST", path, undefined, 8015],
        ...lists.map(([why, sent, code]): Case => [why, "POST", `${path}/complete`, sent, code]),
        ...["0", "-1", "10001", "1.5", "x", "%00"].map(
          (number): Case => ["a number", "GET", `${path}/part/${number}`, undefined, 8012],
        ),
        ["list_parts no boolean", "GET", `${path}?list_parts=perhaps`, undefined, 90000],
      ],
      look,
    );
    assert.equal((await look()).uploaded_parts_count, 0);
  }),
);

test(
  "every call on an upload tells an unknown id from an empty one",
  withWorld(async (world) => {
    await world.token("ana");
    const calls: [method: string, below: string][] = [
      ["GET", ""],
      ["GET", "/part/1"],
      ["POST", ""],
      ["POST", "/part"],
      ["POST", "/complete"],
      ["DELETE", ""],
    ];
    const cases = calls.flatMap(([method, below]): Case[] => [
      ["unknown", method, `/upload/multipart/${"a".repeat(64)}${below}`, undefined, 8003],
      ["no id of ours", method, `/upload/multipart/x${below}`, undefined, 8003],
      ["with a NUL", method, `/upload/multipart/%00${below}`, undefined, 90000],
      ["empty", method, `/upload/multipart//${below.slice(1)}`, undefined, 8011],
    ]);
    await refuseAll(world, cases, async () => undefined);
  }),
);

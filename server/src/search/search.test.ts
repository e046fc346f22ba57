import assert from "node:assert/strict";
import { test } from "node:test";
import { type World, withWorld } from "../testing/world.ts";

type Found = { id: string; name: string; [key: string]: unknown };

/** `a.bam` (5 bytes, tagged), `b.bam`, `notes.TXT`, and `runs/deep/c.bam`, made in that order. */
async function reef(world: World) {
  const project = await world.project("ana");
  const a = await world.file("ana", project.id, "a.bam", "12345");
  await world.file("ana", project.id, "b_.bam", "1234567");
  await world.file("ana", project.id, "notes.TXT", "1");
  const folder = async (name: string, parent: string) =>
    (await world.post("ana", "/files", { name, type: "folder", parent })).body.id as string;
  const runs = await folder("runs", project.root_folder);
  const deep = await folder("deep", runs);
  const c = await world.file("ana", deep, "c.bam", "123");
  await world.patch("ana", `/files/${a.id}`, { tags: ["pilot", "x"], metadata: { sample_id: "S1", "my key": "v" } });
  await world.patch("ana", `/files/${c.id}`, { metadata: { sample_id: "S2" } });
  const find = (query: string, url = "", user = "ana") => world.post(user, `/files/search${url}`, { query });
  const names = async (query: string) => {
    const { status, body } = await find(query);
    assert.equal(status, 200, `${query}: ${JSON.stringify(body)}`);
    return body.result_set.map(({ name }: Found) => name);
  };
  return { project, a, c, find, names };
}

test(
  "a search finds what lies in a place, newest first, or with RECURSIVE all below it",
  withWorld(async (world) => {
    const { project, c, find, names } = await reef(world);
    const place = `"${project.id}"`;
    assert.deepEqual(await names(`IN ${place}`), ["runs", "notes.TXT", "b_.bam", "a.bam"]);
    assert.deepEqual(await names(`in ${place} recursive stale`), ["c.bam", "deep", "runs", "notes.TXT", "b_.bam", "a.bam"]);
    assert.deepEqual(await names(`IN "${project.id}/runs" RECURSIVE`), ["c.bam", "deep"]);
    assert.deepEqual(await names(`IN "${project.id}/runs/deep", "${project.id}/runs/" `), ["c.bam", "deep"]);
    assert.deepEqual(await names(`IN "/Project/${project.id.split("/")[1]}/runs"`), ["deep"]);

    const { body, headers } = await find(`IN ${place} WHERE name = "c.bam" RECURSIVE`);
    const [found] = body.result_set;
    const uuid = /^\/Projects\/([0-9a-f-]{36})\/runs\/deep\/$/.exec(found.parent_path)?.[1];
    assert.ok(uuid, found.parent_path);
    assert.deepEqual(await names(`IN "/Projects/${uuid}/runs"`), ["deep"]);
    assert.deepEqual([body.count, body.cont_token, found.id, found.type, found.size], [1, undefined, c.id, "FILE", 3]);
    assert.deepEqual([found.file_extension, found.state, found.locations], ["BAM", "AVAILABLE", '["causeway:local"]']);
    assert.ok(Number.isInteger(found.time_created) && found.time_created <= Date.now());
    assert.equal(headers.get("x-total-matching-query"), null);
    const alias = await world.post("ana", "/search?limit=50&offset=0&fields=_all", {
      query: `IN ${place} WHERE name = "c.bam" RECURSIVE`,
    });
    assert.deepEqual(alias.body, body);
  }),
);

test(
  "conditions compare fields, tags and metadata, and are joined by AND, OR, NOT and parentheses",
  withWorld(async (world) => {
    const { project, a, names } = await reef(world);
    const cases: [condition: string, found: string[]][] = [
      ['type = "FOLDER"', ["runs"]],
      ['type = "file" AND size > 1', ["b_.bam", "a.bam"]],
      ["size >= 5 AND size <= 5", ["a.bam"]],
      ["size != 5", ["runs", "notes.TXT", "b_.bam"]],
      ['name IN ("a.bam", "runs")', ["runs", "a.bam"]],
      ['name NOT IN ("a.bam", "runs")', ["notes.TXT", "b_.bam"]],
      ['name LIKE "%.bam"', ["b_.bam", "a.bam"]],
      ['name LIKE "_.bam"', []],
      ['name LIKE "b_%"', ["b_.bam"]],
      ['name LIKE "%\\\\"', []],
      ['name < "b"', ["a.bam"]],
      ['file_extension = "txt"', ["notes.TXT"]],
      ['tags = "pilot"', ["a.bam"]],
      ['tags != "pilot" AND type = "FILE"', ["notes.TXT", "b_.bam"]],
      ['tags LIKE "pi%"', ["a.bam"]],
      ['metadata.sample_id = "S1"', ["a.bam"]],
      ['sample_id LIKE "S%"', ["a.bam"]],
      ['sample_id IN ("S1", "S2")', ["a.bam"]],
      ['NOT sample_id = "S1"', ["runs", "notes.TXT", "b_.bam"]],
      ['sample_id > "S0" OR name = "runs"', ["runs", "a.bam"]],
      ['"my key" = "v"', ["a.bam"]],
      ['NOT (type = "FOLDER" OR name LIKE "%.bam")', ["notes.TXT"]],
      ['name = "a.bam" OR type = "FOLDER" AND name = "x"', ["a.bam"]],
      ['time_created > "2020-01-01T00:00:00Z" AND time_created < 4102444800000 AND size = 1', ["notes.TXT"]],
      [`id = "${a.id}" AND state = "AVAILABLE" AND download_tag = "YES"`, ["a.bam"]],
      ["name = 'it''s'".replace("''", "\\'"), []],
      ['name = "a\0"', []],
    ];
    for (const [condition, found] of cases) {
      assert.deepEqual(await names(`IN "${project.id}" WHERE ${condition}`), found, condition);
    }
    assert.deepEqual(await names(`bytes AS size IN "${project.id}" WHERE bytes > 1 ORDER BY bytes DESC`), ["b_.bam", "a.bam"]);
    assert.deepEqual(await names(`IN "${project.id}" ORDER BY name LIMIT 2 OFFSET 1`), ["b_.bam", "notes.TXT"]);
  }),
);

test(
  "tokens lead through all that is found, in every order, also when something new comes meanwhile",
  withWorld(async (world) => {
    const { project, find } = await reef(world);
    for (const order of [
      "",
      "ORDER BY name",
      "ORDER BY size DESC",
      "ORDER BY type",
      "ORDER BY time_updated ASC",
      "ORDER BY state",
    ]) {
      const query = `IN "${project.id}" ${order} RECURSIVE LIMIT 4`;
      const all = (await find(query, "?limit=100")).body.result_set;
      const second = (await find(query, "?limit=2")).body.cont_token;
      const seen: Found[] = [];
      let token: string | undefined = "start";
      while (token !== undefined) {
        const { status, body } = await find(query, `?limit=2&cont_token=${token}`);
        assert.equal(status, 200, JSON.stringify(body));
        assert.equal(body.count, body.result_set.length);
        seen.push(...body.result_set);
        token = body.cont_token;
        if (order === "" && seen.length === 2) await world.file("ana", project.id, "late.bam");
      }
      assert.deepEqual(seen, all, order);
      const within = await find(`${query} TOKEN "${second}"`);
      assert.deepEqual(within.body.result_set, all.slice(2, 6));
    }
  }),
);

test(
  "the longest query that is taken can be answered, however many values it compares with",
  withWorld(
    async (world) => {
      const { project, names } = await reef(world);
      const start = `IN "${project.id}" WHERE size IN (`;
      const values = Array(Math.floor((50_000 - start.length - 1) / 2)).fill("5");
      assert.deepEqual(await names(`${start}${values.join()})`), ["a.bam"]);
    },
    { searchCharacters: 50_000 },
  ),
);

test(
  "what is no query is refused, and the place is named; so are places that are not there or not one's own",
  withWorld(async (world) => {
    const { project, find } = await reef(world);
    const place = `IN "${project.id}"`;
    const token = (await find(`${place} LIMIT 1`)).body.cont_token;
    const cases: [query: string, says: RegExp][] = [
      ["", /query/],
      ["  ", /query/],
      ["hello", /character 1: `hello` stands where `IN`/],
      ["IN", /character 3: the query ends where a place in quotes/],
      ["IN reef", /character 4: `reef` stands where a place/],
      ['IN "x', /character 4: a text that does not end/],
      [`${place} WHERE`, /the query ends where the name of a field/],
      [`${place} WHERE name`, /where one of `=`/],
      [`${place} WHERE name = x`, /`x` stands where a value/],
      [`${place} WHERE (name = "x"`, /the query ends where `\)`/],
      [`${place} WHERE name = "x" name`, /where `WHERE`, `ORDER BY`/],
      [`${place} WHERE ${"(".repeat(200)}`, /more than 100/],
      [`${place} WHERE size = "big"`, /should be a number/],
      [`${place} WHERE time_created > "soon"`, /Unix milliseconds/],
      [`${place} WHERE size LIKE "1%"`, /compares texts/],
      [`${place} ORDER BY sample_id`, /by which nothing can be ordered/],
      [`${place} LIMIT 0`, /integer of at least 1/],
      [`${place} LIMIT 1 LIMIT 2`, /a second `LIMIT`/],
      [`${place} ; drop`, /no part of a query/],
      [`IN ${Array(11).fill(`"${project.id}"`).join(", ")}`, /more than 10 places/],
      [`${place} TOKEN "x"`, /token/],
      [`${place} WHERE ${"(".repeat(20_000)}`, /more than the 20,000 characters.*CAUSEWAY_SEARCH_CHARACTERS/],
      [`${place} ORDER BY name TOKEN "${token}"`, /another order/],
    ];
    for (const [query, says] of cases) {
      const { status, body } = await find(query);
      assert.deepEqual([status, body.code], [400, 90000], query);
      assert.match(decodeURIComponent(body.more_info.replaceAll("+", " ")), says, query);
    }
    for (const body of [{}, { query: null }, { query: 1 }, [], null]) {
      assert.equal((await world.post("ana", "/search", JSON.stringify(body))).body.code, 90000);
    }
    for (const url of ["?limit=0", "?limit=x", "?cont_token=%00", "?cont_token=bnVsbA"]) {
      assert.equal((await find(place, url)).body.code, 90000, url);
    }
    const nowhere = [
      "ana/none",
      "reef",
      "/Projects/none",
      `${project.id}/a.bam`,
      `${project.id}/none`,
      "/Datasets/x",
      "",
      "a\0/b",
    ];
    for (const location of nowhere) {
      const { status, body } = await find(`IN "${location}"`);
      assert.deepEqual([status, body.code], [404, 13002], location);
    }
    await world.token("ben");
    const strangers = await find(place, "", "ben");
    assert.deepEqual([strangers.status, strangers.body.code], [403, 13001]);
  }),
);

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Answer, type World, withWorld } from "../../testing/world.ts";

const namesOf = ({ body }: Answer) => body.items.map(({ name }: { name: string }) => name);
const totalOf = ({ headers }: Answer) => headers.get("x-total-matching-query");

/** A folder of Ana's project with three files that differ in tags and metadata, and a folder in it. */
async function reef(world: World) {
  const project = await world.project("ana");
  const [a, b, c] = [
    await world.file("ana", project.id, "a.bam"),
    await world.file("ana", project.id, "b.bam"),
    await world.file("ana", project.id, "c, d.bam"),
  ];
  const folder = (await world.post("ana", "/files", { name: "z", type: "folder", project: project.id })).body;
  await world.patch("ana", `/files/${a.id}`, { tags: ["pilot", "batch 2"], metadata: { sample_id: "S1", "dotted.key": "x" } });
  await world.patch("ana", `/files/${b.id}`, { tags: ["pilot"], metadata: { sample_id: "S2", note: "null" } });
  const list = (query: string) => world.get("ana", `/files?project=${project.id}&${query}`);
  return { project, a, b, c, folder, list };
}

test(
  "a list shows folders first, then names by their bytes, and never descends",
  withWorld(async (world) => {
    const { folder, list, project } = await reef(world);
    await world.file("ana", folder.id, "inside.bam");
    await world.file("ana", project.id, "B.bam");
    await world.file("ana", project.id, "é.bam");
    const listed = await list("");
    assert.deepEqual(namesOf(listed), ["z", "B.bam", "a.bam", "b.bam", "c, d.bam", "é.bam"]);
    assert.equal(totalOf(listed), "6");
    assert.deepEqual(listed.body.links, []);
    assert.deepEqual(namesOf(await world.get("ana", `/files?parent=${folder.id}`)), ["inside.bam"]);
  }),
);

test(
  "an item has six keys unless more are asked for",
  withWorld(async (world) => {
    const { list, a, folder } = await reef(world);
    const [first] = (await list("name=a.bam")).body.items;
    assert.deepEqual(Object.keys(first), ["href", "id", "name", "project", "parent", "type"]);
    assert.deepEqual((await list("fields=id,size&name=a.bam")).body.items, [{ id: a.id, size: a.size }]);
    assert.deepEqual((await list("fields=name,metadata.sample_id&name=a.bam")).body.items, [
      { name: "a.bam", metadata: { sample_id: "S1" } },
    ]);
    const [whole] = (await list("fields=_all,!origin&name=a.bam")).body.items;
    const { origin, ...rest } = (await world.get("ana", `/files/${a.id}`)).body;
    assert.deepEqual(origin, {});
    assert.deepEqual(whole, rest);
    const [shown] = (await list("fields=_all&name=z")).body.items;
    assert.deepEqual(shown, folder);
    assert.ok(!("size" in shown) && !("tags" in shown) && !("metadata" in shown) && !("origin" in shown));
  }),
);

test(
  "filters are exact, alternatives within one, and add up",
  withWorld(async (world) => {
    const { list } = await reef(world);
    const cases: [string, string[]][] = [
      ["name=a.bam&name=b.bam", ["a.bam", "b.bam"]],
      ["name=c,+d.bam", ["c, d.bam"]],
      ["name=z", ["z"]],
      ["name=", []],
      ["name=A.bam", []],
      ["tag=pilot", ["a.bam", "b.bam"]],
      ["tag=batch+2&tag=none", ["a.bam"]],
      ["metadata.sample_id=S1&metadata.sample_id=S2", ["a.bam", "b.bam"]],
      ["metadata.sample_id=S1&tag=pilot&name=a.bam", ["a.bam"]],
      ["metadata.sample_id=S1&name=b.bam", []],
      ["metadata.Sample_id=S1", []],
      ["metadata.dotted.key=x", ["a.bam"]],
      ["metadata.note=null", ["a.bam", "b.bam", "c, d.bam"]],
      ["metadata.sample_id=null", ["c, d.bam"]],
      ["metadata.sample_id=&metadata.sample_id=S2", ["b.bam", "c, d.bam"]],
      ["origin.task=5a2b7c1e-0d3f-4b7a-9a55-0c1d2e3f4a5b", []],
      ["unknown=1&limit=50&offset=0", ["z", "a.bam", "b.bam", "c, d.bam"]],
    ];
    for (const [query, names] of cases) {
      const listed = await list(query);
      assert.deepEqual(namesOf(listed), names, query);
      assert.equal(totalOf(listed), String(names.length), query);
    }
  }),
);

test(
  "pages follow their links to the end, and the links keep the filters",
  withWorld(async (world) => {
    const { list, project } = await reef(world);
    const first = await list("limit=2&tag=pilot&tag=none&fields=name");
    assert.deepEqual(first.body.items, [{ name: "a.bam" }, { name: "b.bam" }]);
    assert.equal(first.body.href, `${world.url}/files?offset=0&limit=2&project=${project.id}&tag=pilot&tag=none&fields=name`);
    const pages = [];
    for (let next = `${world.url}/files?project=${project.id}&limit=3`; next; ) {
      const page = await world.get("ana", next);
      pages.push(namesOf(page));
      assert.equal(totalOf(page), "4");
      next = page.body.links.find(({ rel }: { rel: string }) => rel === "next")?.href;
    }
    assert.deepEqual(pages, [["z", "a.bam", "b.bam"], ["c, d.bam"]]);
    const beyond = await list("offset=100");
    assert.deepEqual([beyond.body.items, totalOf(beyond)], [[], "4"]);
  }),
);

test(
  "the project's own list and a folder's list show the same as the filters of /files",
  withWorld(async (world) => {
    const { project, list, a } = await reef(world);
    const whole = await list("fields=_all");
    const alias = await world.get("ana", `/projects/${project.id}/files?fields=_all`);
    const root = await world.get("ana", `/files/${project.root_folder}/list?fields=_all&limit=100`);
    assert.deepEqual(alias.body.items, whole.body.items);
    assert.deepEqual(root.body.items, whole.body.items);
    assert.equal(totalOf(root), "4");
    assert.match(root.body.href, new RegExp(`/files/${project.root_folder}/list\\?offset=0&limit=100`));
    assert.equal((await world.get("ana", `/files/${a.id}/list`)).body.code, 5022);
  }),
);

test(
  "totals follow every way in and out of a folder",
  withWorld(async (world) => {
    const { project, folder, a, list } = await reef(world);
    const totals = async () => [totalOf(await list("")), totalOf(await world.get("ana", `/files/${folder.id}/list`))];
    assert.deepEqual(await totals(), ["4", "0"]);
    await world.post("ana", `/files/${a.id}/actions/move`, { parent: folder.id });
    assert.deepEqual(await totals(), ["3", "1"]);
    await world.post("ana", `/files/${a.id}/actions/copy`, { project: project.id });
    assert.deepEqual(await totals(), ["4", "1"]);
    await world.patch("ana", `/files/${a.id}`, { name: "renamed.bam" });
    await world.delete("ana", `/files/${a.id}`);
    assert.deepEqual(await totals(), ["4", "0"]);
    await Promise.all(Array.from({ length: 12 }, (_, index) => world.file("ana", folder.id, `${index}.txt`)));
    assert.deepEqual(await totals(), ["4", "12"]);
  }),
);

test(
  "a list without one place, or with a wrong one, is refused",
  withWorld(async (world) => {
    const { project, a, folder } = await reef(world);
    await world.token("ben");
    const cases: [string, string, number, number][] = [
      ["ana", "", 400, 5005],
      ["ana", "?project=ana", 400, 5005],
      ["ana", "?project=", 400, 5005],
      ["ana", `?project=${project.id}&parent=${folder.id}`, 400, 5031],
      ["ana", "?project=ana/none", 404, 3002],
      ["ana", "?parent=6601f0a2c4e5b60012aa0001", 404, 5002],
      ["ana", "?parent=nonsense", 404, 5002],
      ["ana", `?parent=${a.id}`, 400, 5022],
      ["ana", `?project=${project.id}&limit=0`, 400, 90000],
      ["ana", `?project=${project.id}&offset=-1`, 400, 90000],
      ["ana", `?project=${project.id}&origin.moon=1`, 400, 90000],
      ["ana", "?dataset=none", 404, 90003],
      ["ben", `?project=${project.id}`, 403, 3001],
      ["ben", `?parent=${folder.id}`, 403, 5001],
    ];
    for (const [user, query, status, code] of cases) {
      const refused = await world.get(user, `/files${query}`);
      assert.deepEqual([refused.status, refused.body.code], [status, code], query);
      assert.equal(totalOf(refused), null);
    }
  }),
);

test(
  "a list shows any selection of fields, also one that names nothing there is",
  withWorld(async (world) => {
    const project = await world.project("mira");
    await world.file("mira", project.id, "a.txt");
    const items = async (fields: string) => (await world.get("mira", `/files?project=${project.id}&fields=${fields}`)).body.items;
    assert.deepEqual(await items("name"), [{ name: "a.txt" }]);
    assert.deepEqual(await items("project,name"), [{ name: "a.txt", project: project.id }]);
    assert.deepEqual(await items("nothing"), [{}]);
  }),
);

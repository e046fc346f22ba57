import assert from "node:assert/strict";
import { test } from "node:test";
import { type World, withWorld } from "../../testing/world.ts";

/** A project of Ana's with two folders and five files; three are tagged. */
async function reef(world: World) {
  const project = await world.project("ana");
  for (const name of ["runs", "archive"]) await world.post("ana", "/files", { name, type: "folder", project: project.id });
  const files = [];
  for (const name of ["e", "a b", "c", "d", "B"]) files.push(await world.file("ana", project.id, `${name}.bam`));
  for (const { id } of files.slice(0, 3)) await world.patch("ana", `/files/${id}`, { tags: ["pilot"] });
  return { project, files };
}

/** Follows the links to the end; answers the names of all pages. */
async function follow(world: World, first: string): Promise<string[]> {
  const names: string[] = [];
  for (let next: string | undefined = first; next !== undefined; ) {
    const { status, headers, body } = await world.get("ana", next);
    assert.equal(status, 200, JSON.stringify(body));
    assert.match(headers.get("x-total-matching-query") ?? "none", /^\d+$/);
    const again = await world.get("ana", body.href);
    assert.deepEqual(again.body, body);
    names.push(...body.items.map(({ name }: { name: string }) => name));
    assert.ok(body.links.length < 2);
    if (body.links[0]) assert.deepEqual([body.links[0].rel, body.links[0].method], ["next", "GET"]);
    next = body.links[0]?.href;
  }
  return names;
}

test(
  "tokens lead through a folder in the order of lists, whatever the size of a page",
  withWorld(async (world) => {
    const { project } = await reef(world);
    const all = ["archive", "runs", "B.bam", "a b.bam", "c.bam", "d.bam", "e.bam"];
    for (const limit of [1, 2, 3, 7, 100]) {
      assert.deepEqual(await follow(world, `/files/scroll?project=${project.id}&token=init&limit=${limit}`), all);
    }
    assert.deepEqual(await follow(world, `/files/${project.root_folder}/scroll?token=init&limit=3&fields=_all`), all);
    const tagged = `/files/scroll?parent=${project.root_folder}&token=init&limit=2&tag=pilot&tag=other`;
    assert.deepEqual(await follow(world, tagged), ["a b.bam", "c.bam", "e.bam"]);
    const first = await world.get("ana", `${tagged}&fields=_all`);
    assert.equal(first.headers.get("x-total-matching-query"), "3");
    assert.match(first.body.links[0].href, /tag=pilot&tag=other&fields=_all$/);
    const [item] = first.body.items;
    assert.deepEqual(item, (await world.get("ana", item.href)).body);
    assert.deepEqual((await world.get("ana", `${tagged}&fields=metadata.x,name`)).body.items[0], {
      name: "a b.bam",
      metadata: {},
    });
  }),
);

test(
  "what comes and goes between pages neither repeats nor hides anything else",
  withWorld(async (world) => {
    const { project, files } = await reef(world);
    const first = await world.get("ana", `/files/scroll?project=${project.id}&token=init&limit=4`);
    await world.file("ana", project.id, "A.bam");
    await world.delete("ana", `/files/${files[1].id}`);
    assert.deepEqual(await follow(world, first.body.links[0].href), ["c.bam", "d.bam", "e.bam"]);
  }),
);

test(
  "a token that is none, or of another folder, is refused, and so is what does not go with tokens",
  withWorld(async (world) => {
    const { project } = await reef(world);
    const other = await world.project("ana", "Other");
    const of = `/files/scroll?project=${project.id}`;
    const { body } = await world.get("ana", `${of}&token=init&limit=1`);
    const token = new URL(body.links[0].href).searchParams.get("token");
    const cases: [path: string, status: number, code: number][] = [
      [of, 400, 90000],
      [`${of}&token=`, 400, 57000],
      [`${of}&token=%25%25`, 400, 57000],
      [`${of}&token=a`, 400, 57000],
      [`${of}&token=YWJj`, 400, 57001],
      [`${of}&token=W10`, 400, 57001],
      [`/files/scroll?project=${other.id}&token=${token}`, 400, 57001],
      [`/files/${other.root_folder}/scroll?token=${token}`, 400, 57001],
      [`${of}&token=init&offset=0`, 400, 90000],
      [`${of}&token=init&metadata.k=v`, 400, 90000],
      [`${of}&token=init&limit=0`, 400, 90000],
      ["/files/scroll?token=init", 400, 5005],
      [`${of}&token=init&parent=${project.root_folder}`, 400, 5031],
      ["/files/scroll?token=init&project=ana/none", 404, 3002],
      [`/files/6601f0a2c4e5b60012aa0001/scroll?token=init`, 404, 5002],
    ];
    for (const [path, status, code] of cases) {
      const answer = await world.get("ana", path);
      assert.deepEqual([answer.status, answer.body.code], [status, code], path);
    }
  }),
);

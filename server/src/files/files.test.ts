import assert from "node:assert/strict";
import { test } from "node:test";
import { type Answer, type World, withWorld } from "../testing/world.ts";

const refusal = ({ status, body }: Answer) => [status, body?.code];
const NOBODYS = "6601f0a2c4e5b60012aa0001";

async function folderOf(world: World, place: object, name = "runs") {
  const { status, body } = await world.post("ana", "/files", { name, type: "folder", ...place });
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}

test(
  "a new project has a root folder without a parent, and folders nest below it",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const root = await world.get("ana", `/files/${project.root_folder}`);
    assert.equal(root.body.type, "folder");
    assert.ok(!("parent" in root.body));

    const runs = await folderOf(world, { project: project.id });
    assert.equal(runs.parent, project.root_folder);
    const deep = await folderOf(world, { parent: runs.id }, "March");
    assert.deepEqual([deep.parent, deep.project, deep.name], [runs.id, project.id, "March"]);
    assert.deepEqual((await world.get("ana", deep.href)).body, deep);
  }),
);

test(
  "a folder's name is taken by a folder or a file of that name, and free in another case or place",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const runs = await folderOf(world, { project: project.id });
    await world.file("ana", project.id, "a.bam");
    const create = (name: string, place: object = { project: project.id }) =>
      world.post("ana", "/files", { name, type: "FOLDER", ...place });
    assert.deepEqual(refusal(await create("runs")), [409, 5030]);
    assert.deepEqual(refusal(await create("a.bam")), [409, 5003]);
    assert.equal((await create("Runs")).status, 200);
    assert.equal((await create("runs", { parent: runs.id })).status, 200);
  }),
);

test(
  "of many who make the same folder at once, one does",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const make = () => world.post("ana", "/files", { name: "runs", type: "folder", project: project.id });
    const answers = await Promise.all(Array.from({ length: 8 }, make));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409, 409, 409, 409, 409, 409, 409]);
    assert.equal((await world.get("ana", `/files?project=${project.id}`)).headers.get("x-total-matching-query"), "1");
  }),
);

test(
  "a patch renames and replaces metadata and tags, all or nothing",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const file = await world.file("ana", project.id, "a.bam");
    await world.file("ana", project.id, "b.bam");
    const patch = (change: object) => world.patch("ana", `/files/${file.id}`, change);

    const changed = await patch({
      name: "c.bam",
      metadata: { sample_id: "S1", paired_end: 1, sorted: true },
      tags: ["x", "x", "", 7],
    });
    assert.equal(changed.status, 200);
    assert.equal(changed.body.name, "c.bam");
    assert.deepEqual(changed.body.metadata, { sample_id: "S1", paired_end: "1", sorted: "true" });
    assert.deepEqual(changed.body.tags, ["x", "7"]);
    assert.equal(changed.body.id, file.id);

    assert.deepEqual((await patch({ metadata: { other: "1" } })).body.metadata, { other: "1" });
    assert.deepEqual((await patch({})).body.metadata, { other: "1" });
    assert.deepEqual(refusal(await patch({ name: "b.bam", tags: [] })), [409, 5003]);
    assert.deepEqual(refusal(await patch({ name: "d.bam", metadata: { "": "x" } })), [400, 5035]);
    const after = (await world.get("ana", `/files/${file.id}`)).body;
    assert.deepEqual([after.name, after.tags, after.metadata], ["c.bam", ["x", "7"], { other: "1" }]);
  }),
);

test(
  "a folder is neither renamed, described, tagged, copied, moved nor downloaded by these calls",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const folder = await folderOf(world, { project: project.id });
    const path = `/files/${folder.id}`;
    const cases: [Promise<Answer>, number, number][] = [
      [world.patch("ana", path, { name: "x" }), 400, 5023],
      [world.patch("ana", path, { metadata: {} }), 400, 5025],
      [world.patch("ana", path, { tags: [] }), 400, 5027],
      [world.put("ana", `${path}/metadata`, {}), 400, 5025],
      [world.patch("ana", `${path}/metadata`, {}), 400, 5025],
      [world.put("ana", `${path}/tags`, []), 400, 5027],
      [world.post("ana", `${path}/actions/copy`, { project: project.id }), 400, 5018],
      [world.post("ana", `${path}/actions/move`, { parent: project.root_folder }), 400, 5033],
      [world.get("ana", `${path}/download_info`), 400, 5017],
      [world.delete("ana", `/files/${project.root_folder}`), 400, 5033],
    ];
    for (const [answer, ...expected] of cases) assert.deepEqual(refusal(await answer), expected);
    assert.deepEqual((await world.get("ana", path)).body, folder);
    assert.deepEqual((await world.get("ana", `${path}/metadata`)).body, {});
    assert.deepEqual((await world.get("ana", `${path}/tags`)).body, []);
  }),
);

test(
  "a file is deleted once, a folder when it is empty, and both names are free again",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const folder = await folderOf(world, { project: project.id });
    const file = await world.file("ana", folder.id, "a.bam");
    assert.deepEqual(refusal(await world.delete("ana", `/files/${folder.id}`)), [400, 5021]);
    assert.deepEqual(refusal(await world.delete("ana", `/files/${file.id}`)), [204, undefined]);
    assert.deepEqual(refusal(await world.delete("ana", `/files/${file.id}`)), [404, 5002]);
    assert.deepEqual(refusal(await world.get("ana", `/files/${file.id}`)), [404, 5002]);
    await world.file("ana", folder.id, "a.bam");
    assert.deepEqual(refusal(await world.delete("ana", `/files/${folder.id}`)), [400, 5021]);
    const empty = await folderOf(world, { project: project.id }, "empty");
    assert.equal((await world.delete("ana", `/files/${empty.id}`)).status, 204);
    await folderOf(world, { project: project.id }, "empty");
  }),
);

test(
  "nothing is left behind in a folder that is deleted while files are put into it",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const file = await world.file("ana", project.id, "a.bam");
    for (let round = 0; round < 5; round++) {
      const folder = await folderOf(world, { project: project.id }, `round ${round}`);
      const copies = Array.from({ length: 3 }, () => world.post("ana", `/files/${file.id}/actions/copy`, { parent: folder.id }));
      const [deleted, ...copied] = await Promise.all([world.delete("ana", `/files/${folder.id}`), ...copies]);
      const made = copied.filter(({ status }) => status === 200);
      assert.equal(deleted.status, made.length === 0 ? 204 : 400);
      for (const answer of copied) if (answer.status !== 200) assert.deepEqual(refusal(answer), [404, 5026]);
    }
  }),
);

test(
  "with its project a file is gone, also by its link",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const file = await world.file("ana", project.id, "a.bam");
    const { url } = (await world.get("ana", `/files/${file.id}/download_info`)).body;
    assert.equal((await fetch(url)).status, 200);
    await world.delete("ana", `/projects/${project.id}`);
    assert.deepEqual(refusal(await world.get("ana", `/files/${file.id}`)), [404, 5002]);
    assert.equal((await fetch(url)).status, 404);
  }),
);

test(
  "a copy shares the bytes, takes metadata and tags along, and is a file of its own",
  withWorld(async (world) => {
    const [here, there] = [await world.project("ana", "Here"), await world.project("ana", "There")];
    const file = await world.file("ana", here.id, "a.bam", "the bytes");
    await world.patch("ana", `/files/${file.id}`, { metadata: { sample_id: "S1" }, tags: ["x"] });
    const copy = (body: object) => world.post("ana", `/files/${file.id}/actions/copy?fields=_all&limit=50`, body);

    const first = await copy({ project: there.id, name: null });
    assert.equal(first.status, 200);
    assert.notEqual(first.body.id, file.id);
    assert.deepEqual(
      [first.body.name, first.body.project, first.body.parent, first.body.metadata, first.body.tags, first.body.origin],
      ["a.bam", there.id, there.root_folder, { sample_id: "S1" }, ["x"], {}],
    );
    assert.equal((await copy({ project: there.id, name: "" })).body.name, "_1_a.bam");
    assert.equal((await copy({ parent: there.root_folder })).body.name, "_2_a.bam");
    assert.equal((await copy({ parent: there.root_folder, project: there.id, name: "b.bam" })).body.name, "b.bam");
    assert.equal((await copy({ project: there.id, name: "b.bam" })).body.name, "_1_b.bam");

    await world.delete("ana", `/files/${file.id}`);
    const { url } = (await world.get("ana", `/files/${first.body.id}/download_info`)).body;
    assert.equal(await (await fetch(url)).text(), "the bytes");
  }),
);

test(
  "copies made at once all get names of their own",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const file = await world.file("ana", project.id, "a.bam");
    const copies = await Promise.all(
      Array.from({ length: 6 }, () => world.post("ana", `/files/${file.id}/actions/copy`, { project: project.id })),
    );
    const names = copies.map(({ body }) => body.name).sort();
    assert.deepEqual(
      names,
      [1, 2, 3, 4, 5, 6].map((number) => `_${number}_a.bam`),
    );
  }),
);

test(
  "a copy needs a place, and the place must be there and fit",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const file = await world.file("ana", project.id, "a.bam");
    const elsewhere = await world.project("ana", "Elsewhere");
    const cases: [object, number, number][] = [
      [{}, 400, 5029],
      [{ project: "", parent: null }, 400, 5029],
      [{ project: elsewhere.id, parent: project.root_folder }, 400, 5031],
      [{ project: "reef" }, 400, 3012],
      [{ project: "ana/none" }, 404, 3002],
      [{ parent: NOBODYS }, 404, 5026],
      [{ parent: "nonsense" }, 404, 5026],
      [{ parent: file.id }, 400, 5022],
      [{ project: project.id, name: "a/b" }, 400, 5024],
      [{ project: project.id, name: 5 }, 400, 5024],
    ];
    for (const [body, ...expected] of cases) {
      assert.deepEqual(refusal(await world.post("ana", `/files/${file.id}/actions/copy`, body)), expected, JSON.stringify(body));
    }
    const total = (await world.get("ana", `/files?project=${project.id}`)).headers.get("x-total-matching-query");
    assert.equal(total, "1");
  }),
);

test(
  "a file moves within its project and keeps its id, metadata and tags",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const folder = await folderOf(world, { project: project.id });
    const file = await world.file("ana", project.id, "a.bam");
    await world.patch("ana", `/files/${file.id}`, { metadata: { sample_id: "S1" }, tags: ["x"] });
    const move = (body: object, id = file.id) => world.post("ana", `/files/${id}/actions/move`, body);

    const moved = await move({ parent: folder.id, name: null });
    assert.equal(moved.status, 200);
    assert.deepEqual(
      [moved.body.id, moved.body.parent, moved.body.name, moved.body.metadata, moved.body.tags],
      [file.id, folder.id, "a.bam", { sample_id: "S1" }, ["x"]],
    );
    assert.deepEqual((await move({ parent: folder.id })).body, moved.body);
    assert.equal((await move({ parent: project.root_folder, name: "b.bam" })).body.name, "b.bam");

    const taken = await world.file("ana", folder.id, "b.bam");
    assert.equal((await move({ parent: folder.id })).body.name, "_1_b.bam");
    assert.equal((await move({ parent: folder.id, name: "_1_b.bam" }, taken.id)).body.name, "_1__1_b.bam");
  }),
);

test(
  "a file does not leave its project by a move",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const other = await world.project("ana", "Other");
    const file = await world.file("ana", project.id, "a.bam");
    const cases: [object, number, number][] = [
      [{ parent: other.root_folder }, 400, 5015],
      [{}, 400, 5029],
      [{ parent: "" }, 400, 5029],
      [{ parent: NOBODYS }, 404, 5026],
      [{ parent: file.id }, 400, 5022],
      [{ parent: project.root_folder, name: ".." }, 400, 5024],
    ];
    for (const [body, ...expected] of cases) {
      assert.deepEqual(refusal(await world.post("ana", `/files/${file.id}/actions/move`, body)), expected, JSON.stringify(body));
    }
    assert.deepEqual((await world.get("ana", `/files/${file.id}`)).body, file);
  }),
);

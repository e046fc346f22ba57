import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { tree } from "../file-operations/testing.ts";
import { type World, withWorld } from "../testing/world.ts";
import { endOf, put, ranTo, sharedVolume } from "./testing.ts";

/** Ana's volume and project, and a way to import into the project. */
async function lab(world: World, objects: Record<string, string>) {
  await put(world, objects);
  const volume = await sharedVolume(world, "ana");
  const project = await world.project("ana");
  const bring = (location: string, more: object = {}, destination: object = { project: project.id }) =>
    ranTo(world, "ana", "imports", { source: { volume, location }, destination, ...more });
  return { volume, project, bring };
}

test(
  "an object becomes an alias, which is listed and shown as a file on the volume",
  withWorld(async (world) => {
    const { volume, project, bring } = await lab(world, { "run7/s1.bam": "reads of s1" });
    const job = await bring("/run7/s1.bam");
    const { href, id, started_on, finished_on, result, ...rest } = job;
    assert.match(id, /^[0-9a-f]{32}$/);
    assert.ok(started_on <= finished_on);
    assert.deepEqual(rest, {
      state: "COMPLETED",
      overwrite: false,
      autorename: false,
      source: { volume, location: "/run7/s1.bam" },
      destination: { project: project.id, name: "s1.bam" },
    });
    const { body: file } = await world.get("ana", `/files/${result.id}`);
    assert.deepEqual(result, file);
    assert.deepEqual([file.name, file.size, file.origin, file.tags, file.metadata], ["s1.bam", 11, {}, [], {}]);
    assert.deepEqual(file.storage, { type: "VOLUME", volume, location: "run7/s1.bam" });
    const { body: listed } = await world.get("ana", `/files?project=${project.id}&fields=_all`);
    assert.deepEqual(listed.items, [file]);
    assert.deepEqual((await world.get("ana", "/storage/imports?fields=_all")).body.items, [job]);
    assert.deepEqual((await world.get("ana", "/storage/imports")).body.items, [{ href, id, state: "COMPLETED" }]);
    assert.equal((await world.get("ben", href)).body.code, 9005);
    assert.equal((await world.get("ben", "/storage/imports")).body.items.length, 0);
  }),
);

test(
  "a taken name ends the import, unless it is to be replaced or the alias gets another",
  withWorld(async (world) => {
    const { volume, project, bring } = await lab(world, { "a.txt": "a", "b/a.txt": "from b", empty: "" });
    const first = await bring("a.txt");
    assert.equal(endOf(await bring("b/a.txt")), 9108);
    const renamed = await bring("b/a.txt", { autorename: true });
    assert.equal(renamed.result.name, "_1_a.txt");
    const replaced = await bring("b/a.txt", { overwrite: "true", autorename: true });
    assert.equal(replaced.result.name, "a.txt");
    assert.notEqual(replaced.result.id, first.result.id);
    assert.equal((await world.get("ana", `/files/${first.result.id}`)).body.code, 5002);
    assert.equal(endOf(await bring("none")), 9105);
    assert.equal(endOf(await bring("b")), 9105);
    assert.equal((await bring("empty")).result.size, 0);
    const folder = (await world.post("ana", "/files", { name: "runs", type: "folder", project: project.id })).body;
    const inside = await bring("a.txt", {}, { parent: folder.id, name: "run one.txt" });
    assert.deepEqual(inside.destination, { project: project.id, name: "run one.txt", parent: folder.id });
    assert.equal(inside.result.parent, folder.id);
    assert.equal(endOf(await bring("a.txt", { overwrite: true }, { project: project.id, name: "runs" })), 9108);

    const states = async (query: string) => (await world.get("ana", `/storage/imports?limit=100&${query}`)).body.items.length;
    assert.deepEqual(
      [
        await states("state=FAILED"),
        await states("state=FAILED&state=completed"),
        await states(`volume=${volume}&project=${project.id}`),
        await states("volume=ana/none"),
        await states("started_from=2030-01-01T00:00:00Z"),
      ],
      [4, 9, 9, 0, 0],
    );
  }),
);

test(
  "what is wrong with an import is told before it begins",
  withWorld(async (world) => {
    const { volume, project } = await lab(world, { "a.txt": "a" });
    const hidden = await world.project("ben", "Hidden");
    const readable = await world.project("ben", "Readable");
    await world.post("ben", `/projects/${readable.id}/members`, { username: "ana", permissions: { read: true } });
    const file = await world.file("ana", project.id, "file");
    const source = { volume, location: "a.txt" };
    const cases: [body: object, answer: string][] = [
      [{}, "400 9011"],
      [{ source }, "400 9011"],
      [{ source, destination: {} }, "400 9011"],
      [{ source, destination: { project: project.id, parent: project.root_folder } }, "400 9011"],
      [{ source: { volume: "ana/none", location: "x" }, destination: { project: project.id } }, "404 9007"],
      [{ source: { volume: "x", location: "x" }, destination: { project: project.id } }, "404 9007"],
      [{ source, destination: { project: "ana/none" } }, "400 9012"],
      [{ source, destination: { project: "none" } }, "400 9012"],
      [{ source, destination: { project: hidden.id } }, "400 9012"],
      [{ source, destination: { project: readable.id } }, "403 9003"],
      [{ source, destination: { parent: "none" } }, "404 9009"],
      [{ source, destination: { parent: "6601f0a2c4e5b60012aa0001" } }, "404 9009"],
      [{ source, destination: { parent: hidden.root_folder } }, "404 9009"],
      [{ source, destination: { parent: readable.root_folder } }, "403 9004"],
      [{ source, destination: { parent: file.id } }, "400 5022"],
      [{ source, destination: { project: project.id, name: "a/b" } }, "400 9011"],
      [{ source: { volume, location: "/" }, destination: { project: project.id } }, "400 9018"],
      [{ source: { volume, location: "" }, destination: { project: project.id } }, "400 9018"],
      [{ source, destination: { project: project.id }, overwrite: "perhaps" }, "400 9011"],
    ];
    for (const [body, expected] of cases) {
      const answer = await world.post("ana", "/storage/imports", body);
      assert.equal(`${answer.status} ${answer.body.code}`, expected, JSON.stringify(body));
    }
    const answerTo = async (path: string) => (await world.get("ana", path)).body.code;
    assert.equal(await answerTo("/storage/imports/none"), 9008);
    assert.equal(await answerTo("/storage/imports?state=DONE"), 9011);
    assert.equal(await answerTo("/storage/imports?started_from=yesterday"), 9021);
    assert.equal((await world.get("ana", "/storage/imports")).body.items.length, 0);
  }),
);

test(
  "a folder becomes folders and aliases, all or nothing, and merges into what is there",
  withWorld(async (world) => {
    const { project, bring } = await lab(world, {
      "run/a.txt": "a",
      "run/.hidden": "h",
      "run/deep/er/b.txt": "b",
      "run/deep/a.txt": "a in deep",
      "runner/x": "of another folder",
    });
    await mkdir(join(world.share, "run", "empty"));
    const job = await bring("run/");
    assert.equal(job.state, "COMPLETED", JSON.stringify(job.error));
    assert.equal(job.preserve_folder_structure, true);
    assert.deepEqual(Object.keys(job.result).sort(), [
      ...["created_on", "href", "id", "modified_on", "name", "parent", "project", "type"],
    ]);
    const whole = [
      "run/",
      "run/.hidden",
      "run/a.txt",
      "run/deep/",
      "run/deep/a.txt",
      "run/deep/er/",
      "run/deep/er/b.txt",
      "run/empty/",
    ];
    assert.deepEqual(await tree(world, project.root_folder), whole);

    assert.equal(endOf(await bring("run/")), 9108);
    assert.deepEqual(await tree(world, project.root_folder), whole);
    const again = await bring("run/", { overwrite: true });
    assert.equal(again.result.id, job.result.id);
    assert.deepEqual(await tree(world, project.root_folder), whole);
    await bring("run/", { autorename: true });
    assert.deepEqual(
      (await tree(world, project.root_folder)).filter((path) => path.includes("_1_")),
      ["run/_1_.hidden", "run/_1_a.txt", "run/deep/_1_a.txt", "run/deep/er/_1_b.txt"],
    );
    assert.equal(endOf(await bring("nowhere/")), 9105);
    await world.file("ana", project.id, "taken");
    assert.equal(endOf(await bring("run/", { overwrite: true }, { project: project.id, name: "taken" })), 9108);

    const flat = await world.project("ana", "Flat");
    const flatten = (more: object) => bring("run/", { preserve_folder_structure: false, ...more }, { project: flat.id });
    assert.equal(endOf(await flatten({})), 9108, "two objects are called a.txt");
    assert.equal(endOf(await flatten({ overwrite: true })), 9108);
    assert.deepEqual(await tree(world, flat.root_folder), []);
    const flattened = await flatten({ autorename: true });
    assert.equal(flattened.result.id, flat.root_folder);
    assert.deepEqual(await tree(world, flat.root_folder), [".hidden", "_1_a.txt", "a.txt", "b.txt"]);
  }),
);

test(
  "a folder with more folders than an import may have makes nothing, however few its objects are",
  withWorld(
    async (world) => {
      const { project, bring } = await lab(world, { "fits/a/b/c/x": "1", "deep/a/b/c/d/e/f/x": "2" });
      assert.equal((await bring("fits/")).state, "COMPLETED");
      const job = await bring("deep/");
      assert.equal(endOf(job), 9011);
      assert.match(decodeURIComponent(job.error.more_info), /more than 4 folders: CAUSEWAY_IMPORT_OBJECTS/);
      assert.deepEqual(await tree(world, project.root_folder), ["fits/", "fits/a/", "fits/a/b/", "fits/a/b/c/", "fits/a/b/c/x"]);
    },
    { importObjects: 4 },
  ),
);

test(
  "objects of one name get numbers, also more of them than one statement takes",
  withWorld(async (world) => {
    const samples = Array.from({ length: 600 }, (_, index) => `run/${index}/x`);
    const { project, bring } = await lab(world, Object.fromEntries(samples.map((location) => [location, ""])));
    const job = await bring("run/", { preserve_folder_structure: false, autorename: true });
    assert.equal(job.state, "COMPLETED", JSON.stringify(job.error));
    const { headers } = await world.get("ana", `/files?project=${project.id}&limit=1`);
    assert.equal(headers.get("x-total-matching-query"), "600");
    for (const name of ["x", "_1_x", "_599_x"])
      assert.equal((await world.get("ana", `/files?project=${project.id}&name=${name}`)).body.items.length, 1, name);
  }),
);

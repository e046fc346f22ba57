import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { withWorld } from "../testing/world.ts";
import { errorsOf, NOBODYS, reef, run, tree } from "./testing.ts";

test(
  "a job is answered at once and tells how far it is, to its creator alone",
  withWorld(async (world) => {
    const { a, target } = await reef(world);
    const submitted = await world.post("ana", "/async/files/copy?limit=50&offset=0&fields=_all", {
      items: [{ file: a, parent: "", project: target.id, name: "" }],
    });
    assert.equal(submitted.status, 202);
    const { id, href, ...rest } = submitted.body;
    assert.match(id, /^\d{17}$/);
    assert.equal(href, `${world.url}/async/files/copy/${id}`);
    assert.deepEqual(rest, {
      type: "COPY",
      state: "SUBMITTED",
      result: null,
      total_files: 0,
      completed_files: 0,
      failed_files: 0,
      started_on: null,
      finished_on: null,
    });
    const second = await run(world, "ana", "delete", [{ file: NOBODYS }]);
    assert.deepEqual([second.total_files, second.completed_files, second.failed_files], [1, 0, 1]);
    assert.deepEqual(errorsOf(second), [5002]);

    const listed = await world.get("ana", "/async/files?limit=1");
    assert.equal(listed.headers.get("x-total-matching-query"), "2");
    assert.deepEqual(listed.body.items, [second]);
    assert.equal(listed.body.links[0].rel, "next");
    assert.equal((await world.get("ana", listed.body.links[0].href)).body.items[0].id, id);
    assert.deepEqual((await world.get("ben", "/async/files")).body.items, []);
    for (const path of [`copy/${second.id}`, `move/${id}`, "copy/1", "copy/x"]) {
      assert.equal((await world.get("ana", `/async/files/${path}`)).body.code, 57039, path);
    }
    assert.equal((await world.get("ben", href)).body.code, 57039);
  }),
);

test(
  "a copy takes a folder with all in it, shares bytes, and leaves the source as it is",
  withWorld(async (world) => {
    const { a, runs, c, project, target } = await reef(world);
    const before = await tree(world, project.root_folder);
    const job = await run(world, "ana", "copy", [
      { file: runs, project: target.id },
      { file: a, parent: target.root_folder, name: "x.bam" },
    ]);
    assert.deepEqual([job.total_files, job.completed_files, job.failed_files], [4, 4, 0]);
    assert.deepEqual(await tree(world, target.root_folder), [
      "runs/",
      "runs/a.bam",
      "runs/b.bam",
      "runs/deep/",
      "runs/deep/c.bam",
      "runs/empty/",
      "x.bam",
    ]);
    assert.deepEqual(await tree(world, project.root_folder), before);
    const [{ resource }, file] = job.result;
    assert.equal((await world.get("ana", resource.href)).body.name, "runs");
    assert.equal((await world.get("ana", file.resource.href)).body.name, "x.bam");
    const [id] = (await world.post("ana", "/files/paths", [`${target.id}/runs/deep/c.bam`])).body;
    const [copy, original] = [(await world.get("ana", `/files/${id}`)).body, (await world.get("ana", `/files/${c}`)).body];
    assert.deepEqual([copy.tags, copy.metadata, copy.size], [original.tags, original.metadata, original.size]);
    assert.equal((await world.get("ana", `/files?project=${target.id}`)).headers.get("x-total-matching-query"), "2");
  }),
);

test(
  "a folder of the same name is merged at every level, files get a prefix, also where a file has a folder's name",
  withWorld(async (world) => {
    const { runs, target, folder, file } = await reef(world);
    const there = await folder("runs", target.root_folder);
    await file(there, "a.bam");
    await file(there, "empty");
    await file(await folder("deep", there), "c.bam");
    const job = await run(world, "ana", "copy", [{ file: runs, project: target.id }]);
    assert.equal(job.result[0].resource.id, there);
    assert.deepEqual(await tree(world, there), [
      "_1_a.bam",
      "_1_empty/",
      "a.bam",
      "b.bam",
      "deep/",
      "deep/_1_c.bam",
      "deep/c.bam",
      "empty",
    ]);
  }),
);

test(
  "a move keeps the ids of files, gives folders new ones, and leaves nothing behind",
  withWorld(async (world) => {
    const { a, runs, c, project, target, folder, file } = await reef(world);
    const there = await folder("moved", target.root_folder);
    await file(there, "b.bam");
    await file(target.id, "a.bam");
    const job = await run(world, "ana", "move", [
      { file: runs, project: target.id, name: "moved" },
      { file: a, project: target.id },
    ]);
    assert.deepEqual([job.type, job.total_files, job.completed_files], ["MOVE", 4, 4]);
    assert.deepEqual(await tree(world, project.root_folder), []);
    assert.equal((await world.get("ana", `/files?project=${project.id}`)).headers.get("x-total-matching-query"), "0");
    assert.deepEqual(await tree(world, target.root_folder), [
      "_1_a.bam",
      "a.bam",
      "moved/",
      "moved/_1_b.bam",
      "moved/a.bam",
      "moved/b.bam",
      "moved/deep/",
      "moved/deep/c.bam",
      "moved/empty/",
    ]);
    assert.deepEqual([job.result[0].resource.id, job.result[1].resource.id], [there, a]);
    const moved = (await world.get("ana", `/files/${c}`)).body;
    assert.deepEqual([moved.project, moved.tags], [target.id, ["pilot"]]);
    assert.equal((await world.get("ana", `/files/${runs}`)).body.code, 5002);
  }),
);

test(
  "a folder is renamed by a move, and a folder within one of its own name comes out whole",
  withWorld(async (world) => {
    const { runs, deep, project, folder, file } = await reef(world);
    const renamed = await run(world, "ana", "move", [{ file: runs, parent: project.root_folder, name: "sequenced" }]);
    assert.equal(renamed.failed_files, 0);
    assert.equal((await world.get("ana", `/files/${deep}`)).status, 404);
    const top = renamed.result[0].resource.id;
    const inner = await folder("x", await folder("x", top));
    await file(await folder("x", inner), "kept.bam");
    await run(world, "ana", "move", [{ file: inner, parent: top }]);
    assert.deepEqual(
      (await tree(world, top)).filter((path) => path.startsWith("x")),
      ["x/", "x/x/", "x/x/kept.bam"],
    );
  }),
);

test(
  "a deletion takes folders with all in them; what cannot be deleted is an error of its item",
  withWorld(async (world) => {
    const { runs, inA, project, a } = await reef(world);
    const job = await run(world, "ana", "delete", [{ file: runs }, { file: inA }, { file: project.root_folder }, { file: "x" }]);
    assert.deepEqual(errorsOf(job), [undefined, 5002, 5033, 5002]);
    assert.deepEqual(job.result[0], { resource: { href: `${world.url}/files/${runs}`, id: runs } });
    assert.deepEqual(await tree(world, project.root_folder), ["a.bam"]);
    assert.equal((await world.get("ana", `/files/${a}`)).status, 200);
  }),
);

test(
  "a folder of ten thousand files is copied and moved, and a job is forgotten a month after its end",
  withWorld(async (world) => {
    const { project, target, folder } = await reef(world);
    const { db, services } = world.platform;
    const wide = await folder("wide", project.root_folder);
    await sql`insert into blobs (key, size) values ('wide', 5)`.execute(db);
    await sql`
      insert into files (project_id, parent, name, type, blob_key, size)
      select project_id, id, 'sample ' || number, 'file', 'wide', 5
      from files, generate_series(1, 10000) as number where id = ${wide}`.execute(db);
    const copied = await run(world, "ana", "copy", [{ file: wide, project: target.id }]);
    assert.deepEqual([copied.total_files, copied.completed_files], [10_000, 10_000]);
    // All names are taken there now.
    const merged = await run(world, "ana", "move", [{ file: wide, project: target.id }]);
    assert.equal(merged.completed_files, 10_000);
    const { headers } = await world.get("ana", `/files?parent=${merged.result[0].resource.id}`);
    assert.equal(headers.get("x-total-matching-query"), "20000");

    await sql`update file_jobs set finished_at = now() - interval '32 days' where id = ${copied.id}`.execute(db);
    assert.equal(await services.fileOperations.removeOld(new Date()), 1);
    assert.equal((await world.get("ana", copied.href)).body.code, 57039);
    assert.equal((await world.get("ana", merged.href)).status, 200);
  }),
);

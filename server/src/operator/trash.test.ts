import assert from "node:assert/strict";
import { test } from "node:test";
import { type World, withWorld } from "../testing/world.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS);
const trash = (world: World, path: string) => `${world.url.replace(/\/v2$/, "")}/operator/trash${path}`;
const codes = ({ status, body }: { status: number; body: { code: number } }) => [status, body.code];
const detailOf = ({ body }: { body: { more_info: string } }) => new URL(body.more_info).searchParams.get("detail");

async function deletedFiles(world: World, query: string): Promise<{ id: string; path: string; type: string; size?: number }[]> {
  const { status, body } = await world.get("admin", trash(world, `/files?${query}`));
  assert.equal(status, 200, JSON.stringify(body));
  return body.files;
}

const restoreFile = (world: World, id: string, body?: unknown) => world.post("admin", trash(world, `/files/${id}/restore`), body);
const restoreProject = (world: World, id: string, body?: unknown) =>
  world.post("admin", trash(world, `/projects/${id}/restore`), body);

async function folder(world: World, name: string, place: { project: string } | { parent: string }): Promise<string> {
  return (await world.post("ana", "/files", { name, type: "folder", ...place })).body.id;
}

async function download(world: World, id: string): Promise<string> {
  const { url } = (await world.get("ana", `/files/${id}/download_info`)).body;
  return (await fetch(url)).text();
}

test(
  "a deleted file is listed and restored under its id, with its bytes and metadata",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const reads = await folder(world, "reads", { project: project.id });
    const file = await world.file("ana", reads, "s1.txt", "ACGT");
    await world.patch("ana", `/files/${file.id}/metadata`, { sample_id: "S1" });
    await world.delete("ana", `/files/${file.id}`);

    const [listed, ...others] = await deletedFiles(world, `project=${project.id}`);
    assert.deepEqual(others, []);
    assert.deepEqual(
      { ...listed, deleted_on: "", restorable_until: "" },
      {
        id: file.id,
        path: "reads/s1.txt",
        type: "file",
        size: 4,
        deleted_on: "",
        restorable_until: "",
      },
    );
    const restored = await restoreFile(world, file.id);
    assert.deepEqual([restored.status, restored.body], [200, { id: file.id, path: "reads/s1.txt", files: 1, folders: 0 }]);
    assert.equal(await download(world, file.id), "ACGT");
    assert.deepEqual((await world.get("ana", `/files/${file.id}`)).body.metadata, { sample_id: "S1" });
    const { headers } = await world.get("ana", `/files?parent=${reads}`);
    assert.equal(headers.get("x-total-matching-query"), "1");
    assert.deepEqual(await deletedFiles(world, `project=${project.id}`), []);
    assert.deepEqual(codes(await restoreFile(world, file.id)), [404, 5002]);
  }),
);

test(
  "a taken name is refused, and another name or folder helps",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const other = await world.project("ana", "Other");
    const old = await world.file("ana", project.id, "a.txt", "old");
    await world.delete("ana", `/files/${old.id}`);
    const young = await world.file("ana", project.id, "a.txt", "young");

    const taken = await restoreFile(world, old.id);
    assert.deepEqual(codes(taken), [409, 5003]);
    assert.match(detailOf(taken) ?? "", /a\.txt .*another name or parent/);
    assert.deepEqual(codes(await restoreFile(world, old.id, { name: "a/b" })), [400, 5024]);
    assert.deepEqual(codes(await restoreFile(world, old.id, { parent: other.root_folder })), [404, 5026]);
    assert.equal((await restoreFile(world, old.id, { name: "a.old.txt" })).body.path, "a.old.txt");
    assert.deepEqual([await download(world, old.id), await download(world, young.id)], ["old", "young"]);

    await world.delete("ana", `/files/${old.id}`);
    const kept = await folder(world, "kept", { project: project.id });
    assert.equal((await restoreFile(world, old.id, { parent: kept, name: "a.txt" })).body.path, "kept/a.txt");
  }),
);

test(
  "a folder comes back with what was deleted with it; what had gone before comes with `since`",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const top = await folder(world, "runs", { project: project.id });
    const inner = await folder(world, "2026", { parent: top });
    const [early, first, second] = [
      await world.file("ana", inner, "early.txt"),
      await world.file("ana", top, "1.txt"),
      await world.file("ana", inner, "2.txt"),
    ];
    await world.delete("ana", `/files/${early.id}`);
    const job = await world.post("ana", "/async/files/delete", { items: [{ file: top }] });
    while ((await world.get("ana", `/async/files/delete/${job.body.id}`)).body.state !== "FINISHED");

    const listed = await deletedFiles(world, `project=${project.id}`);
    assert.deepEqual(
      listed.map(({ path }) => path),
      ["runs", "runs/2026/early.txt"],
    );
    assert.deepEqual(
      (await deletedFiles(world, `project=${project.id}&name=early.txt`)).map(({ id }) => id),
      [early.id],
    );
    assert.deepEqual(codes(await restoreFile(world, early.id)), [404, 5026], "its folder is gone, too");

    assert.deepEqual((await restoreFile(world, top)).body, { id: top, path: "runs", files: 2, folders: 2 });
    for (const { id } of [first, second]) assert.equal((await world.get("ana", `/files/${id}`)).status, 200);
    assert.equal((await world.get("ana", `/files/${early.id}`)).status, 404);

    // The way of clients that delete one by one, from the bottom up.
    const before = new Date(Date.now() - DAY_MS).toISOString();
    for (const id of [first.id, second.id, inner, top]) assert.equal((await world.delete("ana", `/files/${id}`)).status, 204);
    assert.deepEqual((await restoreFile(world, top, { since: before, name: "again" })).body, {
      id: top,
      path: "again",
      files: 3,
      folders: 2,
    });
    assert.equal((await world.get("ana", `/files/${early.id}`)).status, 200);
  }),
);

test(
  "a deleted project comes back with its files and members; its id may have been taken",
  withWorld(async (world) => {
    const project = await world.project("ana");
    await world.token("ben");
    await world.post("ana", `/projects/${project.id}/members`, { username: "ben", permissions: { read: true } });
    const file = await world.file("ana", project.id, "a.txt");
    await world.delete("ana", `/projects/${project.id}`);
    assert.deepEqual(codes(await restoreFile(world, file.id)), [404, 5002], "it was not deleted by itself");
    assert.deepEqual(codes(await world.get("admin", trash(world, `/files?project=${project.id}`))), [404, 3002]);
    const young = await world.project("ana");
    assert.equal(young.id, project.id, "the id was free again");

    const { body } = await world.get("admin", trash(world, "/projects"));
    const [{ id, ...listed }] = body.projects;
    assert.deepEqual([body.projects.length, listed.project, listed.name], [1, project.id, project.name]);
    const taken = await restoreProject(world, id);
    assert.deepEqual(codes(taken), [409, 3003]);
    assert.match(detailOf(taken) ?? "", /another project by now/);
    assert.deepEqual(codes(await restoreProject(world, id, { short_name: "No/Name" })), [400, 90000]);
    assert.deepEqual((await restoreProject(world, id, { short_name: "reef-old" })).body, { project: "ana/reef-old" });
    assert.equal((await world.get("ben", `/files/${file.id}`)).body.project, "ana/reef-old");
    assert.deepEqual(codes(await restoreProject(world, id)), [404, 3002]);
  }),
);

test(
  "what is deleted in a project that is deleted waits for the project",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const file = await world.file("ana", project.id, "a.txt");
    await world.delete("ana", `/files/${file.id}`);
    await world.delete("ana", `/projects/${project.id}`);
    const refused = await restoreFile(world, file.id);
    assert.deepEqual(codes(refused), [404, 3002]);
    assert.match(detailOf(refused) ?? "", /restore the project/);
    const { id } = (await world.get("admin", trash(world, "/projects"))).body.projects[0];
    assert.deepEqual((await restoreProject(world, id)).body, { project: project.id });
    assert.equal((await restoreFile(world, file.id)).status, 200);
  }),
);

test(
  "what the sweep has removed for good is refused, and neither is listed",
  withWorld(async (world) => {
    const [kept, gone] = [await world.project("ana"), await world.project("ana", "Gone")];
    const file = await world.file("ana", kept.id, "a.txt");
    await world.file("ana", gone.id, "b.txt");
    await world.delete("ana", `/files/${file.id}`);
    await world.delete("ana", `/projects/${gone.id}`);
    const { id } = (await world.get("admin", trash(world, "/projects"))).body.projects[0];
    await world.platform.services.fileSweep.removeDeleted(inDays(15));

    assert.deepEqual(await deletedFiles(world, `project=${kept.id}`), []);
    assert.deepEqual((await world.get("admin", trash(world, "/projects"))).body.projects, []);
    const refused = await restoreFile(world, file.id);
    assert.deepEqual(codes(refused), [404, 5002]);
    assert.match(detailOf(refused) ?? "", /removed for good/);
    const project = await restoreProject(world, id);
    assert.deepEqual(codes(project), [404, 3002]);
    assert.match(detailOf(project) ?? "", /too long ago/);
  }),
);

test(
  "what is over time is refused before the sweep comes by",
  withWorld(
    async (world) => {
      const project = await world.project("ana");
      const file = await world.file("ana", project.id, "a.txt");
      await world.delete("ana", `/files/${file.id}`);
      assert.deepEqual(await deletedFiles(world, `project=${project.id}`), []);
      assert.deepEqual(codes(await restoreFile(world, file.id)), [404, 5002]);
    },
    { trashDays: 0 },
  ),
);

test(
  "wrong values are refused as such",
  withWorld(async (world) => {
    const project = await world.project("ana");
    for (const query of ["", "project=ana", "project=ana/reef&limit=0", "project=ana/reef&limit=x", "project=ana/reef&offset=-1"])
      assert.equal((await world.get("admin", trash(world, `/files?${query}`))).status, 400, query);
    assert.deepEqual(codes(await world.get("admin", trash(world, "/files?project=ana/none"))), [404, 3002]);
    for (const id of ["x", "%00", project.root_folder]) {
      assert.deepEqual(codes(await restoreFile(world, id)), [404, 5002], id);
      assert.deepEqual(codes(await restoreProject(world, id)), [404, 3002], id);
    }
    for (const body of [[], { name: 5 }, { since: "yesterday" }, { other: 1 }])
      assert.deepEqual(codes(await restoreFile(world, project.root_folder, body)), [400, 90000], JSON.stringify(body));
  }),
);

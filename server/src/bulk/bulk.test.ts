import assert from "node:assert/strict";
import { test } from "node:test";
import { type World, withWorld } from "../testing/world.ts";

const NOBODYS = "6601f0a2c4e5b60012aa0001";

/** A project of Ana's with two files and a folder. */
async function reef(world: World) {
  const project = await world.project("ana");
  const [a, b] = [await world.file("ana", project.id, "a.bam"), await world.file("ana", project.id, "b.bam")];
  await world.patch("ana", `/files/${a.id}`, { tags: ["pilot"], metadata: { sample_id: "S1", lane: "1" } });
  const folder = (await world.post("ana", "/files", { name: "runs", type: "folder", project: project.id })).body;
  const show = async (id: string) => (await world.get("ana", `/files/${id}`)).body;
  return { project, a, b, folder, show };
}

test(
  "files are got in the order asked, each with its own answer",
  withWorld(async (world) => {
    const { a, b, folder, show } = await reef(world);
    await world.token("ben");
    const ids = [b.id, NOBODYS, folder.id, "no id", a.id.toUpperCase(), "", b.id];
    const { status, headers, body } = await world.post("ana", "/bulk/files/get?limit=50&offset=0&fields=_all", { file_ids: ids });
    assert.equal(status, 200);
    assert.equal(headers.get("x-total-matching-query"), null);
    assert.deepEqual(Object.keys(body), ["items"]);
    const [first, missing, shown, malformed, upper, empty, again] = body.items;
    assert.deepEqual(first, { resource: await show(b.id) });
    assert.deepEqual(shown, { resource: folder });
    assert.deepEqual(upper, { resource: await show(a.id) });
    assert.deepEqual(again, first);
    assert.deepEqual(
      [missing, malformed, empty].map(({ error, id }) => [error.status, error.code, id]),
      [
        [404, 5002, NOBODYS],
        [404, 5002, "no id"],
        [400, 5004, ""],
      ],
    );
    assert.equal(missing.error.message, "Requested file does not exist.");

    const strangers = await world.post("ben", "/bulk/files/get", { file_ids: [a.id] });
    assert.deepEqual([strangers.body.items[0].error.status, strangers.body.items[0].error.code], [404, 5002]);
  }),
);

test(
  "deleting answers what the files were, and goes on after one that stays",
  withWorld(async (world) => {
    const { a, b, folder, project, show } = await reef(world);
    const inside = await world.file("ana", folder.id, "inside.bam");
    const before = await show(a.id);
    const ids = [folder.id, a.id, a.id, project.root_folder, inside.id, folder.id];
    const { body } = await world.post("ana", "/bulk/files/delete", { file_ids: ids });
    const codes = body.items.map((item: { error?: { code: number } }) => item.error?.code);
    assert.deepEqual(codes, [5021, undefined, 5002, 5033, undefined, undefined]);
    assert.deepEqual(body.items[1], { resource: before });
    const left = await world.get("ana", `/files?project=${project.id}`);
    assert.deepEqual(
      left.body.items.map(({ id }: { id: string }) => id),
      [b.id],
    );
  }),
);

test(
  "an update replaces tags and metadata, an edit keeps what is not given",
  withWorld(async (world) => {
    const { a, b, folder, show } = await reef(world);
    const edited = await world.post("ana", "/bulk/files/edit", {
      items: [
        { id: a.id, name: null, tags: null, metadata: { lane: null, platform: 7 } },
        { file_id: b.id, name: "c.bam", tags: ["new", "new"], metadata: null },
        { id: folder.id, name: "other" },
      ],
    });
    assert.equal(edited.status, 200);
    const [first, second, third] = edited.body.items;
    assert.deepEqual(first.resource.metadata, { sample_id: "S1", platform: "7" });
    assert.deepEqual([first.resource.name, first.resource.tags], ["a.bam", ["pilot"]]);
    assert.deepEqual([second.resource.name, second.resource.tags, second.resource.metadata], ["c.bam", ["new"], {}]);
    assert.deepEqual([third.error.code, third.id], [5023, folder.id]);

    const replaced = await world.post("ana", "/bulk/files/update", {
      items: [
        { id: a.id, name: null, tags: null, metadata: null },
        { id: b.id, name: "d.bam", tags: ["only"], metadata: { k: "v", gone: null } },
      ],
    });
    assert.deepEqual(replaced.body.items, [{ resource: await show(a.id) }, { resource: await show(b.id) }]);
    const [bare, full] = replaced.body.items.map(({ resource }: { resource: object }) => resource);
    assert.deepEqual([bare.name, bare.tags, bare.metadata], ["a.bam", [], {}]);
    assert.deepEqual([full.name, full.tags, full.metadata], ["d.bam", ["only"], { k: "v" }]);
  }),
);

test(
  "each item is changed wholly or not at all",
  withWorld(async (world) => {
    const { a, b, show } = await reef(world);
    const before = await show(a.id);
    const { body } = await world.post("ana", "/bulk/files/edit", {
      items: [
        { id: a.id, name: "b.bam", metadata: { lane: "2" } },
        { id: a.id, tags: ["x"], metadata: { "": "empty key" } },
        { id: a.id, name: "a/b" },
        { id: b.id, tags: ["kept"] },
      ],
    });
    const codes = body.items.map((item: { error?: { status: number; code: number } }) => item.error?.code);
    assert.deepEqual(codes, [5003, 5035, 5024, undefined]);
    assert.deepEqual(await show(a.id), before);
    assert.deepEqual((await show(b.id)).tags, ["kept"]);
  }),
);

test(
  "an element that is no file, or no change of one, is refused alone",
  withWorld(async (world) => {
    const { a, b, show } = await reef(world);
    const given = [{}, 5, null, [a.id], { a: 1 }, a.id];
    const got = await world.post("ana", "/bulk/files/get", { file_ids: given });
    assert.equal(got.status, 200);
    const told = ({ error, id }: { error?: { status: number; code: number }; id?: string }) => [error?.code, id];
    assert.deepEqual(got.body.items.map(told), [
      [5004, undefined],
      [90000, undefined],
      [5004, undefined],
      [90000, undefined],
      [90000, undefined],
      [undefined, undefined],
    ]);
    const changes = [
      a.id,
      { name: "no id" },
      { id: null },
      { id: 5, name: "x" },
      { id: a.id, name: 5 },
      { file_id: a.id, metadata: ["x"] },
      { id: a.id, metadata: { lane: { nested: true } } },
      { id: a.id, tags: { x: 1 } },
      { id: b.id, tags: "one" },
    ];
    const before = await show(a.id);
    for (const call of ["edit", "update"]) {
      const { status, body } = await world.post("ana", `/bulk/files/${call}`, { items: changes });
      assert.equal(status, 200);
      assert.deepEqual(body.items.map(told), [
        [90000, a.id],
        [5004, undefined],
        [5004, undefined],
        [90000, undefined],
        [5024, a.id],
        [5006, a.id],
        [5006, a.id],
        [90000, a.id],
        [undefined, undefined],
      ]);
      assert.deepEqual(body.items.at(-1).resource.tags, ["one"]);
    }
    assert.deepEqual(await show(a.id), before);
  }),
);

test(
  "`fields` narrows each file of an answer, and neither the answer nor its errors",
  withWorld(async (world) => {
    const { a, b } = await reef(world);
    const file_ids = [a.id, NOBODYS, b.id];
    const { body } = await world.post("ana", "/bulk/files/get?fields=name,metadata.lane", { file_ids });
    assert.deepEqual(Object.keys(body), ["items"]);
    const [first, missing, second] = body.items;
    assert.deepEqual(first, { resource: { name: "a.bam", metadata: { lane: "1" } } });
    assert.deepEqual([missing.error.code, missing.error.status, missing.id], [5002, 404, NOBODYS]);
    assert.deepEqual(second, { resource: { name: "b.bam", metadata: {} } });
    const edited = await world.post("ana", "/bulk/files/edit?fields=tags", { items: [{ id: b.id, tags: ["x"] }] });
    assert.deepEqual(edited.body, { items: [{ resource: { tags: ["x"] } }] });
  }),
);

test(
  "a call that is not a list of one to a hundred files is refused, and nothing happens",
  withWorld(async (world) => {
    const { a, show } = await reef(world);
    const before = await show(a.id);
    const many = Array.from({ length: 101 }, () => a.id);
    for (const call of ["get", "delete"]) {
      for (const body of [
        {},
        { file_ids: null },
        { file_ids: [] },
        { file_ids: many },
        { file_ids: { a: 1 } },
        [a.id],
        null,
        "x",
      ]) {
        const { status, body: answer } = await world.post("ana", `/bulk/files/${call}`, JSON.stringify(body));
        assert.deepEqual([status, answer.code], [400, 90000], JSON.stringify(body));
      }
    }
    for (const call of ["update", "edit"]) {
      for (const given of [undefined, null, [], many.map((id) => ({ id })), { id: a.id }, a.id]) {
        const { status, body: answer } = await world.post("ana", `/bulk/files/${call}`, { items: given });
        assert.deepEqual([status, answer.code], [400, 90000], JSON.stringify(given));
      }
    }
    assert.deepEqual(await show(a.id), before);
  }),
);

test(
  "what a member may not do with a file is said of that file alone",
  withWorld(async (world) => {
    const { project, a, show } = await reef(world);
    await world.token("reader");
    await world.post("ana", `/projects/${project.id}/members`, { username: "reader", permissions: { read: true } });
    const own = await world.file("reader", (await world.project("reader")).id, "own.bam");
    const before = await show(a.id);
    const codes = async (call: string, body: object) =>
      (await world.post("reader", `/bulk/files/${call}`, body)).body.items.map(
        (item: { error?: { code: number } }) => item.error?.code,
      );
    assert.deepEqual(await codes("get", { file_ids: [a.id, own.id] }), [undefined, undefined]);
    assert.deepEqual(await codes("update", { items: [{ id: a.id }, { id: own.id }] }), [5009, undefined]);
    assert.deepEqual(
      await codes("edit", {
        items: [
          { id: a.id, tags: ["x"] },
          { id: own.id, tags: ["x"] },
        ],
      }),
      [5011, undefined],
    );
    assert.deepEqual(await codes("delete", { file_ids: [a.id, own.id] }), [5001, undefined]);
    assert.deepEqual(await show(a.id), before);
  }),
);

test(
  "changes of one call are made as if one came after the other",
  withWorld(async (world) => {
    const { project, a, b, show } = await reef(world);
    const edit = async (items: object[]) =>
      (await world.post("ana", "/bulk/files/edit", { items })).body.items.map(
        ({ resource, error }: { resource?: { name: string }; error?: { code: number } }) => resource?.name ?? error?.code,
      );
    // A name is free when who had it has got another before, and taken when it was given before.
    assert.deepEqual(
      await edit([
        { id: b.id, name: "c.bam" },
        { id: a.id, name: "b.bam" },
      ]),
      ["c.bam", "b.bam"],
    );
    assert.deepEqual(
      await edit([
        { id: a.id, name: "new.bam" },
        { id: b.id, name: "new.bam" },
      ]),
      ["new.bam", 5003],
    );
    assert.deepEqual(
      await edit([
        { id: a.id, name: "c.bam" },
        { id: b.id, name: "d.bam" },
      ]),
      [5003, "d.bam"],
    );
    // The same file twice: the second change meets what the first has left.
    const twice = await world.post("ana", "/bulk/files/edit", {
      items: [
        { id: a.id, metadata: { lane: "7" } },
        { id: a.id.toUpperCase(), metadata: { well: "A1" } },
        { id: a.id, name: "d.bam" },
      ],
    });
    const [first, second, third] = twice.body.items;
    assert.deepEqual(first.resource.metadata, { sample_id: "S1", lane: "7" });
    assert.deepEqual(second.resource.metadata, { sample_id: "S1", lane: "7", well: "A1" });
    assert.equal(third.error.code, 5003);
    // Two names that change places, each taken until the other is gone: neither goes.
    const other = await world.file("ana", project.id, "other.bam");
    assert.deepEqual(
      await edit([
        { id: a.id, name: "other.bam" },
        { id: other.id, name: "new.bam" },
        { id: b.id, tags: ["still"] },
      ]),
      [5003, 5003, "d.bam"],
    );
    assert.deepEqual((await show(b.id)).tags, ["still"]);
  }),
);

test(
  "calls that change the same files at once in another order all succeed, and no change is lost",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const ids: string[] = [];
    for (let number = 0; number < 6; number++) ids.push((await world.file("ana", project.id, `${number}.bam`)).id);
    const calls = Array.from({ length: 8 }, (_, call) => {
      const items = ids.map((id) => ({ id, metadata: { [`call ${call}`]: "was here" } }));
      return world.post("ana", "/bulk/files/edit", { items: call % 2 ? items.toReversed() : items });
    });
    for (const { body } of await Promise.all(calls)) assert.ok(body.items.every((item: object) => "resource" in item));
    for (const id of ids) {
      const { body } = await world.get("ana", `/files/${id}/metadata`);
      assert.equal(Object.keys(body).length, 8);
    }
  }),
);

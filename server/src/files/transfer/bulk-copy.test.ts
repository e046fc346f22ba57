import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { type World, withWorld } from "../../testing/world.ts";

const NOBODYS = "6601f0a2c4e5b60012aa0001";

/** Two projects of Ana's; the first has two files, a folder and a file in it. */
async function reef(world: World) {
  const project = await world.project("ana");
  const target = await world.project("ana", "Target");
  const [a, b] = [await world.file("ana", project.id, "a.bam"), await world.file("ana", project.id, "b.bam")];
  const folder = (await world.post("ana", "/files", { name: "runs", type: "folder", project: project.id })).body;
  const inside = await world.file("ana", folder.id, "a.bam", "other bytes");
  const listed = async () => (await world.get("ana", `/files?project=${target.id}&fields=_all`)).body.items;
  return { project, target, a, b, folder, inside, listed };
}

/** Files of a project's root, made by SQL; answers their ids. */
async function manyFiles({ platform }: World, root: string, count: number, suffix = ".bam"): Promise<string[]> {
  await sql`insert into blobs (key, size) values ('many', 5) on conflict do nothing`.execute(platform.db);
  const { rows } = await sql<{ id: string }>`
    insert into files (project_id, parent, name, type, blob_key, size)
    select project_id, id, 'sample ' || number || ${suffix}::text, 'file', 'many', 5
    from files, generate_series(1, ${count}::int) as number where id = ${root} returning id`.execute(platform.db);
  return rows.map(({ id }) => id);
}

test(
  "files are copied to the top of a project, each answered under its own id",
  withWorld(async (world) => {
    const { target, a, b, folder, inside, listed } = await reef(world);
    await world.patch("ana", `/files/${a.id}`, { tags: ["pilot"], metadata: { sample_id: "S1" } });
    const file_ids = [a.id, inside.id, NOBODYS, folder.id, b.id, a.id, "__proto__"];
    const { status, headers, body } = await world.post("ana", "/action/files/copy?limit=50&offset=0&fields=_all", {
      project: target.id,
      file_ids,
    });
    assert.equal(status, 200);
    assert.equal(headers.get("x-total-matching-query"), null);
    assert.deepEqual(Object.keys(body).sort(), [...new Set(file_ids)].sort());
    assert.deepEqual(
      [a, inside, b].map(({ id }) => [body[id].status, body[id].new_file_name]),
      [
        ["OK", "a.bam"],
        ["OK", "_1_a.bam"],
        ["OK", "b.bam"],
      ],
    );
    const missing = { status: "FAILED", code: 5002, message: "Requested file does not exist." };
    assert.deepEqual([body[NOBODYS], body[folder.id].code], [missing, 5018]);
    const copies = await listed();
    assert.deepEqual(
      copies.map(({ id, name }: { id: string; name: string }) => [id, name]),
      [inside, a, b].map(({ id }) => [body[id].new_file_id, body[id].new_file_name]),
    );
    const copy = copies.find(({ name }: { name: string }) => name === "a.bam");
    assert.deepEqual([copy.tags, copy.metadata, copy.origin, copy.size], [["pilot"], { sample_id: "S1" }, {}, a.size]);

    const narrowed = await world.post("ana", "/action/files/copy?fields=name", { project: target.id, file_ids: [NOBODYS] });
    assert.deepEqual(narrowed.body, { [NOBODYS]: missing });
    const older = await world.post("ana", "/action/files/copy", { project: target.id, files: [a.id.toUpperCase()] });
    assert.deepEqual(older.body[a.id.toUpperCase()].new_file_name, "_2_a.bam");
  }),
);

test(
  "two thousand files whose names are taken are copied in one call",
  withWorld(async (world) => {
    const { project, target } = await reef(world);
    const file_ids = await manyFiles(world, project.root_folder, 2000);
    await manyFiles(world, target.root_folder, 2000);
    const { body } = await world.post("ana", "/action/files/copy", { project: target.id, file_ids });
    const names = file_ids.map((id) => body[id].new_file_name);
    assert.ok(names.every((name: string) => /^_1_sample \d+\.bam$/.test(name)));
    assert.equal(new Set(names).size, 2000);
    const { headers } = await world.get("ana", `/files?project=${target.id}`);
    assert.equal(headers.get("x-total-matching-query"), "4000");
  }),
);

test(
  "two who copy the same names into one project at once both get all of their copies",
  withWorld(async (world) => {
    const { project, target } = await reef(world);
    const file_ids = await manyFiles(world, project.root_folder, 300);
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => world.post("ana", "/action/files/copy", { project: target.id, file_ids })),
    );
    for (const { status, body } of answers) {
      assert.equal(status, 200);
      assert.ok(file_ids.every((id) => body[id].status === "OK"));
    }
    const { headers } = await world.get("ana", `/files?project=${target.id}`);
    assert.equal(headers.get("x-total-matching-query"), "1200");
  }),
);

test(
  "who may not copy a file is told so of that file, who may not write is refused",
  withWorld(async (world) => {
    const { project, target, a } = await reef(world);
    await world.token("reader");
    const own = await world.project("reader");
    const copy = (user: string, to: string) => world.post(user, "/action/files/copy", { project: to, file_ids: [a.id] });
    assert.equal((await copy("reader", own.id)).body[a.id].code, 5002);
    await world.post("ana", `/projects/${project.id}/members`, { username: "reader", permissions: { read: true } });
    assert.equal((await copy("reader", own.id)).body[a.id].code, 5014);
    assert.equal((await copy("reader", target.id)).body.code, 3002);
    assert.equal((await copy("reader", project.id)).body.code, 3001);
  }),
);

test(
  "bad bodies of bulk copies are refused by their own codes",
  withWorld(async (world) => {
    const { target, a, listed } = await reef(world);
    const good = { project: target.id, file_ids: [a.id] };
    const cases: [why: string, body: unknown, code: number][] = [
      ["no project", { ...good, project: undefined }, 3012],
      ["project null", { ...good, project: null }, 3012],
      ["project malformed", { ...good, project: "target" }, 3012],
      ["project unknown", { ...good, project: "ana/none" }, 3002],
      ["no ids", { ...good, file_ids: undefined }, 5033],
      ["ids null", { ...good, file_ids: null }, 5033],
      ["ids empty", { ...good, file_ids: [] }, 5033],
      ["ids of numbers", { ...good, file_ids: [1] }, 5033],
      ["ids an object", { ...good, file_ids: { a: 1 } }, 5033],
      ["a list", [good], 90000],
      ["null", null, 90000],
    ];
    for (const [why, body, code] of cases) {
      const answer = await world.post("ana", "/action/files/copy", JSON.stringify(body));
      assert.equal(answer.body.code, code, why);
      assert.ok(answer.status < 500, why);
    }
    assert.deepEqual(await listed(), []);
  }),
);

test(
  "ids are found by paths, and null where a path leads nowhere or to what one may not see",
  withWorld(async (world) => {
    const { project, target, a, folder, inside } = await reef(world);
    const paths = [
      `${project.id}/a.bam`,
      `${project.id}/runs/a.bam`,
      `/${project.id}/runs/`,
      project.id,
      `${project.id}/none`,
      `${project.id}/a.bam/below`,
      `${project.id}//a.bam`,
      "ana/none/a.bam",
      "ana",
      "",
      "a\0b/c/d",
      `${project.id}/a.bam`,
      target.id,
    ];
    const ids = [a.id, inside.id, folder.id, project.root_folder, ...Array(7).fill(null), a.id, target.root_folder];
    for (const call of ["/files/paths", "/action/files/get_ids?limit=50&offset=0"]) {
      const { status, body } = await world.post("ana", call, paths);
      assert.equal(status, 200, JSON.stringify(body));
      assert.deepEqual(body, ids);
      assert.deepEqual(
        (await world.post("ben", call, paths)).body,
        ids.map(() => null),
      );
      assert.deepEqual((await world.post("ana", call, [])).body, []);
      for (const bad of [null, {}, [1], [null], { paths }]) {
        assert.equal((await world.post("ana", call, JSON.stringify(bad))).body.code, 90000, JSON.stringify(bad));
      }
    }
  }),
);

import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { type World, withWorld } from "../testing/world.ts";

const NOBODYS = "6601f0a2c4e5b60012aa0001";
type Json = Record<string, unknown>;

/** Two projects of Ana's. The first: `a.bam`, and `runs/` with `a.bam`, `b.bam`, `deep/c.bam`, `empty/`. */
async function reef(world: World) {
  const project = await world.project("ana");
  const target = await world.project("ana", "Target");
  const folder = async (name: string, parent: string) =>
    (await world.post("ana", "/files", { name, type: "folder", parent })).body.id as string;
  const file = async (place: string, name: string) => (await world.file("ana", place, name)).id as string;
  const a = await file(project.id, "a.bam");
  const runs = await folder("runs", project.root_folder);
  const [inA, inB] = [await file(runs, "a.bam"), await file(runs, "b.bam")];
  const deep = await folder("deep", runs);
  const c = await file(deep, "c.bam");
  await folder("empty", runs);
  await world.patch("ana", `/files/${c}`, { tags: ["pilot"], metadata: { sample_id: "S1" } });
  return { project, target, a, runs, inA, inB, deep, c, folder, file };
}

/** Submits a job and waits for its end. */
async function run(world: World, user: string, kind: string, items: readonly Json[]) {
  const submitted = await world.post(user, `/async/files/${kind}`, { items });
  assert.equal(submitted.status, 202, JSON.stringify(submitted.body));
  for (;;) {
    const { body } = await world.get(user, submitted.body.href);
    if (body.state === "FINISHED") return body;
  }
}

/** All paths below a folder, sorted; folders end in a slash. */
async function tree(world: World, folder: string, prefix = ""): Promise<string[]> {
  const { body } = await world.get("ana", `/files?parent=${folder}&limit=100`);
  const paths: string[] = [];
  for (const { id, name, type } of body.items) {
    paths.push(prefix + name + (type === "folder" ? "/" : ""));
    if (type === "folder") paths.push(...(await tree(world, id, `${prefix}${name}/`)));
  }
  return paths.sort();
}

const errorsOf = ({ result }: { result: { error?: { code: number } }[] }) => result.map(({ error }) => error?.code);

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
  "rights are those of the moment an item's turn comes, and each refusal is an error of its item",
  withWorld(async (world) => {
    const { a, inA, inB, project, target } = await reef(world);
    const own = await (async () => {
      await world.token("ben");
      return world.project("ben");
    })();
    assert.deepEqual(errorsOf(await run(world, "ben", "copy", [{ file: a, project: own.id }])), [5001]);
    await world.post("ana", `/projects/${project.id}/members`, { username: "ben", permissions: { read: true } });
    assert.deepEqual(
      errorsOf(
        await run(world, "ben", "copy", [
          { file: a, project: own.id },
          { file: a, project: "ben/none" },
          { file: a, parent: NOBODYS },
        ]),
      ),
      [5014, 5014, 5014],
    );
    assert.deepEqual(errorsOf(await run(world, "ben", "move", [{ file: a, project: own.id }])), [5032]);
    assert.deepEqual(errorsOf(await run(world, "ben", "delete", [{ file: a }])), [5001]);
    await world.patch("ana", `/projects/${project.id}/members/ben/permissions`, { copy: true });
    const mixed = await run(world, "ben", "copy", [
      { file: a, project: own.id },
      { file: inA, project: target.id },
      { file: inB, project: project.id },
      { file: inB, parent: NOBODYS },
    ]);
    assert.deepEqual(errorsOf(mixed), [undefined, 3001, 3001, 5026]);
    assert.deepEqual([mixed.total_files, mixed.completed_files, mixed.failed_files], [4, 1, 3]);
  }),
);

test(
  "nothing is taken out of a project without the right to copy, and nothing controlled to where it is not",
  withWorld(async (world) => {
    const { a, inA, runs, project, target } = await reef(world);
    await world.token("ben");
    const own = await world.project("ben");
    await world.post("ana", `/projects/${project.id}/members`, { username: "ben", permissions: { write: true } });
    const taken = await run(world, "ben", "move", [
      { file: a, project: own.id },
      { file: runs, project: own.id },
      { file: inA, parent: project.root_folder, name: "within.bam" },
    ]);
    assert.deepEqual(errorsOf(taken), [5032, 5032, undefined]);
    assert.deepEqual(errorsOf(await run(world, "ben", "copy", [{ file: a, project: own.id }])), [5014]);
    await world.patch("ana", `/projects/${project.id}/members/ben/permissions`, { copy: true });
    assert.deepEqual(errorsOf(await run(world, "ben", "move", [{ file: inA, project: own.id }])), [undefined]);

    await world.patch("ana", `/projects/${project.id}`, { settings: { controlled: true } });
    const refused = await run(world, "ana", "copy", [
      { file: a, project: target.id },
      { file: runs, project: target.id },
      { file: a, project: project.id, name: "within.bam" },
    ]);
    assert.deepEqual(errorsOf(refused), [5014, 5014, undefined]);
    assert.deepEqual(errorsOf(await run(world, "ana", "move", [{ file: a, project: target.id }])), [5032]);
    assert.equal((await world.post("ana", `/files/${a}/actions/copy`, { project: target.id })).body.code, 5014);
    const bulk = await world.post("ana", "/action/files/copy", { project: target.id, file_ids: [a] });
    assert.equal(bulk.body[a].code, 5014);
    assert.deepEqual(await tree(world, target.root_folder), []);

    await world.patch("ana", `/projects/${target.id}`, { settings: { controlled: true } });
    assert.equal((await world.post("ana", `/files/${a}/actions/copy`, { project: target.id })).status, 200);
    assert.deepEqual(errorsOf(await run(world, "ana", "move", [{ file: a, project: target.id }])), [undefined]);
  }),
);

test(
  "what can be seen to be wrong fails at once, and nothing is started",
  withWorld(async (world) => {
    const { a, inA, runs, deep, project, target, folder } = await reef(world);
    const other = await folder("other", project.root_folder);
    const to = { project: target.id };
    const both: [why: string, items: unknown, copy: number, move: number][] = [
      ["no items", undefined, 57038, 57038],
      ["items null", null, 57038, 57038],
      ["items empty", [], 57038, 57038],
      ["items an object", { file: a }, 57014, 57023],
      ["items of texts", [a], 57014, 57023],
      ["no file", [to], 57002, 57002],
      ["file empty", [{ file: "", ...to }], 57030, 57030],
      ["file blank", [{ file: " ", ...to }], 57030, 57030],
      ["no destination", [{ file: a }], 57003, 57003],
      ["destination null", [{ file: a, parent: null, project: null }], 57003, 57003],
      ["destination blank", [{ file: a, parent: "", project: "" }], 57036, 57036],
      ["a parent that is no text", [{ file: a, parent: { id: other } }], 90000, 90000],
      ["a project that is no text", [{ file: a, project: 5 }], 90000, 90000],
      ["a name that is no text", [{ file: a, ...to, name: 5 }], 57018, 57018],
      ["two destinations", [{ file: a, parent: other, ...to }], 5031, 5031],
      ["another kind", [{ file: a, type: "volume", ...to }], 57015, 57026],
      [
        "same destination twice",
        [
          { file: a, ...to },
          { file: a, ...to },
        ],
        57005,
        57005,
      ],
      ["destination a file", [{ file: a, parent: inA }], 57017, 57021],
      ["bad name of a file", [{ file: a, ...to, name: "a/b" }], 57018, 57018],
      ["bad name of a folder", [{ file: runs, ...to, name: "__x" }], 57019, 57019],
      ["a root folder", [{ file: project.root_folder, ...to }], 57020, 57022],
      ["a folder into its parent", [{ file: runs, parent: project.root_folder }], 57009, 57011],
      ["a folder into its project", [{ file: runs, project: project.id }], 57009, 57011],
      ["a folder into itself", [{ file: runs, parent: runs }], 57010, 57012],
      ["a folder below itself", [{ file: runs, parent: deep }], 57010, 57012],
      [
        "folders into each other",
        [
          { file: runs, parent: other },
          { file: other, parent: deep },
        ],
        57006,
        57016,
      ],
    ];
    for (const [why, items, copy, move] of both) {
      for (const [kind, code] of [
        ["copy", copy],
        ["move", move],
      ] as const) {
        const { status, body } = await world.post("ana", `/async/files/${kind}`, { items });
        assert.deepEqual([status, body.code], [400, code], `${kind}: ${why}`);
      }
    }
    const twice = await world.post("ana", "/async/files/move", {
      items: [
        { file: a, ...to },
        { file: a, parent: other },
      ],
    });
    assert.equal(twice.body.code, 57008);
    const deletions: [why: string, items: unknown, code: number][] = [
      ["no items", [], 57038],
      ["items of texts", [a], 57023],
      ["no file", [{}], 57002],
      ["file blank", [{ file: "" }], 57030],
      ["a destination", [{ file: a, ...to }], 57007],
      ["another kind", [{ file: a, type: 1 }], 57026],
      ["twice", [{ file: a }, { file: a.toUpperCase() }], 57008],
    ];
    for (const [why, items, code] of deletions) {
      const { status, body } = await world.post("ana", "/async/files/delete", { items });
      assert.deepEqual([status, body.code], [400, code], `delete: ${why}`);
    }
    assert.equal((await world.get("ana", "/async/files")).headers.get("x-total-matching-query"), "0");
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
    assert.equal(await services.fileJobs.removeOld(new Date()), 1);
    assert.equal((await world.get("ana", copied.href)).body.code, 57039);
    assert.equal((await world.get("ana", merged.href)).status, 200);
  }),
);

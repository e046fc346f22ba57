import assert from "node:assert/strict";
import { test } from "node:test";
import { withWorld } from "../testing/world.ts";
import { errorsOf, NOBODYS, reef, run, tree } from "./testing.ts";

test(
  "rights are those of the moment an item's turn comes, and each refusal is an error of its item",
  withWorld(async (world) => {
    const { a, inA, inB, project, target } = await reef(world);
    const own = await (async () => {
      await world.token("ben");
      return world.project("ben");
    })();
    assert.deepEqual(errorsOf(await run(world, "ben", "copy", [{ file: a, project: own.id }])), [5002]);
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
    assert.deepEqual(errorsOf(mixed), [undefined, 3002, 3001, 5026]);
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

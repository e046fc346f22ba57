import assert from "node:assert/strict";
import { test } from "node:test";
import { type World, withWorld } from "../../testing/world.ts";
import { ended } from "../testing.ts";

const tool = (label: string, script: string, type: unknown) => ({
  cwlVersion: "v1.2",
  class: "CommandLineTool",
  label,
  baseCommand: ["sh", "-c", script, "sh"],
  inputs: [
    { id: "reads", type, inputBinding: { position: 1 } },
    { id: "depth", type: "int", default: 1 },
  ],
  outputs: [{ id: "joined", type: "File", outputBinding: { glob: "joined.txt" } }],
  stdout: "joined.txt",
});

/** Six files of two samples and one of none, and tools that take one, or several, or never end. */
async function laneFiles(world: World) {
  const project = (await world.project("mirela")).id as string;
  const add = (name: string, cwl: object) => world.post("mirela", `/apps/${project}/${name}/raw`, cwl);
  await add("one", tool("One", 'cat "$1"', "File"));
  await add("many", { ...tool("Many", 'cat "$@"', "File[]"), "sbg:batchInput": "#reads", "sbg:batchBy": { type: "item" } });
  await add("sleep", tool("Sleep", "sleep 1000", "File"));
  const reads: { class: string; path: string }[] = [];
  for (const [name, sample] of [
    ["a1", "S1"],
    ["b1", "S2"],
    ["a2", "S1"],
    ["c1", undefined],
  ] as const) {
    const { id } = await world.file("mirela", project, `${name}.fq`, `${name}\n`);
    if (sample) await world.patch("mirela", `/files/${id}/metadata`, { sample_id: sample, lane: name.slice(1) });
    reads.push({ class: "File", path: id });
  }
  return { project, reads };
}

const BY_ITEM = { batch_input: "reads", batch_by: { type: "item" } };
const BY_SAMPLE = { batch_input: "reads", batch_by: { type: "CRITERIA", criteria: ["metadata.sample_id", "metadata.lane"] } };

const childrenOf = async (world: World, parent: string, query = "") =>
  (await world.get("mirela", `/tasks?parent=${parent}&fields=_all&order_by=created_time${query}`)).body.items;

test(
  "a batch by item becomes a task for every value, and ends when they have",
  withWorld(async (world) => {
    const { project, reads } = await laneFiles(world);
    const body = { name: "lanes", project, app: `${project}/one`, inputs: { reads }, ...BY_ITEM };
    const { body: draft } = await world.post("mirela", "/tasks", body);
    assert.deepEqual([draft.status, draft.batch, draft.errors, draft.batch_by], ["DRAFT", true, [], { type: "ITEM" }]);
    assert.deepEqual(await childrenOf(world, draft.id), []);
    const { body: run } = await world.post("mirela", `/tasks/${draft.id}/actions/run`);
    assert.ok(run.batch);
    const parent = await ended(world, "mirela", draft.id);
    assert.equal(parent.status, "COMPLETED");
    const { queued, running, completed, failed, aborted } = parent.execution_status;
    assert.deepEqual(
      { queued, running, completed, failed, aborted },
      { queued: 0, running: 0, completed: 4, failed: 0, aborted: 0 },
    );
    assert.equal(parent.outputs.joined, null);

    const children = await childrenOf(world, draft.id);
    assert.deepEqual(
      children.map((child: Record<string, unknown>) => [child.name, child.batch, child.parent, child.batch_group]),
      ["a1", "b1", "a2", "c1"].map((name) => [`lanes - ${name}.fq`, false, draft.id, { value: `${name}.fq`, fields: {} }]),
    );
    assert.equal(children[1].inputs.reads.path, reads[1]!.path);
    assert.equal((await world.get("mirela", `/tasks?project=${project}`)).body.items.length, 1);
    assert.equal((await childrenOf(world, draft.id, "&status=failed")).length, 0);
    assert.deepEqual((await world.get("mirela", `/tasks/${draft.id}/execution_details`)).body.jobs, []);
    assert.equal((await world.delete("mirela", `/tasks/${children[0].id}`)).body.code, 7007);
  }),
);

test(
  "a batch by criteria becomes a task for every group of equal metadata; files without them are a group and a warning",
  withWorld(async (world) => {
    const { project, reads } = await laneFiles(world);
    const criteria = { batch_input: "reads", batch_by: { type: "criteria", criteria: ["metadata.sample_id"] } };
    const body = { name: "samples", project, app: `${project}/many`, inputs: { reads }, ...criteria };
    const { body: draft } = await world.post("mirela", "/tasks", body);
    assert.deepEqual(
      draft.warnings.map(({ code }: { code: string }) => code),
      ["MISSING_METADATA"],
    );
    const { body: run } = await world.post("mirela", `/tasks/${draft.id}/actions/clone?action=run`);
    assert.deepEqual([run.errors, run.warnings], [[], []]);
    await ended(world, "mirela", run.id);
    const children = await childrenOf(world, run.id);
    assert.deepEqual(
      children.map((child: { batch_group: unknown; inputs: { reads: { name: string }[] } }) => [
        child.batch_group,
        child.inputs.reads.map(({ name }) => name),
      ]),
      [
        [{ value: "S1", fields: { "metadata.sample_id": "S1" } }, ["a1.fq", "a2.fq"]],
        [{ value: "S2", fields: { "metadata.sample_id": "S2" } }, ["b1.fq"]],
        [{ value: "no value", fields: { "metadata.sample_id": null } }, ["c1.fq"]],
      ],
    );
    const { body: link } = await world.get("mirela", `/files/${children[0].outputs.joined.path}/download_info`);
    assert.equal((await world.send("GET", null, link.url)).body, "a1\na2\n");

    const { body: clone } = await world.post("mirela", `/tasks/${children[0].id}/actions/clone`);
    assert.deepEqual([clone.batch, clone.parent, clone.batch_group], [false, null, null]);
    assert.deepEqual(clone.inputs, children[0].inputs);
  }),
);

test(
  "batching is asked for in full, or taken from the app, changed, or turned off",
  withWorld(async (world) => {
    const { project, reads } = await laneFiles(world);
    const draft = { project, app: `${project}/one`, inputs: { reads } };
    const code = async (fields: object, query = "") =>
      (await world.post("mirela", `/tasks${query}`, { ...draft, ...fields })).body.code;
    assert.equal(await code({ ...BY_ITEM, batch_input: "" }), 7018);
    assert.equal(await code({ ...BY_ITEM, batch_by: { type: "CRITERIA" } }), 7019);
    assert.equal(await code({ ...BY_ITEM, batch_by: { type: "CRITERIA", criteria: [] } }), 7019);
    assert.equal(await code({ ...BY_ITEM, batch_by: { type: "colour" } }), 7020);
    assert.equal(await code(BY_ITEM, "?batch=FALSE"), 7021);
    assert.equal(await code({ batch_input: "reads" }), 7023);
    assert.equal(await code({ batch_by: { type: "ITEM" } }), 7023);
    assert.equal(await code({ batch: true }), 7023);
    assert.equal(await code({}, "?batch=FALSE"), undefined);

    const many = { ...draft, app: `${project}/many` };
    const { body: byDefault } = await world.post("mirela", "/tasks?batch=TRUE", many);
    assert.deepEqual([byDefault.batch_input, byDefault.batch_by], ["reads", { type: "ITEM" }]);
    const { body: one } = await world.post("mirela", "/tasks?action=run&batch=false", { ...many, ...BY_ITEM });
    assert.equal(one.batch, false);
    assert.equal((await ended(world, "mirela", one.id)).status, "COMPLETED");

    const patched = async (change: object) => (await world.patch("mirela", `/tasks/${byDefault.id}`, change)).body;
    assert.deepEqual((await patched(BY_SAMPLE)).batch_by, BY_SAMPLE.batch_by);
    assert.equal((await patched({ batch: true })).batch_by.type, "CRITERIA");
    assert.equal((await patched({ batch_input: "reads" })).code, 7023);
    assert.equal((await patched({ batch: false })).batch, false);
    assert.equal((await world.post("mirela", `/tasks/${byDefault.id}/actions/run?batch=false`)).body.code, 7022);
    assert.equal((await patched(BY_ITEM)).batch, true);
    assert.equal((await patched({ batch_input: null, batch_by: null })).batch, false);
    await patched(BY_ITEM);
    const { body: single } = await world.post("mirela", `/tasks/${byDefault.id}/actions/run?batch=false`);
    assert.deepEqual([single.batch, single.batch_by, single.status === "CREATING"], [false, null, false]);
    await ended(world, "mirela", single.id);
  }),
);

test(
  "a batch whose groups do not fit its app stays a draft that says why",
  withWorld(async (world) => {
    const { project, reads } = await laneFiles(world);
    const errorsOf = async (fields: object) => {
      const { body } = await world.post("mirela", "/tasks?action=run", {
        project,
        app: `${project}/one`,
        inputs: { reads },
        ...BY_ITEM,
        ...fields,
      });
      assert.equal(body.status, "DRAFT");
      return body.errors.map(({ code, message }: Record<string, string>) => `${code}: ${message}`).join("; ");
    };
    const bySample = { type: "CRITERIA", criteria: "metadata.sample_id" };
    assert.match(await errorsOf({ batch_by: bySample }), /BATCH_INPUT: .*the group 'S1' has 2/);
    assert.match(await errorsOf({ batch_input: "writes" }), /BATCH_INPUT: .*no input 'writes'/);
    assert.match(await errorsOf({ inputs: { reads: reads[0] } }), /BATCH_INPUT: .*list/);
    assert.match(await errorsOf({ inputs: { reads: [] } }), /BATCH_INPUT: .*list/);
    assert.match(
      await errorsOf({ batch_by: { type: "CRITERIA", criteria: ["sample_id"] } }),
      /BATCH_INPUT: 'sample_id' is no criterion/,
    );
    assert.match(await errorsOf({ inputs: { reads, depth: [1] }, batch_input: "depth", batch_by: bySample }), /no files/);
  }),
);

test(
  "aborting a batch aborts its children, also when they hold all places; aborting a child leaves its siblings alone",
  withWorld(
    async (world) => {
      const { project, reads } = await laneFiles(world);
      const { body: batch } = await world.post("mirela", "/tasks?action=run", {
        project,
        app: `${project}/sleep`,
        inputs: { reads },
        ...BY_ITEM,
      });
      let children = [];
      while (children.length < 4) children = await childrenOf(world, batch.id);
      await world.post("mirela", `/tasks/${children[0].id}/actions/abort`);
      assert.equal((await ended(world, "mirela", children[0].id)).status, "ABORTED");
      const { body: running } = await world.get("mirela", `/tasks/${batch.id}`);
      assert.deepEqual([running.status, running.execution_status.aborted], ["RUNNING", 1]);

      const { body: aborting } = await world.post("mirela", `/tasks/${batch.id}/actions/abort`);
      assert.ok(["ABORTING", "ABORTED"].includes(aborting.status));
      const aborted = await ended(world, "mirela", batch.id);
      assert.deepEqual([aborted.status, aborted.execution_status.aborted], ["ABORTED", 4]);
      assert.equal((await world.post("mirela", `/tasks/${batch.id}/actions/abort`)).body.code, 7011);
    },
    { tasksAtOnce: 2 },
  ),
);

import assert from "node:assert/strict";
import { test } from "node:test";
import { withWorld } from "../../testing/world.ts";
import { ended } from "../testing.ts";

const SORT = {
  cwlVersion: "v1.2",
  class: "CommandLineTool",
  requirements: [{ class: "InlineJavascriptRequirement" }],
  baseCommand: ["sh", "-c", "cat $* > sorted.bam; echo index > sorted.bam.bai; echo text > note.txt", "sh"],
  inputs: [{ id: "reads", type: "File[]", inputBinding: { position: 1 } }],
  outputs: [
    {
      id: "sorted",
      type: "File",
      secondaryFiles: [".bai"],
      outputBinding: {
        glob: "sorted.bam",
        outputEval:
          '${ self[0].metadata = { __inherit__: "reads", sorted: true, lanes: [1, 2], lane: "all", gone: null, "": "x" }; return self; }',
      },
    },
    { id: "note", type: "File", outputBinding: { glob: "note.txt" } },
    { id: "first", type: "File", outputBinding: { outputEval: "$(inputs.reads[0])" } },
    { id: "nothing", type: "File?", outputBinding: { glob: "nothing" } },
  ],
};

test(
  "outputs get the metadata that the app sets and inherits, names of their own, and their task as origin",
  withWorld(async (world) => {
    const { id: project } = await world.project("mirela");
    await world.post("mirela", `/apps/${project}/sort/raw`, SORT);
    const reads: { class: string; path: string }[] = [];
    for (const lane of ["1", "2"]) {
      const { id } = await world.file("mirela", project, `lane${lane}.bam`);
      await world.patch("mirela", `/files/${id}/metadata`, { sample_id: "S1", lane });
      reads.push({ class: "File", path: id });
    }
    const run = async () => {
      const body = { project, app: `${project}/sort`, inputs: { reads } };
      const { body: task } = await world.post("mirela", "/tasks?action=run", body);
      return ended(world, "mirela", task.id);
    };
    const task = await run();
    const { sorted, note, first, nothing } = task.outputs;
    const { body: file } = await world.get("mirela", `/files/${sorted.path}`);
    assert.deepEqual(file.metadata, { sample_id: "S1", lane: "all", sorted: "true", lanes: "[1,2]" });
    assert.deepEqual([file.tags, file.origin, file.project], [[], { task: task.id }, project]);
    assert.deepEqual(sorted.secondaryFiles[0].metadata, {});
    assert.deepEqual(note.metadata, {});
    assert.deepEqual([first.path, first.metadata], [reads[0]!.path, { sample_id: "S1", lane: "1" }]);
    assert.equal(nothing, null);

    await world.file("mirela", project, "_1_sorted.bam.bai");
    const again = (await run()).outputs;
    assert.equal(again.sorted.name, "_2_sorted.bam");
    assert.equal(again.sorted.secondaryFiles[0].name, "_2_sorted.bam.bai");
    assert.equal(again.note.name, "_1_note.txt");
    assert.equal(again.first.path, reads[0]!.path);
  }),
);

import assert from "node:assert/strict";
import { test } from "node:test";
import { withWorld } from "../../testing/world.ts";
import { ended } from "../testing.ts";

const TOOL = {
  cwlVersion: "v1.2",
  class: "CommandLineTool",
  requirements: [{ class: "InlineJavascriptRequirement" }],
  baseCommand: ["cat"],
  inputs: [
    { id: "file", type: "File", inputBinding: { position: 1 } },
    { id: "any", type: "Any" },
  ],
  stdout: "out.txt",
  outputs: [
    { id: "out", type: "stdout" },
    { id: "any", type: "Any", outputBinding: { outputEval: "$(inputs.any)" } },
    { id: "note", type: "string", outputBinding: { outputEval: "$(inputs.file.metadata.location)" } },
  ],
};

test(
  "what only looks like a file of the platform is data: records with a location, metadata of that name, a File without path",
  withWorld(async (world) => {
    const project = await world.project("mira");
    const app = `${project.id}/app`;
    assert.equal((await world.post("mira", `/apps/${app}/raw`, TOOL)).status, 200);
    const file = await world.file("mira", project.id, "reads.txt", "reads\n");
    const metadata = { location: "blob:0123456789abcdef0123456789abcdef" };
    assert.equal((await world.patch("mira", `/files/${file.id}/metadata`, metadata)).status, 200);
    const start = (any: unknown) => {
      const inputs = { file: { class: "File", path: file.id }, any };
      return world.post("mira", "/tasks?action=run", { project: project.id, app, inputs });
    };

    const alike = { location: metadata.location, list: [{ class: "Filed", location: "blob:x" }], path: file.id };
    const { body: run } = await start(alike);
    const task = await ended(world, "mira", run.id);
    assert.equal(task.status, "COMPLETED", task.execution_status.message);
    assert.deepEqual([task.outputs.any, task.outputs.note], [alike, metadata.location]);

    for (const broken of [
      { class: "File" },
      { class: "File", path: 7 },
      { class: "File", location: metadata.location },
      [{ class: "directory", path: null }],
    ]) {
      const { status, body } = await start(broken);
      assert.equal(status, 200, JSON.stringify(broken));
      const failed = body.status === "DRAFT" ? body : await ended(world, "mira", body.id);
      assert.ok(["DRAFT", "FAILED", "COMPLETED"].includes(failed.status), failed.status);
      assert.doesNotMatch(failed.execution_status.message, /through no fault/);
      assert.equal((await world.get("mira", `/tasks?project=${project.id}`)).status, 200);
    }
  }),
);

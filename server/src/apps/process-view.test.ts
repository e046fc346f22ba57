import assert from "node:assert/strict";
import { test } from "node:test";
import { withWorld } from "../testing/world.ts";

const tool = { class: "CommandLineTool", baseCommand: "true", inputs: { item: "int?" }, outputs: {} };
const inner = {
  class: "Workflow",
  inputs: { item: "int" },
  outputs: { done: { type: "Any", outputSource: "second/done" } },
  steps: {
    first: {
      run: { ...tool, outputs: { done: { type: "Any", outputBinding: { outputEval: "$(1)" } } } },
      in: { item: "item" },
      out: ["done"],
    },
    second: {
      run: { ...tool, inputs: { item: "Any" }, outputs: { done: { type: "Any", outputBinding: { outputEval: "$(1)" } } } },
      in: { item: "first/done" },
      out: ["done"],
    },
  },
};

test(
  "an app is told as a form and a graph need it, nested workflows included; a broken one tells its problems",
  withWorld(async (world) => {
    const project = await world.project("ana");
    const beside = world.url.replace(/\/v2$/, "/web");
    const document = {
      cwlVersion: "v1.2",
      class: "Workflow",
      label: "Nested",
      requirements: [{ class: "SubworkflowFeatureRequirement" }, { class: "ScatterFeatureRequirement" }],
      inputs: {
        items: { type: "int[]", label: "Items", doc: "Each of them." },
        kind: { type: ["null", { type: "enum", symbols: ["a", "b"] }] },
        reads: { type: "File", secondaryFiles: [".bai"], "sbg:fileTypes": "BAM, CRAM" },
        pair: { type: { type: "record", fields: { left: "File", right: "string?" } } },
        depth: { type: "int", default: 3 },
      },
      outputs: { all: { type: "Any[]", outputSource: "sub/done" } },
      steps: { sub: { run: inner, scatter: "item", in: { item: "items" }, out: ["done"] } },
      $namespaces: { sbg: "https://www.sevenbridges.com/" },
    };
    assert.equal((await world.post("ana", `/apps/${project.id}/nested/raw`, document)).status, 200);
    const { status, body } = await world.get("ana", `${beside}/apps/${project.id}/nested/latest`);
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual([body.id, body.label, body.runs, body.problems], [`${project.id}/nested/0`, "Nested", "workflow", []]);
    const inputs = new Map(body.inputs.map((input: { id: string }) => [input.id, input]));
    const about = (id: string) => inputs.get(id) as Record<string, unknown>;
    assert.deepEqual([about("items").type, about("items").required], [{ type: "array", items: "int" }, true]);
    assert.deepEqual([about("kind").type, about("kind").required], [["null", { type: "enum", symbols: ["a", "b"] }], false]);
    assert.deepEqual([about("reads").formats, about("reads").secondary_files], [["BAM", "CRAM"], [".bai"]]);
    assert.deepEqual(about("pair").type, {
      type: "record",
      fields: [
        { name: "left", type: "File" },
        { name: "right", type: ["null", "string"] },
      ],
    });
    assert.deepEqual([about("depth").default, about("depth").required], [3, false]);
    const steps = body.graph.nodes.filter(({ kind }: { kind: string }) => kind === "step");
    assert.deepEqual(
      steps.map(({ id, parent, runs, scattered }: Record<string, unknown>) => [id, parent, runs, scattered]),
      [
        ["sub", null, "workflow", true],
        ["sub.first", "sub", "tool", false],
        ["sub.second", "sub", "tool", false],
      ],
    );
    assert.deepEqual(body.graph.edges, [
      { from: "in:items", to: "sub" },
      { from: "sub.first", to: "sub.second" },
      { from: "sub", to: "out:all" },
    ]);

    await world.post("ana", `/apps/${project.id}/broken/raw`, { cwlVersion: "v1.2", class: "Workflow", inputs: {}, outputs: {} });
    const broken = (await world.get("ana", `${beside}/apps/${project.id}/broken/0`)).body;
    assert.ok(
      broken.problems.some(({ message, line }: { message: string; line: number }) => /steps/.test(message) && line === 1),
    );
    assert.deepEqual([broken.inputs, broken.graph.nodes], [[], []]);
    assert.equal((await world.get("ana", `${beside}/apps/${project.id}/none/latest`)).body.code, 6002);
  }),
);

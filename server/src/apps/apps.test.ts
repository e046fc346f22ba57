import assert from "node:assert/strict";
import { test } from "node:test";
import { withWorld } from "../testing/world.ts";

const COUNT_WORDS = {
  cwlVersion: "v1.2",
  class: "CommandLineTool",
  label: "Count words",
  baseCommand: ["wc", "-w"],
  inputs: { text: { type: "File", inputBinding: { position: 1 } } },
  outputs: [{ id: "report", type: "stdout" }],
  stdout: "report.txt",
};

test(
  "an app is added, gets revisions in sequence, and is read at any of them",
  withWorld(async (world) => {
    const { id } = await world.project("mirela", "RNA pilot");
    const added = await world.post("mirela", `/apps/${id}/Count-Words/raw`, COUNT_WORDS);
    assert.equal(added.status, 200);
    assert.equal(added.body["sbg:id"], `${id}/count-words/0`);
    assert.deepEqual(added.body["sbg:validationErrors"], []);
    assert.deepEqual(added.body.inputs, [{ id: "text", type: "File", inputBinding: { position: 1 } }]);

    assert.equal((await world.post("mirela", `/apps/${id}/count-words/raw`, COUNT_WORDS)).body.code, 6003);
    assert.equal((await world.post("mirela", `/apps/${id}/count-words/0/raw`, COUNT_WORDS)).body.code, 6003);
    assert.equal((await world.post("mirela", `/apps/${id}/count-words/2/raw`, COUNT_WORDS)).body.code, 90000);
    const next = { ...added.body, "sbg:revisionNotes": "fix glob", label: "Count all words" };
    assert.equal((await world.post("mirela", `/apps/${id}/count-words/1/raw`, next)).body["sbg:revision"], 1);

    const latest = await world.get("mirela", `/apps/${id}/count-words/`);
    assert.equal(latest.body.id, `${id}/count-words/1`);
    assert.equal(latest.body.name, "Count all words");
    assert.deepEqual(
      latest.body.raw["sbg:revisionsInfo"].map((entry: Record<string, unknown>) => entry["sbg:revisionNotes"]),
      [null, "fix glob"],
    );
    const first = await world.get("mirela", `/apps/${id}/count-words/0/raw/`);
    assert.equal(first.body["sbg:latestRevision"], 1);
    assert.equal(first.body.label, "Count words");
  }),
);

test(
  "a document comes as JSON, as YAML, or as a JSON string of either; what cannot be read is refused",
  withWorld(async (world) => {
    const { id } = await world.project("mirela");
    const yaml = 'cwlVersion: v1.0\nclass: CommandLineTool\nbaseCommand: ["true"]\ninputs: []\noutputs: []\n';
    const post = (name: string, body: string, type: string) =>
      world.send("POST", "mirela", `/apps/${id}/${name}/raw`, body, { "content-type": type });

    assert.equal((await post("yaml", yaml, "application/yaml")).status, 200);
    assert.equal((await post("text", JSON.stringify(yaml), "application/json")).body.cwlVersion, "v1.0");
    assert.equal((await post("twice", JSON.stringify(JSON.stringify(yaml)), "application/json")).body.class, "CommandLineTool");
    assert.equal((await post("torn", '{"class":', "application/json")).body.code, 90009);
    assert.equal((await post("words", '"just words"', "application/json")).body.code, 90009);
    assert.equal((await post("list", "[1]", "application/json")).body.code, 90000);
    assert.equal((await post("form", yaml, "text/plain")).body.code, 90008);
    assert.equal((await post("123", yaml, "application/yaml")).body.code, 6011);
    assert.equal((await world.get("mirela", "/apps?q=words")).headers.get("x-total-matching-query"), "0");
  }),
);

test(
  "a broken document is stored, with its problems named by their places",
  withWorld(async (world) => {
    const { id } = await world.project("mirela");
    const broken = { ...COUNT_WORDS, inputs: { text: "Fil" } };
    const { status, body } = await world.post("mirela", `/apps/${id}/broken/raw`, broken);
    assert.equal(status, 200);
    assert.equal(body["sbg:validationErrors"].length, 1);
    assert.match(body["sbg:validationErrors"][0], /^inputs\.text.*Fil/);
  }),
);

test(
  "a packed document is stored as it came, and its main process is the app",
  withWorld(async (world) => {
    const { id } = await world.project("mirela");
    const { cwlVersion, ...tool } = COUNT_WORDS;
    const main = {
      id: "main",
      class: "Workflow",
      label: "Count in files",
      inputs: { text: "File" },
      outputs: { report: { type: "File", outputSource: "count/report" } },
      steps: { count: { run: "#count-words", in: { text: "text" }, out: ["report"] } },
    };
    const packed = { cwlVersion, $graph: [{ ...tool, id: "count-words" }, main] };
    const { body } = await world.post("mirela", `/apps/${id}/packed/raw`, packed);
    assert.deepEqual([body.$graph, body["sbg:validationErrors"]], [packed.$graph, []]);
    const found = await world.get("mirela", "/apps?q=count+in+files");
    assert.deepEqual(
      found.body.items.map(({ name }: { name: string }) => name),
      ["Count in files"],
    );
  }),
);

test(
  "apps are found by their words, and only by members",
  withWorld(async (world) => {
    const { id } = await world.project("mirela");
    await world.post("mirela", `/apps/${id}/count-words/raw`, COUNT_WORDS);
    const found = await world.get("mirela", "/apps?q=count+WORDS");
    assert.deepEqual(found.body.items, [
      { href: `${world.url}/apps/${id}/count-words/0`, id: `${id}/count-words/0`, project: id, name: "Count words", revision: 0 },
    ]);
    assert.deepEqual((await world.get("stranger", "/apps")).body.items, []);
    assert.equal((await world.get("stranger", `/apps/${id}/count-words`)).body.code, 6001);
    assert.equal((await world.get("mirela", `/apps/${id}/nothing`)).body.code, 6002);
    assert.equal((await world.get("mirela", `/apps/${id}`)).body.code, 6011);
    assert.equal((await world.get("mirela", "/apps/mirela/")).body.code, 6011);
    assert.equal((await world.get("mirela", "/apps?visibility=secret")).body.code, 6012);
  }),
);

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { OPERATOR_OPERATIONS, type Operation } from "@causeway/contract";
import { ended } from "../tasks/testing.ts";
import { createWorld, type World } from "./world.ts";

// Keys that every object of JavaScript has something under: they work as any other key, or are refused with the reason. They
// never vanish, change what others see, or become a fault of ours.

let world: World;
let project: string;
before(async () => {
  world = await createWorld();
  project = (await world.project("ana")).id;
});
after(async () => {
  assert.deepEqual(Object.keys(Object.prototype), []);
  await world.close();
});

const NAMES = ["__proto__", "constructor", "prototype", "toString", "valueOf", "hasOwnProperty", "__defineGetter__"];
const text = (pairs: [string, unknown][]) =>
  `{${pairs.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)}}`;
/** An object with a value of its own under each of the names, as JSON. */
const ODD = text(NAMES.map((name, index) => [name, `v${index}`]));
const has = (object: object, what: string) => assert.equal(text(Object.entries(object).sort()), sorted(ODD), what);
const sorted = (json: string) => text(Object.entries(JSON.parse(json) as object).sort());

test("as keys of metadata, wherever that is given", async () => {
  const { id } = await world.file("ana", project, "a.txt");
  const metadataOf = async () => (await world.get("ana", `/files/${id}/metadata`)).body;
  const clear = () => world.put("ana", `/files/${id}/metadata`, {});
  const ways: [string, string, string][] = [
    ["PUT", `/files/${id}/metadata`, ODD],
    ["PATCH", `/files/${id}/metadata`, ODD],
    ["PATCH", `/files/${id}`, `{"metadata":${ODD}}`],
    ["POST", "/bulk/files/update", `{"items":[{"id":"${id}","metadata":${ODD}}]}`],
    ["POST", "/bulk/files/edit", `{"items":[{"id":"${id}","metadata":${ODD}}]}`],
  ];
  for (const [method, path, body] of ways) {
    await clear();
    assert.equal((await world.send(method, "ana", path, body)).status, 200, path);
    has(await metadataOf(), `${method} ${path}`);
  }
  for (const [index, name] of NAMES.entries()) {
    const found = await world.get("ana", `/files?project=${project}&metadata.${name}=v${index}`);
    assert.equal(found.body.items.length, 1, name);
    assert.equal((await world.get("ana", `/files?project=${project}&metadata.${name}=other`)).body.items.length, 0, name);
    assert.equal((await world.get("ana", `/files/${id}/metadata?fields=${name}`)).status, 200, name);
  }
  const copied = (await world.post("ana", `/files/${id}/actions/copy`, { project, name: "b.txt" })).body;
  has((await world.get("ana", `/files/${copied.id}/metadata`)).body, "a copy");
});

const ANY = (name: string) => ({ id: name, type: "Any" });
const TOOL = {
  $namespaces: { sbg: "https://sevenbridges.com" },
  cwlVersion: "v1.2",
  class: "CommandLineTool",
  requirements: { InlineJavascriptRequirement: {} },
  baseCommand: "true",
};

test("as keys of values of a task, through the engine and back", async () => {
  const tool = `${JSON.stringify({ ...TOOL, inputs: [ANY("given")], outputs: [] }).slice(0, -1)},"sbg:odd":${ODD}}`
    .replace('"inputs":[', `"inputs":[{"id":"usual","type":"Any","default":${ODD}},`)
    .replace(
      '"outputs":[',
      `"outputs":[${["given", "usual"].map((id) => `{"id":"${id}_back","type":"Any","outputBinding":{"outputEval":"$(inputs.${id})"}}`)},
        {"id":"made","type":"Any","outputBinding":{"outputEval":${JSON.stringify(`\${ return JSON.parse(${JSON.stringify(ODD)}); }`)}}}`,
    );
  const pushed = await world.post("ana", `/apps/${project}/odd/raw`, tool);
  assert.equal(pushed.status, 200, JSON.stringify(pushed.body));
  has((await world.get("ana", `/apps/${project}/odd/0/raw`)).body["sbg:odd"], "a key of the document");
  const body = `{"project":"${project}","app":"${project}/odd","inputs":{"given":${ODD}}}`;
  const { body: draft } = await world.post("ana", "/tasks", body);
  has(draft.inputs.given, "an input of a draft");
  const changed = await world.patch("ana", `/tasks/${draft.id}`, `{"inputs":{"given":${ODD}}}`);
  has(changed.body.inputs.given, "a changed input");
  const { status, body: running } = await world.post("ana", `/tasks/${draft.id}/actions/run`);
  assert.equal(status, 200, JSON.stringify(running));
  const done = await ended(world, "ana", draft.id);
  assert.equal(done.status, "COMPLETED", done.execution_status.message);
  for (const output of ["given_back", "usual_back", "made"]) has(done.outputs[output], output);
});

test("as names in a document they are refused with their place, and as keys that no input has they are no input", async () => {
  for (const name of NAMES.filter((name) => name in {})) {
    const documents = {
      input: `{"cwlVersion":"v1.2","class":"CommandLineTool","baseCommand":"true","inputs":{"${name}":"string?"},"outputs":{}}`,
      output: `{"cwlVersion":"v1.2","class":"CommandLineTool","baseCommand":"true","inputs":{},"outputs":{"${name}":"stdout"}}`,
      field: `{"cwlVersion":"v1.2","class":"CommandLineTool","baseCommand":"true","outputs":{},"inputs":[{"id":"r","type":{"type":"record","fields":[{"name":"${name}","type":"int"}]}}]}`,
      step: `{"cwlVersion":"v1.2","class":"Workflow","inputs":{},"outputs":{},"steps":{"${name}":{"in":{},"out":[],"run":${JSON.stringify({ ...TOOL, inputs: [], outputs: [] })}}}}`,
    };
    for (const [what, document] of Object.entries(documents)) {
      const app = `${project}/${what}-${name.replaceAll("_", "")}`;
      const pushed = await world.post("ana", `/apps/${app}/raw`, document);
      const told = JSON.stringify(pushed.body);
      assert.ok(told.includes(`\`${name}\` cannot be a name here`), `${what} ${name}: ${pushed.status} ${told.slice(0, 500)}`);
    }
  }
  await world.post("ana", `/apps/${project}/plain/raw`, { ...TOOL, inputs: [{ id: "n", type: "int?" }], outputs: [] });
  const { body: draft } = await world.post("ana", "/tasks", `{"project":"${project}","app":"${project}/plain","inputs":${ODD}}`);
  assert.deepEqual(draft.inputs, { n: null });
});

test("a body of operators has the limits of all, and odd keys in it do no harm", async () => {
  const operator = world.url.replace("/v2", "/operator");
  const deep = "[".repeat(100_000) + "]".repeat(100_000);
  for (const operation of Object.values(OPERATOR_OPERATIONS) as Operation[]) {
    if (!operation.body) continue;
    const url = operator + operation.path.replace(/\{\w+\}/g, "x");
    for (const body of [`{"a":${deep}}`, deep, `{"a":[${"[],".repeat(400_000)}1]}`]) {
      const answer = await world.send(operation.method, "admin", url, body);
      assert.deepEqual([answer.status, answer.body.code], [400, 90000], operation.id);
      assert.match(answer.body.more_info, /CAUSEWAY_BODY_(DEPTH|VALUES)/, operation.id);
    }
    const answer = await world.send(operation.method, "admin", url, ODD);
    assert.ok(answer.status < 500, `${operation.id}: ${answer.status}`);
  }
});

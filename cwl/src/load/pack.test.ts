import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import type { Workflow } from "../model.ts";
import { DocumentError, load, loadObject, pack } from "./index.ts";

const directory = await mkdtemp(join(tmpdir(), "causeway-pack-"));
after(() => rm(directory, { recursive: true }));

async function write(documents: { readonly [path: string]: string | Buffer }): Promise<string> {
  const place = await mkdtemp(join(directory, "case-"));
  for (const [path, text] of Object.entries(documents)) {
    await mkdir(dirname(join(place, path)), { recursive: true });
    await writeFile(join(place, path), text);
  }
  return place;
}

const alone = (document: object) =>
  loadObject(document, "app:lab/rna/align/1", { fetchText: (uri) => Promise.reject(new Error(`${uri} is not in it`)) });

async function refusal(path: string): Promise<string> {
  const error = await pack(path).then(
    () => assert.fail("it is packed"),
    (caught) => caught,
  );
  assert.ok(error instanceof DocumentError, String(error));
  return error.message;
}

const DOCUMENTS = {
  "main.cwl": `cwlVersion: v1.2
class: Workflow
doc: {$include: about.md}
requirements:
  SubworkflowFeatureRequirement: {}
  SchemaDefRequirement: {types: [{$import: types/pair.yml}]}
inputs:
  pair: types/pair.yml#pair
  pairs: {type: {type: array, items: "types/pair.yml#pair"}}
  text: {type: File, default: {class: File, location: data/words.txt}}
outputs:
  count: {type: int, outputSource: count/count}
steps:
  count: {run: tools/count.cwl, in: {text: text}, out: [count]}
  again: {run: tools/count.cwl, in: {text: text}, out: [count]}
  some: {run: "tools/packed.cwl#inner", in: {}, out: []}
  whole: {run: tools/packed.cwl, in: {}, out: []}
`,
  "about.md": "Counts words.",
  "data/words.txt": "one two\n",
  "types/pair.yml":
    "[{name: mate, type: record, fields: {reads: File}}, {name: pair, type: record, fields: {first: mate, second: 'mate?'}}]",
  "tools/count.cwl": `cwlVersion: v1.0
class: CommandLineTool
baseCommand: [wc, -w]
hints: {$import: ../hints.yml}
inputs: {text: {type: File, inputBinding: {}}}
outputs: {count: {type: int, outputBinding: {glob: out, outputEval: $(1)}}}
`,
  "hints.yml": "- {class: ResourceRequirement, coresMin: 2}",
  "tools/packed.cwl": `cwlVersion: v1.1
$graph:
  - {id: inner, class: CommandLineTool, baseCommand: "true", inputs: {}, outputs: {}}
  - id: main
    class: Workflow
    inputs: {}
    outputs: {}
    steps: {inner: {run: "#inner", in: {}, out: []}}
`,
};

test("a packed document means the same as its files, and needs none of them", async () => {
  const place = await write(DOCUMENTS);
  const { document, warnings } = await pack(join(place, "main.cwl"));
  assert.deepEqual(warnings, []);
  const packed = (await alone(JSON.parse(JSON.stringify(document)))).process as Workflow;
  const loose = (await load(join(place, "main.cwl"))).process as Workflow;
  assert.equal(packed.doc, "Counts words.");
  assert.deepEqual(packed.inputs.slice(0, 2), loose.inputs.slice(0, 2));
  assert.deepEqual(packed.inputs[2]!.default, { class: "File", basename: "words.txt", contents: "one two\n" });
  for (const [index, step] of packed.steps.entries()) {
    const { run } = loose.steps[index]!;
    assert.deepEqual(
      { ...step.run, id: "", source: undefined, steps: undefined },
      { ...run, id: "", source: undefined, steps: undefined },
      step.id,
    );
  }
  assert.equal((packed.steps[3]!.run as Workflow).steps[0]!.run.class, "CommandLineTool");
});

test("a packed file stays as it is, one of its processes comes alone, and sbg:draft-2 is kept", async () => {
  const place = await write({
    ...DOCUMENTS,
    "old.json":
      '{"class": "CommandLineTool", "cwlVersion": "sbg:draft-2", "baseCommand": ["true"], "inputs": [], "outputs": [], "id": "old"}',
  });
  const whole = (await pack(join(place, "tools/packed.cwl"))).document as { $graph: { id: string }[] };
  assert.deepEqual(
    whole.$graph.map(({ id }) => id),
    ["inner", "main"],
  );
  await alone(whole);
  const { document } = await pack(`${join(place, "tools/packed.cwl")}#main`);
  assert.equal(document.cwlVersion, "v1.1");
  await alone(document);
  assert.equal((await pack(join(place, "old.json"))).document.cwlVersion, "sbg:draft-2");
});

test("what cannot be put into a document is named by its file and line", async () => {
  const tool = (more: string) => `cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: "true"\noutputs: []\n${more}`;
  const place = await write({
    "missing.cwl": "cwlVersion: v1.2\nclass: Workflow\ninputs: []\noutputs: []\nsteps:\n  a: {run: gone.cwl, in: [], out: []}\n",
    "itself.cwl": "cwlVersion: v1.2\nclass: Workflow\ninputs: []\noutputs: []\nsteps:\n  a: {run: itself.cwl, in: [], out: []}\n",
    "large.cwl": tool("inputs:\n  x: {type: File, default: {class: File, location: genome.fa}}\n"),
    "broken.cwl": "cwlVersion: v1.2\nclass: [\n",
    "genome.fa": Buffer.alloc(70_000, "A"),
  });
  assert.match(await refusal(join(place, "missing.cwl")), /missing\.cwl:6:12: .*gone\.cwl.*there is no such file/);
  assert.match(await refusal(join(place, "itself.cwl")), /itself\.cwl:6:12: .*runs itself/);
  assert.match(
    await refusal(join(place, "large.cwl")),
    /large\.cwl:6:\d+: inputs\.x\.default: `genome\.fa` cannot be put into the document/,
  );
  assert.match(await refusal(join(place, "broken.cwl")), /broken\.cwl:\d+:\d+: /);
  assert.match(await refusal(join(place, "nothing.cwl")), /nothing\.cwl:1:1: cannot be read: there is no such file/);
});

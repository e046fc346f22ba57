import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { closeSandbox } from "../expressions/index.ts";
import { plainRunner } from "../jobs/tool-bench.ts";
import { loadText } from "../load/index.ts";
import type { FileValue, Inputs, Outputs } from "../model.ts";
import { type LocalToolsOptions, localTools } from "../run/local-tools.ts";
import { runDocument } from "../run/run-document.ts";
import { DirectoryReuseStore } from "./directory-store.ts";
import type { ReuseDecision } from "./reusing.ts";
import type { ReuseStore } from "./store.ts";

const place = mkdtempSync(join(tmpdir(), "reusing-"));
after(async () => {
  await closeSandbox();
  rmSync(place, { recursive: true });
});

/** A store of its own, and a way to run documents with it that tells what happened. */
function bench(store: ReuseStore = new DirectoryReuseStore(mkdtempSync(join(place, "store-")))) {
  const count = join(mkdtempSync(join(place, "count-")), "ran");
  writeFileSync(count, "");
  async function run(text: string, given: Inputs = {}, options: Partial<LocalToolsOptions> = {}) {
    const document = await loadText(text.replaceAll("COUNT", count), `file://${place}/document.cwl`);
    const decisions: string[] = [];
    const onReuse = ({ is, name, why }: ReuseDecision) => void decisions.push(`${name} ${is}: ${why}`);
    const workDirectory = mkdtempSync(join(place, "run-"));
    const runTool = localTools({ runner: plainRunner, workDirectory, reuse: store, onReuse, ...options });
    const outputs = await runDocument(document, given, { runTool });
    return { outputs, decisions, workDirectory };
  }
  /** How often a command really ran. */
  return { store, run, ran: () => readFileSync(count, "utf8").length };
}
const textOf = (outputs: Outputs, port = "said") => readFileSync(fileURLToPath((outputs[port] as FileValue).location!), "utf8");

/** Counts each of its runs in a file, and says its word. */
const SAY = `
cwlVersion: v1.2
class: CommandLineTool
label: Says a word
baseCommand: [sh, -c, 'printf x >>COUNT; echo "$0"']
inputs: {word: {type: string, inputBinding: {}}, file: File?}
outputs: {said: {type: stdout}}
stdout: said.txt
`;

test("the same job runs once: the second run gets what the first one made", async () => {
  const { run, ran } = bench();
  const first = await run(SAY, { word: "hello" });
  const second = await run(SAY, { word: "hello" });
  assert.equal(ran(), 1);
  assert.deepEqual(first.decisions, ["job not reused: no job of this tool is known"]);
  assert.match(second.decisions.join("\n"), /^job reused: the same tool and inputs as job job of \d{4}-\d\d-\d\d \d\d:\d\d UTC$/);
  assert.equal(textOf(second.outputs), "hello\n");
  const { location: _, ...seen } = second.outputs.said as FileValue;
  const { location: __, ...made } = first.outputs.said as FileValue;
  assert.deepEqual(seen, made);
  assert.ok((second.outputs.said as FileValue).location!.startsWith(`file://${second.workDirectory}/`));
});

test("another input is a miss that names the input and both values", async () => {
  const { run, ran } = bench();
  await run(SAY, { word: "hello" });
  const { outputs, decisions } = await run(SAY, { word: "bye" });
  assert.equal(ran(), 2);
  assert.equal(textOf(outputs), "bye\n");
  assert.match(decisions[0]!, /^job not reused: input word differs from job job of .* \(word: then "hello", now "bye"\)$/);
});

test("files count by their bytes and names, not by where they are or when they changed", async () => {
  const { run, ran } = bench();
  const at = (directory: string, text: string): FileValue => {
    mkdirSync(join(place, directory), { recursive: true });
    writeFileSync(join(place, directory, "data.txt"), text);
    return { class: "File", path: join(place, directory, "data.txt") };
  };
  await run(SAY, { word: "w", file: at("one", "same") });
  await run(SAY, { word: "w", file: at("two", "same") });
  assert.equal(ran(), 1);
  const { decisions } = await run(SAY, { word: "w", file: at("one", "else") });
  assert.equal(ran(), 2);
  assert.match(decisions[0]!, /input file differs .*\(file: then data\.txt sha1\$[0-9a-f]{8}, now data\.txt sha1\$/);
  // What a job order claims about a file is not believed.
  await run(SAY, { word: "w", file: { ...at("one", "new!"), checksum: "sha1$0000" } });
  await run(SAY, { word: "w", file: { ...at("one", "NEW!"), checksum: "sha1$0000" } });
  assert.equal(ran(), 4);
});

test("another command is a miss; another label, id or place of the document is not", async () => {
  const { run, ran } = bench();
  await run(SAY, { word: "hello" });
  await run(SAY.replace("label: Says a word", "id: speaker\nlabel: Speaks\ndoc: About it"), { word: "hello" });
  assert.equal(ran(), 1);
  const { decisions } = await run(SAY.replace('echo "$0"', 'echo "$0!"'), { word: "hello" });
  assert.equal(ran(), 2);
  assert.match(decisions[0]!, /^job not reused: the tool differs from that of job job of/);
});

test("resources count only for tools whose expressions look at them", async () => {
  const { run, ran } = bench();
  const withCores = (cores: number, text: string) => `${text}requirements: {ResourceRequirement: {coresMin: ${cores}}}\n`;
  await run(withCores(1, SAY), { word: "w" });
  await run(withCores(2, SAY), { word: "w" });
  assert.equal(ran(), 1);
  const looking = `${SAY}arguments: [$(runtime.cores)]\n`;
  await run(withCores(1, looking), { word: "w" });
  const { decisions } = await run(withCores(2, looking), { word: "w" });
  assert.equal(ran(), 3);
  assert.match(decisions[0]!, /the resources, which its expressions look at, differ/);
});

test("a job that fails is not recorded", async () => {
  const { run, ran } = bench();
  const failing = SAY.replace('echo "$0"', "exit 3");
  await assert.rejects(run(failing, { word: "w" }), /exit code 3/);
  await assert.rejects(run(failing, { word: "w" }), /exit code 3/);
  assert.equal(ran(), 2);
});

test("WorkReuse: enableReuse false, also by an expression, keeps a tool from being looked up and recorded", async () => {
  const { run, ran } = bench();
  const never = `${SAY}requirements: {WorkReuse: {enableReuse: false}}\n`;
  await run(never, { word: "w" });
  const { decisions } = await run(never, { word: "w" });
  assert.equal(ran(), 2);
  assert.deepEqual(decisions, ["job not reused: the tool asks for it (WorkReuse)"]);
  const sometimes = `${SAY}requirements: {InlineJavascriptRequirement: {}, WorkReuse: {enableReuse: "$(inputs.word != 'w')"}}\n`;
  for (const word of ["w", "w", "v", "v"]) await run(sometimes, { word });
  assert.equal(ran(), 5);
  const wrong = `${SAY}requirements: {WorkReuse: {enableReuse: "$(inputs.word)"}}\n`;
  await assert.rejects(run(wrong, { word: "w" }), /WorkReuse\.enableReuse: .* gave "w", and a boolean is needed/);
});

const CHAIN = `
cwlVersion: v1.2
class: Workflow
requirements: {ScatterFeatureRequirement: {}}
inputs: {words: "string[]"}
outputs: {all: {type: File, outputSource: join/all}}
steps:
  say:
    run: {${SAY.trim().split("\n").slice(1).join(", ").replace("label: Says a word, ", "")}}
    scatter: word
    in: {word: words}
    out: [said]
  join:
    run:
      class: CommandLineTool
      baseCommand: [sh, -c, 'printf y >>COUNT; cat "$@"', join]
      inputs: {files: {type: "File[]", inputBinding: {}}}
      outputs: {all: {type: stdout}}
    in: {files: say/said}
    out: [all]
`;

test("in a workflow only what depends on the change runs again", async () => {
  const { run, ran } = bench();
  await run(CHAIN, { words: ["a", "b", "c"] });
  assert.equal(ran(), 4);
  const { outputs, decisions } = await run(CHAIN, { words: ["a", "B", "c"] });
  assert.equal(ran(), 6);
  assert.equal(textOf(outputs, "all"), "a\nB\nc\n");
  assert.deepEqual(decisions.map((decision) => decision.split(":")[0]).sort(), [
    "join not reused",
    "say[0] reused",
    "say[1] not reused",
    "say[2] reused",
  ]);
  assert.match(decisions.find((decision) => decision.startsWith("join"))!, /input files differs from job join of/);
});

test("two runs at once with one store both end, and leave it whole", async () => {
  const { run, ran, store } = bench();
  const words = ["a", "b", "c", "d"];
  const both = await Promise.all([run(CHAIN, { words }), run(CHAIN, { words })]);
  for (const { outputs } of both) assert.equal(textOf(outputs, "all"), "a\nb\nc\nd\n");
  const before = ran();
  await run(CHAIN, { words }, { reuse: store });
  assert.equal(ran(), before);
});

test("a job that changes an output it was given does not change what later runs get", async () => {
  const { run } = bench();
  const first = await run(SAY, { word: "w" });
  appendFileSync(fileURLToPath((first.outputs.said as FileValue).location!), "vandalised");
  const second = await run(SAY, { word: "w" });
  appendFileSync(fileURLToPath((second.outputs.said as FileValue).location!), "vandalised");
  assert.equal(textOf((await run(SAY, { word: "w" })).outputs), "w\n");
});

test("files that the tool itself names count by their bytes; a job given a file that nothing names is not kept", async () => {
  const { run, ran } = bench();
  const script = join(place, "script.sh");
  const staging = (listing: string) => `
cwlVersion: v1.2
class: CommandLineTool
requirements: {InlineJavascriptRequirement: {}, InitialWorkDirRequirement: {listing: [${listing}]}}
baseCommand: [sh, -c, 'printf x >>COUNT; sh script.sh']
inputs: []
outputs: {said: {type: stdout}}
`;
  const written = staging(`{class: File, location: "file://${script}"}`);
  writeFileSync(script, "echo one");
  await run(written);
  await run(written);
  assert.equal(ran(), 1);
  writeFileSync(script, "echo two");
  assert.equal(textOf((await run(written)).outputs), "two\n");
  assert.equal(ran(), 2);

  const madeUp = staging(`"$({class: 'File', location: 'file://${script}'})"`);
  const { decisions } = await run(madeUp);
  assert.deepEqual(decisions.slice(1), [`job not kept: it was given ${script}, which is none of its inputs`]);
  writeFileSync(script, "echo three");
  assert.equal(textOf((await run(madeUp)).outputs), "three\n");
});

test("a job whose inputs changed while it ran is not kept", async () => {
  const { run, ran } = bench();
  const path = join(place, "growing.txt");
  const growing = SAY.replace('echo "$0"', `printf more >>${path}`);
  for (let time = 0; time < 2; time++) {
    writeFileSync(path, "start");
    const { decisions } = await run(growing, { word: "w", file: { class: "File", path } });
    assert.equal(decisions[1], "job not kept: its inputs changed while it ran");
  }
  assert.equal(ran(), 2);
});

test("a store that cannot be written does not fail the job", async () => {
  const directory = mkdtempSync(join(place, "store-"));
  const { run } = bench(new DirectoryReuseStore(directory));
  writeFileSync(join(directory, "files"), "in the way");
  const { outputs, decisions } = await run(SAY, { word: "w" });
  assert.equal(textOf(outputs), "w\n");
  assert.match(decisions[1]!, /^job not kept: (ENOTDIR|EEXIST)/);
});

test("a tool that changes its inputs in place always runs", async () => {
  const { run, ran } = bench();
  const text = `${SAY}requirements: {InplaceUpdateRequirement: {inplaceUpdate: true}}\n`;
  for (let time = 0; time < 2; time++) await run(text, { word: "w" }, { allowInplaceUpdate: true });
  assert.equal(ran(), 2);
});

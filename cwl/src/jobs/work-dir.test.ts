import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { createEvaluator } from "../expressions/index.ts";
import type { CommandLineTool, InputPort, Inputs, WorkDirEntry } from "../model.ts";
import { bindInputs } from "./input-binding.ts";
import { prepareJob } from "./prepare.ts";
import { file, script, textOf, toolBench } from "./tool-bench.ts";

type Listing = string | WorkDirEntry[];
const x: InputPort = { id: "x", type: "File" };
const withListing = (listing: Listing, line: string, fields: Partial<CommandLineTool> = {}): CommandLineTool =>
  script(line, {
    inputs: [x],
    stdout: "out",
    outputs: [{ id: "out", type: "File", outputBinding: { glob: ["out"] } }],
    ...fields,
    requirements: { inlineJavascript: { expressionLib: [] }, initialWorkDir: { listing }, ...fields.requirements },
  });

/** What a line prints when the listing was staged for an input `x.txt` of `text` beside its `x.txt.i`. */
function printer(test: TestContext) {
  const bench = toolBench(test);
  mkdirSync(`${bench.directory}/source`);
  writeFileSync(`${bench.directory}/source/x.txt`, "text");
  writeFileSync(`${bench.directory}/source/x.txt.i`, "index");
  const path = `${bench.directory}/source/x.txt`;
  const given: Inputs = { x: file(path, { secondaryFiles: [file(`${path}.i`)] }) };
  const print = async (
    listing: Listing,
    line: string,
    fields: Partial<CommandLineTool> = {},
    more: { allowInplaceUpdate?: boolean } = {},
  ) => textOf((await bench.run(withListing(listing, line, fields), given, more)).out);
  return { bench, path, given, print };
}

test("text, JSON and files are found in the output directory, whatever form the listing has", async (t) => {
  const { print } = printer(t);
  assert.equal(await print([{ entryname: "c.ini", entry: "size=$(inputs.x.size)\n" }], "cat c.ini"), "size=4\n");
  assert.equal(
    await print([{ entryname: "c.json", entry: "$({a: [1, 'b'], c: {d: null}})" }], "cat c.json"),
    '{"a": [1, "b"], "c": {"d": null}}',
  );
  assert.equal(await print([{ entryname: "n", entry: "${ return 44.4; }" }], "cat n"), "44.4");
  assert.equal(await print([{ entryname: "y.txt", entry: "$(inputs.x)" }], "cat y.txt x.txt.i"), "textindex");
  assert.equal(await print(["$(inputs.x)", "$(null)"], "cat x.txt x.txt.i"), "textindex");
  assert.equal(await print("$([inputs.x])", "cat x.txt"), "text");
  assert.equal(await print([{ entry: "$([inputs.x])" }], "cat x.txt"), "text");
  assert.equal(
    await print(
      "$({class: 'Directory', basename: 'd', listing: [inputs.x, {class: 'File', basename: 'l', contents: 'lit'}]})",
      "cat d/x.txt d/x.txt.i d/l",
    ),
    "textindexlit",
  );
  assert.equal(await print([{ entryname: "deep/down/y", entry: "$(inputs.x)" }], "cat deep/down/y"), "text");
  assert.equal(await print([{ entryname: "d", entry: { class: "Directory", listing: [] } }], "ls -d d"), "d\n");
});

test("an input that was staged there has its path there", async (t) => {
  const { print } = printer(t);
  const shell = {
    requirements: { envVar: [{ name: "X", value: "$(inputs.x.path) $(inputs.x.dirname) $(inputs.x.secondaryFiles[0].path)" }] },
  };
  const line = 'for p in $X; do case "$p" in "$PWD"*) echo "${p#"$PWD"}";; *) echo other;; esac; done';
  assert.equal(await print([{ entryname: "sub/y.txt", entry: "$(inputs.x)" }], line, shell), "/sub/y.txt\n/sub\n/sub/x.txt.i\n");
});

test("a writable entry is a copy, which the tool may change without changing the input", async (t) => {
  const { path, print } = printer(t);
  chmodSync(path, 0o444);
  assert.equal(await print([{ entry: "$(inputs.x)", writable: true }], "echo more >> x.txt; cat x.txt"), "textmore\n");
  assert.equal(readFileSync(path, "utf8"), "text");
});

test("InplaceUpdateRequirement changes the input itself, where that is allowed", async (t) => {
  const { path, print } = printer(t);
  const inplace = { requirements: { inplaceUpdate: { inplaceUpdate: true } } };
  const listing = [{ entry: "$(inputs.x)", writable: true }];
  await print(listing, "printf 1 >> x.txt", inplace);
  assert.equal(readFileSync(path, "utf8"), "text");
  await print(listing, "printf 1 >> x.txt", inplace, { allowInplaceUpdate: true });
  assert.equal(readFileSync(path, "utf8"), "text1");
});

test("a file placed into a staged directory does not land in the original", async (t) => {
  const { bench } = printer(t);
  const made = withListing(["$(inputs.d)", { entryname: "source/new", entry: "new" }], "cat source/x.txt source/new", {
    inputs: [{ id: "d", type: "Directory" }],
  });
  const { out } = await bench.run(made, { d: { class: "Directory", path: `${bench.directory}/source` } });
  assert.equal(textOf(out), "textnew");
  assert.throws(() => readFileSync(`${bench.directory}/source/new`), { code: "ENOENT" });
});

test("names that lead out, conflicts and nameless texts are refused", async (t) => {
  const { print } = printer(t);
  const cases: [Listing, RegExp][] = [
    [[{ entryname: "../y", entry: "$(inputs.x)" }], /the entryname "..\/y" leads out of the output directory/],
    [[{ entryname: "a/../../y", entry: "t" }], /leads out of the output directory/],
    [[{ entryname: "/etc/y", entry: "t" }], /the absolute entryname "\/etc\/y" needs DockerRequirement/],
    [[{ entry: "t" }], /a file made of text needs an entryname/],
    [[{ entryname: "y", entry: "$([inputs.x])" }], /entryname names one entry/],
    [["$(inputs.x)", { entryname: "x.txt", entry: "other" }], /two different files are to be at/],
    ["$(3)", /3 is no File, Directory or Dirent/],
  ];
  for (const [listing, message] of cases) await assert.rejects(print(listing, "true"), { name: "JobError", message });
});

test("in a container, entries are mounted under paths without blanks, absolute ones where they ask to be", async (t) => {
  const { bench, given, path } = printer(t);
  const docker = { docker: { dockerPull: "debian:stable-slim", dockerOutputDirectory: "/work" } };
  const process = withListing(
    [
      { entryname: "/data/x", entry: "$(inputs.x)" },
      { entryname: "y", entry: "$(inputs.x)" },
      { entryname: "t", entry: "text" },
    ],
    "true",
    {
      requirements: docker,
    },
  );
  const inputs = await bindInputs(process, given, bench.context);
  const job = await prepareJob(process, inputs, {
    id: "job",
    name: "step",
    directory: "/jobs/1",
    wraps: "images",
    evaluator: createEvaluator(),
  });
  assert.equal(job.outdir.path, "/work");
  assert.deepEqual(
    job.mounts.map(({ source, target }) => [source, target]),
    [
      [path, "/data/x"],
      [`${path}.i`, "/data/x.txt.i"],
      [path, "/work/y"],
      [`${path}.i`, "/work/x.txt.i"],
    ],
  );
  assert.ok(job.staged.some((entry) => entry.is === "text" && entry.at === "/jobs/1/out/t" && entry.text === "text"));
});

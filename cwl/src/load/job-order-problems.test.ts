import assert from "node:assert/strict";
import { test } from "node:test";
import { formatProblem, jobOrderProblems, loadJobOrderText, loadText } from "./index.ts";

const TOOL = `cwlVersion: v1.2
class: CommandLineTool
inputs:
  threads: int
  reads: {type: "File[]"}
  region: {type: {type: record, fields: {name: string, bounds: "int[]"}}}
  dry: boolean
  mode: {type: {type: enum, symbols: [fast, careful]}}
  other: {type: ["null", File]}
  depth: {type: int, default: 3}
outputs: []
`;

async function problems(job: string): Promise<string[]> {
  const { process } = await loadText(TOOL, "file:///lab/tool.cwl");
  const order = await loadJobOrderText(job, "file:///lab/job.yml", { defer: true });
  return jobOrderProblems(order, process.inputs)
    .map(formatProblem)
    .map((line) => line.replace("/lab/", ""));
}

test("everything that is wrong with an input object is told at once, at its line, with the form that is wanted", async () => {
  assert.deepEqual(
    await problems(`# a comment
threads: "8"
reads: lane 1.fq
region:
  name: 7
  bounds:
    - 1
    - two
dri: true
mode: carefull
other: {path: x.txt}
`),
    [
      "job.yml:2:1: dry: is missing (expected boolean)",
      'job.yml:2:10: threads: expected int, got the string "8"; write 8, without quotes',
      'job.yml:3:8: reads: expected File[], got the string "lane 1.fq"; write {class: File, path: "lane 1.fq"}',
      'job.yml:5:9: region.name: expected string, got the number 7; write "7", with quotes',
      'job.yml:8:7: region.bounds[1]: expected int, got the string "two"',
      "job.yml:9:1: warning: no input is called `dri`; did you mean `dry`?",
      'job.yml:10:7: mode: expected one of fast, careful, got the string "carefull"; did you mean `careful`?',
      'job.yml:11:8: other: expected File or null, got an object {"path":"x.txt"}; write {class: File, path: x.txt}',
    ],
  );
});

test("what an input object lacks is told though nothing stands there, and surplus values are only warned of", async () => {
  assert.equal((await problems("")).filter((line) => line.includes("is missing")).length, 5);
  const whole = "threads: 1\nreads: []\nregion: {name: a, bounds: []}\ndry: true\nmode: fast\n";
  assert.deepEqual(await problems(whole), []);
  assert.match((await problems(`${whole}spare: 1\n`)).join(), /^job\.yml:6:1: warning: no input is called `spare`; allowed are/);
  assert.match((await problems(`${whole}other: {class: File}\n`)).join(), /job\.yml:6:8: other: a File needs `location`/);
});

test("near misses say what to write instead", async () => {
  const whole = "threads: 1\nreads: []\nregion: {name: a, bounds: []}\ndry: true\nmode: fast\n";
  const [line] = await problems(`${whole}other: {class: file, path: x}\n`);
  assert.match(line!, /^job\.yml:6:8: other: expected File or null.*; write class: File, with a capital$/);
  const listed = await problems(whole.replace("threads: 1", "threads: [1]"));
  const record = await problems(whole.replace("name: a, bounds", "nam: a, bonds"));
  assert.deepEqual(record, [
    "job.yml:3:9: region.name: is missing (expected string); is `nam` meant?",
    "job.yml:3:9: region.bounds: is missing (expected int[]); is `bonds` meant?",
  ]);
  const [large] = await problems(whole.replace("threads: 1", "threads: 3000000000"));
  assert.match(large!, /got the number 3000000000; an int is from -2147483648 to 2147483647: the app must take a long here$/);
  assert.match(listed[0]!, /threads: expected int, got a list of 1: \[1\]; write its one item without the list around it$/);
});

test("overrides of the reference runner are refused, as they would change what is run", async () => {
  const whole = "threads: 1\nreads: []\nregion: {name: a, bounds: []}\ndry: true\nmode: fast\n";
  const told = await problems(`${whole}cwltool:overrides: {tool.cwl: {requirements: {}}}\n`);
  assert.match(
    told.join(),
    /^job\.yml:6:1: cwltool:overrides: is an extension of cwltool that this engine does not have; [^,]*$/,
  );
});

test("all files that cannot be used are told at once, each at its line", async () => {
  const { process } = await loadText(TOOL, "file:///lab/tool.cwl");
  const job = `threads: 1
reads:
- {class: File, path: a.fq}
- {class: File, path: b.fq, secondaryFiles: [{class: File, path: b.fai}]}
region: {name: a, bounds: []}
dry: true
mode: fast
other: {class: File, path: c.fq}
`;
  const order = await loadJobOrderText(job, "file:///lab/job.yml", { defer: true });
  const faultOf = ({ location }: { location?: string }) => (/b\.fq/.test(location!) ? undefined : `there is no ${location}`);
  assert.deepEqual(jobOrderProblems(order, process.inputs, new Set(), faultOf).map(formatProblem), [
    "/lab/job.yml:3:3: reads[0]: there is no file:///lab/a.fq",
    "/lab/job.yml:4:46: reads[1].secondaryFiles[0]: there is no file:///lab/b.fai",
    "/lab/job.yml:8:8: other: there is no file:///lab/c.fq",
  ]);
});

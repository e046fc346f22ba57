import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, test } from "node:test";

const runner = resolve(import.meta.dirname, "../../bin/causeway-cwl-runner");
const place = mkdtempSync(join(tmpdir(), "cwl-runner-"));
after(() => rmSync(place, { recursive: true }));

/** Runs the command in a directory of its own, whose temporary files are there, too. */
function run(...argv: string[]) {
  const { status, stdout, stderr } = spawnSync(runner, argv, {
    cwd: place,
    encoding: "utf8",
    env: { ...process.env, TMPDIR: place },
  });
  return { status, stdout, stderr };
}

const TOOL = `cwlVersion: v1.2
class: CommandLineTool
baseCommand: [sh, -c, 'echo "said $0"; echo "noise" >&2; exit $1']
inputs:
  word: {type: string, inputBinding: {position: 1}}
  code: {type: int, default: 0, inputBinding: {position: 2}}
outputs: {said: stdout}
stdout: said.txt
`;
writeFileSync(join(place, "tool.cwl"), TOOL);
writeFileSync(join(place, "order.yml"), "word: order\n");
writeFileSync(join(place, "whole.yml"), "cwl:tool: tool.cwl\nword: whole\n");

test("the output object goes to standard output, the files to the output directory, and nothing else is left", () => {
  const before = readdirSync(place);
  const { status, stdout, stderr } = run("--outdir", "out", "tool.cwl", "order.yml");
  assert.equal(status, 0, stderr);
  const { said } = JSON.parse(stdout);
  assert.equal(said.path, join(place, "out/said.txt"));
  assert.equal(readFileSync(join(place, "out/said.txt"), "utf8"), "said order\n");
  assert.match(stderr, /^\[job\] noise$/m);
  assert.deepEqual(readdirSync(place), [...before, "out"].sort());
});

test("inputs come from options and from a job order that names its tool", () => {
  assert.match(readSaid(run("--quiet", "tool.cwl", "--word", "option")), /^said option$/m);
  assert.match(readSaid(run("--quiet", "whole.yml")), /^said whole$/m);
});

function readSaid({ stdout, stderr }: { stdout: string; stderr: string }): string {
  assert.equal(stderr, "");
  return readFileSync(JSON.parse(stdout).said.path, "utf8");
}

test("a failing tool is a failure, told with the end of its standard error", () => {
  const { status, stdout, stderr } = run("--quiet", "tool.cwl", "--word", "x", "--code", "3");
  assert.equal(status, 1);
  assert.equal(stdout, "");
  assert.match(stderr, /exit code 3.*noise/s);
});

test("what is not supported has a status of its own, what is wrong is told with its place", () => {
  writeFileSync(join(place, "new.cwl"), TOOL.replace("inputs:", "requirements: {TimeTravelRequirement: {}}\ninputs:"));
  assert.equal(run("new.cwl").status, 33);
  writeFileSync(join(place, "wrong.cwl"), TOOL.replace("type: int", "type: integer"));
  const { status, stderr } = run("wrong.cwl");
  assert.equal(status, 1);
  assert.match(stderr, /wrong\.cwl:6:\d+: inputs\.code\.type: unknown type `integer`/);
});

test("help, version, validation and a template need no run", () => {
  assert.match(run("--version").stdout, /^causeway-cwl-runner \d/);
  assert.match(run("--help").stdout, /usage: causeway-cwl-runner/);
  assert.match(run("tool.cwl", "--help").stdout, /--word string \(required\)/);
  assert.match(run("--validate", "tool.cwl").stdout, /is valid CWL/);
  assert.match(run("--make-template", "tool.cwl").stdout, /word: text\ncode: 0/);
});

test("with a cache directory a job runs once, and standard error says why, unless it is to be quiet", () => {
  writeFileSync(join(place, "once.cwl"), TOOL.replace("'echo", `'echo x >>${join(place, "ran")}; echo`));
  const cached = (...argv: string[]) => run("--cachedir", "cache", "--outdir", "cached", ...argv);
  assert.match(cached("once.cwl", "--word", "a").stderr, /^job not reused: no job of this tool is known$/m);
  const again = cached("once.cwl", "--word", "a");
  assert.match(again.stderr, /^job reused: the same tool and inputs as job job of /m);
  assert.equal(readFileSync(JSON.parse(again.stdout).said.path, "utf8"), "said a\n");
  assert.match(
    cached("once.cwl", "--word", "b").stderr,
    /^job not reused: input word differs from .* \(word: then "a", now "b"\)$/m,
  );
  assert.equal(cached("--quiet", "once.cwl", "--word", "a").stderr, "");
  assert.equal(readFileSync(join(place, "ran"), "utf8"), "x\nx\n");
  const unusable = run("--cachedir", "once.cwl", "once.cwl", "--word", "a");
  assert.equal(unusable.status, 1);
  assert.match(unusable.stderr, /--cachedir once\.cwl cannot be used: EEXIST/);
});

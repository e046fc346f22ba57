import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createHome, type DevPlatform, type Home, startDev } from "../testing/command.ts";

const COUNT = `cwlVersion: v1.2
class: CommandLineTool
label: Count lines
baseCommand: [sh, -c]
arguments: ['cat "$@" | wc -l | tr -d " "; echo counting >&2', sh]
inputs:
  files: { type: "File[]", inputBinding: { position: 1 } }
  title: string?
stdout: lines.txt
outputs:
  lines: stdout
`;

const TWICE = `cwlVersion: v1.2
class: Workflow
inputs: { files: "File[]" }
outputs: { lines: { type: File, outputSource: count/lines } }
steps:
  count:
    in: { files: files }
    out: [lines]
    run: tools/count.cwl
`;

const FAIL = `cwlVersion: v1.2
class: CommandLineTool
baseCommand: [sh, -c, "echo the reason is this >&2; exit 3"]
inputs: {}
outputs: {}
`;

let home: Home;
let dev: DevPlatform;
let work: string;
let environment: Record<string, string>;

before(async () => {
  home = await createHome();
  work = join(home.directory, "work");
  dev = await startDev(home, ["--user", "ana"]);
  environment = { SB_API_ENDPOINT: dev.url, SB_AUTH_TOKEN: dev.users.ana!.token };
  await mkdir(join(work, "tools"));
  await writeFile(join(work, "tools", "count.cwl"), COUNT);
  await writeFile(join(work, "Twice v2.cwl"), TWICE);
  await writeFile(join(work, "fail.cwl"), FAIL);
  await writeFile(join(work, "a.txt"), "1\n2\n");
  await writeFile(join(work, "b.txt"), "3\n");
  await causeway("project create Reef");
  await causeway("upload a.txt b.txt --project ana/reef");
});
after(async () => {
  assert.equal(await dev.stop(), 0);
  await home.remove();
});

test("a workflow in several files becomes an app, runs on files named by their paths, and its result comes down", async () => {
  const installed = await home.run(["app", "install", "Twice v2.cwl", "--project", "ana/reef"], environment);
  assert.equal(installed.stdout, "ana/reef/twice-v2/0\n", installed.stderr);
  const pulled = await causeway("app pull ana/reef/twice-v2");
  assert.equal(pulled.steps.count.run.label, "Count lines");
  const shown = await home.run(["app", "show", "ana/reef/twice-v2"], environment);
  assert.match(shown.stdout, /Inputs:\n {2}files {2}File\[\]\n/);

  const run = "task run ana/reef/twice-v2 -i files=ana/reef/a.txt -i files=ana/reef/b.txt --name first --wait";
  const task = await causeway(run);
  assert.equal(task.status, "COMPLETED");
  assert.equal(task.inputs.files.length, 2);
  const [file] = await causeway(`task outputs ${task.id} --download results`);
  assert.equal(await readFile(file.path, "utf8"), "3\n");
  const all = await causeway(`task logs ${task.id} --job count --all`);
  assert.ok(all.some(({ log }: { log: string }) => log === "job.tree.log"));
  const logs = await causeway(`task logs ${task.id} --job count --tail 1`);
  assert.ok(!logs.some(({ log }: { log: string }) => log === "job.tree.log"));
  assert.ok(
    logs.some(({ text }: { text: string }) => text === "counting"),
    JSON.stringify(logs),
  );
  assert.deepEqual(
    (await causeway("task list ana/reef --status completed")).map(({ name }: { name: string }) => name),
    ["first"],
  );
});

test("the same document again becomes the next revision; a missing part is named", async () => {
  const again = await home.run(["app", "install", "Twice v2.cwl", "--project", "ana/reef", "--note", "again"], environment);
  assert.equal(again.stdout, "ana/reef/twice-v2/1\n");
  await writeFile(join(work, "broken.cwl"), TWICE.replace("tools/count.cwl", "tools/none.cwl"));
  const broken = await home.run(["app", "install", "broken.cwl", "--project", "ana/reef"], environment);
  assert.equal(broken.code, 1);
  assert.match(broken.stderr, /broken\.cwl:\d+:\d+: run: cannot read `tools\/none\.cwl`: there is no such file/);
  assert.equal((await home.run(["app", "install", "none.cwl", "--project", "ana/reef"], environment)).code, 3);
});

test("a document that cannot run is added, and told with its lines: at once by the exit code, and by `app show`", async () => {
  await writeFile(join(work, "wrong.cwl"), `${FAIL.replace("inputs: {}", "inputs: {x: Fil}")}arguments: [{prefix: -x}]\n`);
  const { code, stdout, stderr } = await home.run(["app", "install", "wrong.cwl", "--project", "ana/reef"], environment);
  assert.deepEqual([code, stdout], [1, "ana/reef/wrong/0\n"]);
  assert.match(stderr, /wrong\.cwl:4:13: inputs\.x\.type: unknown type `Fil`/);
  assert.match(stderr, /wrong\.cwl:6:\d+: warning: arguments\[0\]: an argument without `valueFrom`/);
  const shown = await home.run(["app", "show", "ana/reef/wrong"], environment);
  assert.match(shown.stdout, /Problems: it cannot be run:\n {2}inputs\.x\.type: unknown type `Fil`/);
  assert.match(shown.stdout, /Warnings:\n {2}arguments\[0\]: an argument/);
});

test("a failed task is exit code 5 and says why", async () => {
  await causeway("app install fail.cwl --project ana/reef");
  const { code, stdout } = await home.run("task run ana/reef/fail --wait".split(" "), environment);
  assert.equal(code, 5);
  assert.match(stdout, /status: +FAILED\n/);
  const { id } = (await causeway("task list --status FAILED"))[0];
  assert.equal((await home.run(["task", "wait", id], environment)).code, 5);
  assert.match((await home.run(["task", "logs", id], environment)).stdout, /the reason is this/);
});

test("a task without its inputs stays a draft, which is completed and run", async () => {
  const run = await home.run("task run ana/reef/twice-v2 --name later".split(" "), environment);
  assert.equal(run.code, 1);
  assert.match(run.stderr, /cannot run yet:\n {2}.*files/);
  const draft = /kept as draft ([0-9a-f-]{36})/.exec(run.stderr)![1]!;
  assert.equal((await causeway(`task delete ${draft}`)).deleted, draft);
  const wrong = await home.run("task run ana/reef/twice-v2 -i reads=ana/reef/a.txt".split(" "), environment);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /no input reads: files/);
});

// biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of an answer.
async function causeway(line: string): Promise<any> {
  const { code, stdout, stderr } = await home.run([...line.split(" "), "--json"], environment);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

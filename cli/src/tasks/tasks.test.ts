import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { createHome, type DevPlatform, finished, type Home, startDev } from "../testing/command.ts";

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
  const { code, stdout, stderr } = await home.run("task run ana/reef/fail --wait".split(" "), environment);
  assert.equal(code, 5);
  assert.match(stdout, /status: +FAILED\n/);
  assert.match(stderr, /FAILED 0 of 1 steps: .*: the reason is this\n$/, "the message is one line of progress");
  const { id } = (await causeway("task list --status FAILED"))[0];
  assert.match(stdout, new RegExp(`logs: +causeway task logs ${id}`));
  assert.match((await causewayText(`task logs ${id} --job none`)).stderr, /No job whose name contains none has logs/);
  assert.match((await causewayText(`task outputs ${id}`)).stderr, /The task has no outputs; it is FAILED/);
  assert.equal((await home.run(["task", "wait", id], environment)).code, 5);
  assert.match((await home.run(["task", "logs", id], environment)).stdout, /the reason is this/);
});

test("a run that cannot be leaves nothing behind and says all that is wrong; a draft is made on purpose and completed", async () => {
  const run = await causewayText("task run ana/reef/twice-v2 --name later");
  assert.equal(run.code, 1);
  assert.match(run.stderr, /cannot be run:\n {2}files: it needs a value/);
  const wrong = await causewayText("task run ana/reef/twice-v2 -i files=ana/reef --instance-type none.large");
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /files.*\n.*none\.large/);
  assert.deepEqual(await causeway("task list --status DRAFT"), []);

  const stranger = await causewayText("task run ana/reef/twice-v2 -i file=ana/reef/a.txt -i reads=x");
  assert.equal(stranger.code, 2);
  assert.match(stranger.stderr, /no input file: did you mean files\?\n {2}The app has no input reads\n {2}Its inputs: files\./);
  await writeFile(join(work, "stranger.yml"), "fils: [{class: File, path: ana/reef/a.txt}]\n");
  assert.match(
    (await causewayText("task run ana/reef/twice-v2 --inputs stranger.yml")).stderr,
    /stranger\.yml:1:1: .*did you mean `files`\?/,
  );

  const draft = await causeway("task create ana/reef/twice-v2 --name later");
  assert.equal(draft.status, "DRAFT");
  const completed = await causeway(`task run ${draft.id} -i files=ana/reef/a.txt --output-location /late --wait`);
  assert.deepEqual([completed.id, completed.status], [draft.id, "COMPLETED"]);
  assert.deepEqual(
    (await causeway("file list ana/reef/late")).map(({ name }: { name: string }) => name),
    ["lines.txt"],
  );
});

test("interrupted before it is run, a task leaves nothing behind", async () => {
  let onDraft: () => void;
  const hasDraft = new Promise<void>((resolve) => {
    onDraft = resolve;
  });
  const { promise: interrupted, resolve: goOn } = Promise.withResolvers<void>();
  const slow = createServer(async (request, response) => {
    const headers = { ...(request.headers as Record<string, string>) };
    delete headers.host;
    const body = await buffer(request);
    const url = dev.url.replace(/\/v2$/, "") + request.url;
    const answer = await fetch(url, {
      method: request.method!,
      headers,
      ...(body.length > 0 ? { body: new Uint8Array(body) } : {}),
    });
    const text = await answer.text();
    if (request.method === "POST") {
      onDraft();
      await interrupted;
    }
    response.writeHead(answer.status, { "content-type": "application/json" }).end(text);
  }).listen(0);
  try {
    const { port } = slow.address() as AddressInfo;
    const run = home.start("task run ana/reef/twice-v2 -i files=ana/reef/a.txt --name never".split(" "), {
      ...environment,
      SB_API_ENDPOINT: `http://127.0.0.1:${port}/v2`,
    });
    const end = finished(run);
    await hasDraft;
    // The shell has been replaced by the command: the signal goes to it.
    run.kill("SIGINT");
    setTimeout(goOn, 200);
    const { code, stderr } = await end;
    assert.equal(code, 130, stderr);
    assert.match(stderr, /Interrupted/);
    const names = (await causeway("task list")).map(({ name }: { name: string }) => name);
    assert.ok(!names.includes("never"), names.join());
  } finally {
    slow.close();
  }
});

test("where outputs go and what a task runs on is said on the command line", async () => {
  const how = "--output-location /counts --output-location lines=deep --instance-type c5.large --instances 2 --no-memoization";
  const run = `task run ana/reef/twice-v2 -i files=ana/reef/a.txt ${how} --no-interruptible --wait`;
  const task = await causeway(run);
  assert.equal(task.status, "COMPLETED", task.execution_status.message);
  assert.deepEqual(task.output_location, {
    main_location: "/counts",
    nodes_override: true,
    nodes_location: { lines: { output_location: "deep" } },
  });
  const { instance_type, max_parallel_instances, use_memoization } = task.execution_settings;
  assert.deepEqual([instance_type, max_parallel_instances, use_memoization], ["c5.large", 2, false]);
  assert.equal(task.use_interruptible_instances, false);
  assert.equal((await causeway("file list ana/reef/counts/deep")).length, 1);
  assert.equal((await causewayText(`task run ana/reef/twice-v2 -i files=ana/reef/a.txt --instances none`)).code, 2);
});

test("a batch is shown before it is made, and runs with a line for whatever changes", async () => {
  await causeway("file metadata ana/reef/a.txt sample_id=S1");
  const given = "-i files=ana/reef/a.txt -i files=ana/reef/b.txt";
  const preview = await causeway(`task batch ana/reef/twice-v2 --by metadata.sample_id ${given} --dry-run`);
  assert.deepEqual(preview.groups, [
    { value: "S1", items: ["a.txt"] },
    { value: "no value", items: ["b.txt"] },
  ]);
  const shown = await causewayText(`task batch ana/reef/twice-v2 --by item ${given} --dry-run`);
  assert.match(shown.stdout, /GROUP +VALUES\na\.txt +1 +a\.txt\nb\.txt +1 +b\.txt\n/);
  assert.deepEqual(await causeway("task list --status DRAFT"), []);

  const run = await causewayText(`task batch ana/reef/twice-v2 --by metadata.sample_id ${given} --name both --wait`);
  assert.equal(run.code, 0, run.stderr);
  assert.match(run.stderr, /^2 tasks:\nGROUP/);
  const lines = run.stderr.split("\n").filter((line) => /^\d{4}-\d\d-\d\dT/.test(line));
  const words = lines.map((line) => line.slice(21));
  assert.match(words.at(-1)!, /^COMPLETED 2 of 2 tasks/);
  assert.equal(new Set(words).size, words.length, "no line is said twice");
  const [{ id }] = (await causeway("task list ana/reef")).filter(({ name }: { name: string }) => name === "both");
  const batch = await causeway(`task show ${id}`);
  assert.deepEqual([batch.batch_input, batch.batch_by], ["files", { type: "CRITERIA", criteria: ["metadata.sample_id"] }]);
  assert.match(run.stdout, new RegExp(`tasks: +2 of 2\n(.*\n)*each task: +causeway task list --batch ${id}\n$`));
  for (const noun of ["logs", "outputs"]) {
    const none = await causewayText(`task ${noun} ${id}`);
    assert.deepEqual([none.code, none.stdout], [0, ""]);
    assert.match(none.stderr, new RegExp(`A batch has no ${noun} of its own.*causeway task list --batch ${id}\n`));
  }
  const children = await causeway(`task list --batch ${id}`);
  assert.equal(children.length, 2);
  assert.match((await causewayText(`task show ${children[0].id}`)).stdout, new RegExp(`batch: +${id}\n`));

  const wrong = await causewayText(`task batch ana/reef/twice-v2 --by sample_id ${given}`);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /--by metadata\.sample_id\?/);
  assert.equal((await causewayText(`task batch ana/reef/twice-v2 ${given}`)).code, 2, "how is not said");
  assert.equal((await causewayText("task batch ana/reef/twice-v2 --by item")).code, 2, "of what is not said");
});

const causewayText = (line: string) => home.run(line.split(" "), environment);

// biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of an answer.
async function causeway(line: string): Promise<any> {
  const { code, stdout, stderr } = await home.run([...line.split(" "), "--json"], environment);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

test("a long keeps its digits from the command line and from a file of inputs to the terminal", async () => {
  const tool = `cwlVersion: v1.2
class: ExpressionTool
requirements: [{ class: InlineJavascriptRequirement }]
inputs: { n: long, many: "long[]" }
outputs: { n: { type: "long" } }
expression: "\${ return {n: 3}; }"
`;
  await writeFile(join(work, "long.cwl"), tool);
  await causewayText("app install long.cwl --project ana/reef");
  await writeFile(join(work, "long.yml"), "many: [-9007199254740993, 4]\n");
  const made = await causewayText("task run ana/reef/long --inputs long.yml -i n=9223372036854775807 --wait --json");
  assert.match(made.stdout, /"n": 9223372036854775807/, made.stderr);
  assert.match(made.stdout, /"many": \[\s*-9007199254740993,\s*4\s*\]/);
});

test("a packed document's main process is what is shown, given inputs and run; a file of inputs is read as the engine reads one", async () => {
  const part = { class: "CommandLineTool", baseCommand: "echo", outputs: [{ id: "#say/said", type: "stdout" }] };
  const box = { type: "record", name: "#shapes.yml/box", fields: [{ name: "#shapes.yml/box/side", type: "int" }] };
  const packed = {
    cwlVersion: "v1.2",
    $graph: [
      { ...part, id: "#say", inputs: [{ id: "#say/words", type: "string[]", inputBinding: {} }] },
      {
        class: "Workflow",
        id: "#main",
        doc: "Says words.",
        requirements: [{ class: "SchemaDefRequirement", types: [box] }],
        inputs: [
          { id: "#main/words", type: "string[]" },
          { id: "#main/boxes", type: { type: "array", items: "#shapes.yml/box" } },
        ],
        outputs: [{ id: "#main/said", type: "File", outputSource: "#main/say/said" }],
        steps: [
          { id: "#main/say", run: "#say", in: [{ id: "#main/say/words", source: "#main/words" }], out: ["#main/say/said"] },
        ],
      },
    ],
  };
  await writeFile(join(work, "packed.cwl"), JSON.stringify(packed));
  assert.equal((await causewayText("app install packed.cwl --project ana/reef")).code, 0);
  const shown = await causewayText("app show ana/reef/packed");
  assert.match(shown.stdout, /class: +Workflow\n.*Says words\..*Inputs:\n {2}words {2}.*\n {2}boxes/s);

  await writeFile(join(work, "packed.yml"), 'words: ["one\ntwo", -]\nboxes: [{side: 1,\nside2: 2}]\n');
  const task = await causeway("task run ana/reef/packed --inputs packed.yml --wait");
  assert.equal(task.status, "COMPLETED");
  assert.deepEqual(task.inputs.words, ["one two", "-"]);

  await writeFile(join(work, "wrong.yml"), 'words:\n  - 3\nboxes:\n  - side: 1\n  - side: "2"\n');
  const wrong = await causewayText("task run ana/reef/packed --inputs wrong.yml");
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /wrong\.yml:2:5: words\[0\]: expected string.*write "3", with quotes/);
  assert.match(wrong.stderr, /wrong\.yml:5:11: boxes\[1\]\.side: expected int.*write 2, without quotes/);
  await writeFile(join(work, "near.yml"), "boxs: 1\nwords: [a]\n");
  const near = await causewayText("task run ana/reef/packed --inputs near.yml");
  assert.equal(near.code, 2);
  assert.match(near.stderr, /near\.yml:1:1: no input is called `boxs`; did you mean `boxes`\?\n/);
  await writeFile(join(work, "overrides.yml"), "cwltool:overrides: {}\nwords: [a]\nboxes: []\n");
  const overrides = await causewayText("task run ana/reef/packed --inputs overrides.yml");
  assert.match(overrides.stderr, /overrides\.yml:1:1: cwltool:overrides: is an extension/);
  await writeFile(join(work, "other.yml"), "sizes: 1\nwords: [a]\n");
  assert.match((await causewayText("task run ana/reef/packed --inputs other.yml")).stderr, /`sizes`.*\n {2}boxes needs a value/);
  await writeFile(join(work, "bad.yml"), "words:\n  a: b\n   c: d\n");
  assert.match((await causewayText("task run ana/reef/packed --inputs bad.yml")).stderr, /bad\.yml:3:\d+: wrong indentation/);
});

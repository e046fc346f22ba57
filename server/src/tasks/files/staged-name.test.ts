import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createWorld, type World } from "../../testing/world.ts";
import { ended } from "../testing.ts";
import { stagedName } from "./staged-name.ts";

const LONG = "海".repeat(240);
const RUN = `${LONG}.recal.bam`;

test("a name that fits stays, one that does not fit keeps its endings and is the same each time", () => {
  for (const name of ["a.bam", "x".repeat(255), "é".repeat(100), `${"海".repeat(74)}.bam`, "...", `.${"é".repeat(100)}`])
    assert.equal(stagedName(name), name);
  const staged = stagedName(RUN);
  assert.equal(stagedName(RUN), staged);
  assert.match(staged, /^海+-[0-9a-f]{8}\.recal\.bam$/u);
  assert.notEqual(stagedName(`${LONG}水.bam`), stagedName(`${LONG}火.bam`));
  for (const ending of [".bai", "_idx", ".csi.gz"]) assert.equal(stagedName(RUN + ending), staged + ending);
  for (const last of ["\u{1f40b}", "é", "海", "\u0000a", ".b", "-"])
    for (const count of [1, 60, 64, 75, 85, 127, 255])
      assert.ok(Buffer.byteLength(stagedName(last.repeat(count / [...last].length))) <= 255);
});

let world: World;
let project: string;

before(async () => {
  world = await createWorld({ images: "ignore" });
  project = (await world.project("mei")).id;
});
after(() => world.close());

async function run(name: string, tool: object, inputs: object) {
  await world.post("mei", `/apps/${project}/${name}/raw`, {
    cwlVersion: "v1.2",
    class: "CommandLineTool",
    requirements: [{ class: "InlineJavascriptRequirement" }],
    ...tool,
  });
  const { body } = await world.post("mei", "/tasks?action=run", { project, app: `${project}/${name}`, inputs });
  const task = await ended(world, "mei", body.id);
  assert.equal(task.status, "COMPLETED", task.execution_status?.message ?? JSON.stringify(body));
  return task;
}

async function textOf(file: string): Promise<string> {
  const { body } = await world.get("mei", `/files/${file}/download_info`);
  return (await fetch(body.url)).text();
}

test("files whose names have up to 1,020 bytes are staged with what belongs to them, and pass through with their own names", async () => {
  const [main, index] = [await world.file("mei", project, RUN), await world.file("mei", project, `${RUN}.bai`)];
  const other = await world.file("mei", project, "\u{1f40b}".repeat(255));
  const tool = {
    baseCommand: ["sh", "-c", 'cat "$1" "$1.bai" "$2"; basename "$1"', "sh"],
    inputs: [
      { id: "reads", type: "File", secondaryFiles: [".bai"], inputBinding: { position: 1 } },
      { id: "other", type: "File", inputBinding: { position: 2 } },
    ],
    outputs: [
      { id: "out", type: "stdout" },
      { id: "name", type: "string", outputBinding: { outputEval: "$(inputs.reads.basename)" } },
      { id: "same", type: "File", secondaryFiles: [".bai"], outputBinding: { outputEval: "$(inputs.reads)" } },
    ],
  };
  const inputs = { reads: { class: "File", path: main.id }, other: { class: "File", path: other.id } };
  const { outputs } = await run("cat", tool, inputs);
  assert.equal(outputs.name, stagedName(RUN));
  assert.ok((await textOf(outputs.out.path)).endsWith(`bytes of ${other.name}${outputs.name}\n`));
  assert.deepEqual([outputs.same.path, outputs.same.name], [main.id, RUN]);
  assert.deepEqual(outputs.same.secondaryFiles[0].path, index.id);
});

test("so are the entries of a Directory and of InitialWorkDirRequirement", async () => {
  const folder = (await world.post("mei", "/files", { project, name: LONG, type: "folder" })).body;
  await world.file("mei", folder.id, RUN);
  const entry = await world.file("mei", project, `work ${RUN}`);
  const tool = {
    requirements: [
      { class: "InlineJavascriptRequirement" },
      { class: "InitialWorkDirRequirement", listing: ["$(inputs.entry)", { entry: "$(inputs.folder)", writable: true }] },
    ],
    baseCommand: ["sh", "-c", 'cat "$1"/* "$2"', "sh"],
    inputs: [
      { id: "folder", type: "Directory", inputBinding: { position: 1 } },
      { id: "entry", type: "File", inputBinding: { position: 2 } },
    ],
    outputs: [
      { id: "out", type: "stdout" },
      { id: "entry", type: "File", outputBinding: { glob: "work*" } },
      { id: "folder", type: "Directory", outputBinding: { outputEval: "$(inputs.folder)" } },
    ],
  };
  const inputs = { folder: { class: "Directory", path: folder.id }, entry: { class: "File", path: entry.id } };
  const { outputs } = await run("list", tool, inputs);
  assert.equal(await textOf(outputs.out.path), `bytes of ${RUN}bytes of work ${RUN}`);
  assert.equal(outputs.entry.path, entry.id);
  // A copy of the folder: its name is taken.
  const { body } = await world.get("mei", `/files/${outputs.folder.path}`);
  assert.ok(body.name.startsWith("_1_海"), body.name);
  const { body: list } = await world.get("mei", `/files/${outputs.folder.path}/list`);
  assert.deepEqual(
    list.items.map(({ name }: { name: string }) => name),
    [RUN],
  );
});

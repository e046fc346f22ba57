import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { put, ranTo, sharedVolume } from "../imports/testing.ts";
import { ended } from "../tasks/testing.ts";
import { type World, withWorld } from "../testing/world.ts";

/** Reads a file with what is beside it, and a folder; gives back the file itself, too. */
const TOOL = {
  cwlVersion: "v1.2",
  class: "CommandLineTool",
  requirements: { ShellCommandRequirement: {}, InlineJavascriptRequirement: {} },
  arguments: [
    { shellQuote: false, valueFrom: "cat $(inputs.reads.path) $(inputs.reads.path).bai && find -L $(inputs.runs.path) -type f" },
    { shellQuote: false, valueFrom: "| sed 's,.*/runs/,,' | sort" },
  ],
  inputs: { reads: { type: "File", secondaryFiles: [".bai"] }, runs: "Directory" },
  stdout: "said.txt",
  outputs: {
    said: { type: "stdout" },
    same: { type: "File", outputBinding: { outputEval: "$(inputs.reads)" } },
    size: { type: "long", outputBinding: { outputEval: "$(inputs.reads.size)" } },
  },
};

async function lab(world: World) {
  await put(world, { "raw/x.bam": "reads\n", "raw/x.idx": "index\n", "runs/a": "a", "runs/deep/b": "b" });
  const volume = await sharedVolume(world, "ana");
  const project = await world.project("ana");
  const bring = async (location: string, name?: string) =>
    (await ranTo(world, "ana", "imports", { source: { volume, location }, destination: { project: project.id, name } })).result;
  const reads = await bring("raw/x.bam", "s1.bam");
  await bring("raw/x.idx", "s1.bam.bai");
  const runs = await bring("runs/");
  await world.post("ana", `/apps/${project.id}/read/raw`, TOOL);
  const inputs = { reads: { class: "File", path: reads.id }, runs: { class: "Directory", path: runs.id } };
  const draft = (query = "?action=run") =>
    world.post("ana", `/tasks${query}`, { project: project.id, app: `${project.id}/read`, inputs });
  const run = async () => ended(world, "ana", (await draft()).body.id);
  const bytesOf = async ({ path }: { path: string }) =>
    (await fetch((await world.get("ana", `/files/${path}/download_info`)).body.url)).text();
  return { volume, reads, draft, run, bytesOf };
}

test(
  "a task reads objects of a volume under the names of their aliases, and its outputs are the platform's own",
  withWorld(async (world) => {
    const { run, bytesOf, reads } = await lab(world);
    const task = await run();
    assert.equal(task.status, "COMPLETED", JSON.stringify(task.execution_status));
    assert.equal(await bytesOf(task.outputs.said), "reads\nindex\na\ndeep/b\n");
    assert.equal(task.outputs.size, 6);
    assert.equal(task.outputs.same.path, reads.id, "what a tool gives back is the file it got");
    const { body: said } = await world.get("ana", `/files/${task.outputs.said.path}`);
    assert.equal(said.storage.type, "PLATFORM");

    await writeFile(join(world.share, "raw/x.bam"), "other reads\n");
    const again = await run();
    assert.equal(await bytesOf(again.outputs.said), "other reads\nindex\na\ndeep/b\n");
    assert.equal(again.outputs.size, 12);
    assert.match(JSON.stringify(again.warnings), /s1\.bam has changed on its volume/);
    assert.equal((await world.get("ana", `/files/${reads.id}`)).body.size, 12);
  }),
);

test(
  "a task whose input cannot be read from its volume fails and says which, where and why",
  withWorld(async (world) => {
    const { run, draft, volume } = await lab(world);
    await rm(join(world.share, "raw/x.bam"));
    const failed = await run();
    assert.equal(failed.status, "FAILED");
    assert.match(failed.execution_status.message, /s1\.bam.*raw\/x\.bam on its volume: There is no object/);
    await world.patch("ana", `/storage/volumes/${volume}`, { active: false });
    const { status, body } = await draft();
    assert.equal(status, 200);
    assert.equal(body.status, "DRAFT");
    assert.deepEqual(
      body.errors.map(({ code }: { code: string }) => code),
      ["FILE_VOLUME_INACTIVE"],
    );
    assert.equal((await world.post("ana", `/tasks/${body.id}/actions/run`)).body.code, 7024);
  }),
);

import assert from "node:assert/strict";
import { test } from "node:test";
import { type World, withWorld } from "../../testing/world.ts";
import { ended } from "../testing.ts";

const LISTING = {
  cwlVersion: "v1.2",
  class: "CommandLineTool",
  requirements: [
    { class: "InlineJavascriptRequirement", expressionLib: ["function indexOf(file) { return file.basename + '.fai'; }"] },
  ],
  baseCommand: ["sh", "-c", 'for one; do ls "$(dirname "$one")"; done | sort -u', "sh"],
  inputs: [
    {
      id: "bam",
      type: "File[]?",
      secondaryFiles: [{ pattern: "$(self.nameroot).bai", required: "$(inputs.strict)" }],
      inputBinding: { position: 1 },
    },
    { id: "fasta", type: "File?", secondaryFiles: ["$(indexOf(self))", "^.dict?"], inputBinding: { position: 2 } },
    {
      id: "known",
      type: [
        "null",
        { type: "record", fields: [{ name: "vcf", type: "File", secondaryFiles: [".tbi"], inputBinding: { position: 3 } }] },
      ],
    },
    { id: "strict", type: "boolean", default: true },
  ],
  outputs: [{ id: "seen", type: "stdout" }],
  stdout: "seen.txt",
};

/** Mirela's project with the app and files of these names: what makes a task of them, and each file's value. */
async function listingIn(world: World, names: readonly string[]) {
  const project = (await world.project("mirela")).id as string;
  await world.post("mirela", `/apps/${project}/listing/raw`, LISTING);
  const file: Record<string, { class: string; path: string }> = {};
  for (const name of names) file[name] = { class: "File", path: (await world.file("mirela", project, name)).id };
  const make = async (inputs: object, query = "") =>
    (await world.post("mirela", `/tasks${query}`, { project, app: `${project}/listing`, inputs })).body;
  return { make, file };
}

test(
  "companions are found by names, expressions and libraries, of lists and of record fields, and reach the tool",
  withWorld(async (world) => {
    const names = ["a.bam", "a.bai", "b.bam", "b.bai", "g.fa", "g.fa.fai", "g.dict", "k.vcf", "k.vcf.tbi"];
    const { make, file } = await listingIn(world, names);
    const inputs = { bam: [file["a.bam"], file["b.bam"]], fasta: file["g.fa"], known: { vcf: file["k.vcf"] }, strict: true };
    const task = await make(inputs, "?action=run");
    assert.deepEqual(task.errors, []);
    const { status, outputs } = await ended(world, "mirela", task.id);
    assert.equal(status, "COMPLETED");
    const { body: link } = await world.get("mirela", `/files/${outputs.seen.path}/download_info`);
    assert.deepEqual((await world.send("GET", null, link.url)).body.trim().split("\n"), [...names].sort());
  }),
);

test(
  "each file that lacks a required companion has an error of its own, and what is optional may lack",
  withWorld(async (world) => {
    const { make, file } = await listingIn(world, ["a.bam", "b.bam", "b.bai", "g.fa", "k.vcf"]);
    const bam = [file["a.bam"], file["b.bam"]];
    const errorsOf = async (inputs: object) =>
      (await make(inputs)).errors.map(({ code, input }: Record<string, string>) => [code, input]);
    assert.deepEqual(await errorsOf({ bam, fasta: file["g.fa"], known: { vcf: file["k.vcf"] }, strict: true }), [
      ["MISSING_SECONDARY_FILE", "bam[0]"],
      ["MISSING_SECONDARY_FILE", "fasta"],
      ["MISSING_SECONDARY_FILE", "known.vcf"],
    ]);
    assert.deepEqual(await errorsOf({ bam, strict: false }), []);
  }),
);

test(
  "a pattern that cannot be evaluated is an error of the draft",
  withWorld(async (world) => {
    const { make, file } = await listingIn(world, ["a.bam"]);
    // Nothing says whether the companion is required.
    const { errors } = await make({ bam: [file["a.bam"]], strict: "perhaps" });
    assert.deepEqual(errors.map(({ code, input }: Record<string, string>) => [code, input]).sort(), [
      ["INVALID_TYPE", "strict"],
      ["MISSING_SECONDARY_FILE", "bam[0]"],
    ]);
  }),
);

test(
  "a folder is given with all that is in it, folders in folders too",
  withWorld(async (world) => {
    const project = (await world.project("mirela")).id as string;
    const folder = async (name: string, place: object) =>
      (await world.post("mirela", "/files", { name, type: "folder", ...place })).body.id as string;
    const genome = await folder("genome", { project });
    const index = await folder("index", { parent: genome });
    await world.file("mirela", genome, "g.fa");
    await world.file("mirela", index, "g.fa.fai");
    await folder("empty", { parent: index });
    const find = {
      ...LISTING,
      requirements: [],
      baseCommand: ["sh", "-c", 'cd "$1" && find . | sort', "sh"],
      inputs: [{ id: "genome", type: "Directory", inputBinding: { position: 1 } }],
    };
    await world.post("mirela", `/apps/${project}/find/raw`, find);
    const inputs = { genome: { class: "Folder", path: genome } };
    const { body: task } = await world.post("mirela", "/tasks?action=run", { project, app: `${project}/find`, inputs });
    const { outputs } = await ended(world, "mirela", task.id);
    const { body: link } = await world.get("mirela", `/files/${outputs.seen.path}/download_info`);
    assert.deepEqual((await world.send("GET", null, link.url)).body.trim().split("\n"), [
      ".",
      "./g.fa",
      "./index",
      "./index/empty",
      "./index/g.fa.fai",
    ]);
  }),
);

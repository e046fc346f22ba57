import assert from "node:assert/strict";
import { test } from "node:test";
import { fittingName, isFileName, isFolderName, prefixed } from "../files/names/name-rules.ts";
import { ended } from "../tasks/testing.ts";
import { type World, withWorld } from "./world.ts";

// One rule for names: what one door refuses all refuse, outputs of tasks as well.

const GOOD = ["plain.txt", " blanks ", "...", "é".repeat(255), "🧬 \u2028 x", "-rf"];
const BAD = [
  "..",
  ".",
  "a/b",
  "../../../../tmp/x",
  "/etc/passwd",
  "a\nb",
  "tab\there",
  "\u001b[2J",
  "\u007f",
  "\u0085",
  "x".repeat(256),
];

/** Makes a file from an expression: under a name, or in a folder of a name, or beside a file, or below a folder. */
const TOOL = {
  cwlVersion: "v1.2",
  class: "ExpressionTool",
  requirements: [{ class: "InlineJavascriptRequirement" }],
  inputs: { name: "string", as: "string" },
  outputs: { out: "Any" },
  expression: `\${
    var file = { class: "File", basename: inputs.name, contents: "x" };
    var fine = { class: "File", basename: "fine", contents: "x" };
    if (inputs.as === "file") return { out: file };
    if (inputs.as === "folder") return { out: { class: "Directory", basename: inputs.name, listing: [fine] } };
    if (inputs.as === "companion") { fine.secondaryFiles = [file]; return { out: fine }; }
    return { out: { class: "Directory", basename: "top", listing: [{ class: "Directory", basename: "in", listing: [file] }] } };
  }`,
};

type Door = (world: World, project: string, name: string) => Promise<boolean>;

const answered = async (answer: Promise<{ status: number }>): Promise<boolean> => {
  const { status } = await answer;
  assert.ok(status === 200 || status === 202 || status === 400, String(status));
  return status < 300;
};
const anyFile = async (world: World, project: string) => (await world.file("ana", project, `file ${Math.random()}`)).id as string;
const root = async (world: World, project: string) => (await world.get("ana", `/projects/${project}`)).body.root_folder as string;
const output =
  (as: string): Door =>
  async (world, project, name) => {
    const { body } = await world.post("ana", "/tasks?action=run", { project, app: `${project}/tool`, inputs: { name, as } });
    const { status, execution_status } = await ended(world, "ana", body.id);
    if (status === "FAILED") assert.match(execution_status.message, /name/, "it says what was wrong");
    return status === "COMPLETED";
  };

const DOORS: Record<string, Door> = {
  upload: async (world, project, name) => answered(world.post("ana", "/upload/multipart", { project, name })),
  "a new folder": async (world, project, name) => answered(world.post("ana", "/files", { type: "folder", project, name })),
  renaming: async (world, project, name) => answered(world.patch("ana", `/files/${await anyFile(world, project)}`, { name })),
  copying: async (world, project, name) =>
    answered(world.post("ana", `/files/${await anyFile(world, project)}/actions/copy`, { project, name })),
  moving: async (world, project, name) =>
    answered(
      world.post("ana", `/files/${await anyFile(world, project)}/actions/move`, { parent: await root(world, project), name }),
    ),
  "a background copy": async (world, project, name) =>
    answered(world.post("ana", "/async/files/copy", { items: [{ file: await anyFile(world, project), project, name }] })),
  "a background move": async (world, project, name) =>
    answered(world.post("ana", "/async/files/move", { items: [{ file: await anyFile(world, project), project, name }] })),
  "changing many": async (world, project, name) => {
    const { body } = await world.post("ana", "/bulk/files/edit", { items: [{ id: await anyFile(world, project), name }] });
    return "resource" in body.items[0];
  },
  "an output": output("file"),
  "an output folder": output("folder"),
  "an output's companion": output("companion"),
  "a file deep in an output folder": output("deep"),
};

test(
  "every door gives the same verdict on a name",
  withWorld(async (world) => {
    const verdicts: Record<string, string[]> = {};
    for (const [door, open] of Object.entries(DOORS)) {
      const { id: project } = await world.project("ana", `P ${door}`);
      assert.equal((await world.post("ana", `/apps/${project}/tool/raw`, TOOL)).status, 200);
      verdicts[door] = [];
      for (const name of [...GOOD, ...BAD]) if (await open(world, project, name)) verdicts[door].push(name);
    }
    for (const door of Object.keys(DOORS)) assert.deepEqual(verdicts[door], GOOD, door);
    const names = await world.platform.db.selectFrom("files").select("name").where("parent", "is not", null).execute();
    assert.deepEqual(
      names.map(({ name }) => name).filter((name) => !isFileName(name)),
      [],
    );
  }),
);

test("a name that nobody is asked about becomes one that fits, always the same, and one that fits stays", () => {
  for (const name of [...GOOD, ...BAD, "", "\ud83e", "a\0b", "__init__", "x/".repeat(300)]) {
    for (const type of ["file", "folder"] as const) {
      const fitting = fittingName(name, type);
      const fits = type === "folder" ? isFolderName : isFileName;
      assert.ok(fits(fitting), JSON.stringify(name));
      assert.equal(fittingName(fitting, type), fitting);
      if (fits(name)) assert.equal(fitting, name);
      for (const attempt of [1, 9, 10, 99_999]) assert.ok(fits(prefixed(fitting, attempt)), JSON.stringify(name));
    }
  }
  assert.equal(fittingName("__pycache__", "folder"), "_pycache__");
});

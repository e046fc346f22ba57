import assert from "node:assert/strict";
import { test } from "node:test";
import { type World, withWorld } from "../../testing/world.ts";
import { ended } from "../testing.ts";
import { outputFolders } from "./output-location.ts";

const TWO_REPORTS = {
  cwlVersion: "v1.2",
  class: "CommandLineTool",
  label: "Two reports",
  baseCommand: [
    "sh",
    "-c",
    "echo a > report.txt; echo i > report.txt.idx; echo b > other.txt; mkdir plots; echo p > plots/p.txt",
  ],
  inputs: [{ id: "word", type: "string?" }],
  outputs: [
    { id: "report", type: "File", secondaryFiles: [".idx"], outputBinding: { glob: "report.txt" } },
    { id: "other", type: "File", outputBinding: { glob: "other.txt" } },
    { id: "plots", type: "Directory", outputBinding: { glob: "plots" } },
  ],
};

async function reportsIn(world: World) {
  const project = (await world.project("mirela")).id as string;
  await world.post("mirela", `/apps/${project}/reports/raw`, TWO_REPORTS);
  return { project, app: `${project}/reports`, name: "May/June" };
}

/** Every path below a folder of the project, folders with a slash behind. */
async function tree(world: World, query: string, below = ""): Promise<string[]> {
  const { body } = await world.get("mirela", `/files?${query}&fields=_all`);
  const paths: string[] = [];
  for (const { id, name, type } of body.items) {
    if (type === "file") paths.push(below + name);
    else paths.push(`${below}${name}/`, ...(await tree(world, `parent=${id}`, `${below}${name}/`)));
  }
  return paths.sort();
}

test(
  "outputs go to the folders that the location names, which are made or used again",
  withWorld(async (world) => {
    const draft = await reportsIn(world);
    const output_location = {
      main_location: "/counts/<task_name>/",
      nodes_override: true,
      nodes_location: { report: { output_location: "reports" }, plots: { output_location: "/pictures/<nothing>" } },
    };
    const run = async (body: object) => {
      const { body: task } = await world.post("mirela", "/tasks?action=run", { ...draft, ...body });
      assert.deepEqual(task.errors, []);
      return ended(world, "mirela", task.id);
    };
    const first = await run({ output_location });
    assert.deepEqual(first.output_location, output_location);
    const expected = [
      "counts/",
      "counts/May_June/",
      "counts/May_June/other.txt",
      "counts/May_June/reports/",
      "counts/May_June/reports/report.txt",
      "counts/May_June/reports/report.txt.idx",
      "pictures/",
      "pictures/<nothing>/",
      "pictures/<nothing>/plots/",
      "pictures/<nothing>/plots/p.txt",
    ];
    assert.deepEqual(await tree(world, `project=${draft.project}`), expected);

    await run({ main_location: "counts" });
    const added = ["counts/other.txt", "counts/plots/", "counts/plots/p.txt", "counts/report.txt", "counts/report.txt.idx"];
    assert.deepEqual(await tree(world, `project=${draft.project}`), [...expected, ...added].sort());
  }),
);

test(
  "every child of a batch has a location of its own",
  withWorld(async (world) => {
    const draft = await reportsIn(world);
    const batch = { batch_input: "word", batch_by: { type: "ITEM" }, inputs: { word: ["x", "y/z"] } };
    const output_location = { main_location: "<username>/<batch_group>" };
    const { body: task } = await world.post("mirela", "/tasks?action=run", { ...draft, ...batch, output_location });
    assert.equal((await ended(world, "mirela", task.id)).status, "COMPLETED");
    const paths = await tree(world, `project=${draft.project}`);
    assert.deepEqual(
      paths.filter((path) => path.endsWith("other.txt")),
      ["mirela/x/other.txt", "mirela/y_z/other.txt"],
    );
  }),
);

test(
  "a location that cannot be is an error of the draft",
  withWorld(async (world) => {
    const draft = await reportsIn(world);
    const { body: task } = await world.post("mirela", "/tasks", draft);
    const errorsOf = async (output_location: object | null) =>
      (await world.patch("mirela", `/tasks/${task.id}`, { output_location })).body.errors.map(
        ({ code, input, message }: Record<string, string>) => `${code} ${input}: ${message}`,
      );
    assert.match(
      (await errorsOf({ main_location: "volumes://mirela/bucket/x" }))[0],
      /OUTPUT_LOCATION .*main_location: .*volume/,
    );
    assert.match((await errorsOf({ main_location: "/a/../b" }))[0], /'\.\.' cannot be/);
    assert.match((await errorsOf({ main_location: "/a", main_location_alias: "b" }))[0], /alias/);
    assert.deepEqual(await errorsOf(null), []);
    const nodes = { nodes_location: { nothing: { output_location: "x" } } };
    assert.deepEqual(await errorsOf({ nodes_override: false, ...nodes }), []);
    assert.match((await errorsOf({ nodes_override: true }))[0], /no output 'nothing'/);
    assert.equal((await world.post("mirela", `/tasks/${task.id}/actions/run`)).body.code, 7024);
  }),
);

test("what tokens stand for cannot lead anywhere else", () => {
  const tokens = {
    task_id: "t",
    task_name: "..",
    app_name: "__x",
    project_id: "a/b",
    batch_group: "",
    username: "\n",
    date: "d",
  };
  const folders = outputFolders(
    { main_location: "/<task_name>/<app_name>/<project_id>/<batch_group>/<username>/<odd>/" },
    tokens,
  );
  assert.deepEqual(folders("any"), ["_", "_x", "a_b", "<odd>"]);
});

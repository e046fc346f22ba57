import assert from "node:assert/strict";
import { test } from "node:test";
import { type World, withWorld } from "../../testing/world.ts";
import { ended } from "../testing.ts";

const file = ({ id }: { id: string }) => ({ class: "File", path: id });
const tool = (more: object) => ({
  cwlVersion: "v1.2",
  class: "CommandLineTool",
  baseCommand: ["true"],
  inputs: [
    { id: "a", type: "File" },
    { id: "b", type: "File" },
  ],
  outputs: [],
  ...more,
});
const port = (more: object) => tool({ inputs: [{ id: "a", type: "File", ...more }] });

/** What is said of input files that do not suit a tool, each with the names under which their user knows them. */
const MISFITS: { misfit: string; document: object; names: (a: string, b: string) => RegExp }[] = [
  {
    misfit: "two files of one name in the work directory",
    document: tool({ requirements: [{ class: "InitialWorkDirRequirement", listing: ["$(inputs.a)", "$(inputs.b)"] }] }),
    names: (a, b) => new RegExp(`x\\.txt \\(file ${a}\\) and x\\.txt \\(file ${b}\\)`),
  },
  {
    misfit: "contents of more than 64 KiB",
    document: port({ loadContents: true }),
    names: (a) => new RegExp(`64 KiB, and x\\.txt( \\(file ${a}\\))? is larger`),
  },
];

async function run(world: World, document: object, named: readonly string[]) {
  const project = await world.project("mira", `P${Math.random()}`);
  const files: { id: string }[] = [];
  for (const name of named) {
    const { body } = await world.post("mira", "/files", { name, project: project.id, type: "folder" });
    files.push(await world.file("mira", body.id, "x.txt", name.padEnd(70_000, "x")));
  }
  assert.equal((await world.post("mira", `/apps/${project.id}/app/raw`, document)).status, 200);
  const inputs = Object.fromEntries(files.map((each, index) => ["ab"[index]!, file(each)]));
  const made = await world.post("mira", "/tasks?action=run", { project: project.id, app: `${project.id}/app`, inputs });
  assert.deepEqual([made.status, made.body.errors], [200, []], JSON.stringify(made.body));
  return { task: await ended(world, "mira", made.body.id), ids: files.map(({ id }) => id) };
}

test(
  "a failed task names files as their user knows them, and no path of the platform's own",
  withWorld(async (world) => {
    for (const { misfit, document, names } of MISFITS) {
      const count = (document as { inputs: unknown[] }).inputs.length;
      const { task, ids } = await run(world, document, ["east", "west"].slice(0, count));
      const { message } = task.execution_status;
      assert.equal(task.status, "FAILED", misfit);
      assert.match(message, names(ids[0]!, ids[1] ?? ""), misfit);
      assert.ok(!message.includes(world.directory), message);
    }
  }),
);

test(
  "more memory than any machine has is refused, more than this machine has is said",
  withWorld(async (world) => {
    const asking = (ramMin: number, by = "requirements") =>
      tool({ inputs: [], [by]: [{ class: "ResourceRequirement", ramMin }] });
    const { task } = await run(world, asking(90_000_000), []);
    assert.equal(task.status, "FAILED");
    assert.match(task.execution_status.message, /ramMin: 90000000 MiB \(85\.8 TiB\) of memory are asked for, and there are only/);
    const { task: hinted } = await run(world, asking(90_000_000, "hints"), []);
    assert.equal(hinted.status, "COMPLETED", "a hint is a wish");
    await world.platform.services.billingAdministration.setPrices({
      diskGbHour: 0,
      interruptibleFactor: 1,
      instances: [{ name: "r9.huge", cpus: 4, memoryMib: 95_000_000, hourly: 0 }],
    });
    const { task: less } = await run(world, asking(90_000_000), []);
    assert.equal(less.status, "COMPLETED", less.execution_status.message);
    assert.match(JSON.stringify(less.warnings), /"RESOURCES".*90000000 MiB of memory, and the machine has \d+ MiB/);
  }),
);

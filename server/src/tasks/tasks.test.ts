import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { test } from "node:test";
import { withWorld } from "../testing/world.ts";
import { abortAll, ended } from "./testing.ts";

const COUNT_WORDS = {
  cwlVersion: "v1.2",
  class: "CommandLineTool",
  label: "Count words",
  baseCommand: ["wc", "-w"],
  inputs: { text: { type: "File", inputBinding: { position: 1 } } },
  outputs: { report: { type: "File", outputBinding: { glob: "report.txt" } } },
  stdout: "report.txt",
};

test(
  "a task runs an app on a file and leaves a file in the project",
  withWorld(async (world) => {
    const project = await world.project("mirela");
    await world.post("mirela", `/apps/${project.id}/count-words/raw`, COUNT_WORDS);
    const text = await world.file("mirela", project.id, "notes.txt", "one two three\n");
    const made = await world.post("mirela", "/tasks?action=run", {
      project: project.id,
      app: `${project.id}/count-words`,
      name: null,
      description: null,
      inputs: { text: { class: "File", path: text.id } },
    });
    assert.equal(made.status, 200);
    assert.deepEqual(made.body.errors, []);

    const task = await ended(world, "mirela", made.body.id);
    assert.equal(task.status, "COMPLETED", task.execution_status.message);
    assert.equal(task.outputs.report.name, "report.txt");
    const { body: report } = await world.get("mirela", `/files/${task.outputs.report.path}`);
    assert.deepEqual(report.origin, { task: task.id });
    const { body: link } = await world.get("mirela", `/files/${report.id}/download_info`);
    assert.match((await world.send("GET", null, link.url)).body, /^3 notes\.txt|^3 \S+notes.txt/);

    const { body: details } = await world.get("mirela", `/tasks/${task.id}/execution_details`);
    assert.equal(details.jobs.length, 1);
    assert.equal(details.jobs[0].status, "COMPLETED");
    const log = await world.get("mirela", details.jobs[0].logs["cmd.log"]);
    assert.match((await world.send("GET", null, log.body.url)).body, /^wc -w /);
  }),
);

test(
  "a task cannot read files of the machine that its document names",
  withWorld(async (world) => {
    const project = await world.project("mirela");
    const thief = {
      ...COUNT_WORDS,
      baseCommand: "cat",
      inputs: [
        { id: "text", type: "File", default: { class: "File", location: "file:///etc/passwd" }, inputBinding: { position: 1 } },
      ],
    };
    await world.post("mirela", `/apps/${project.id}/thief/raw`, thief);
    const { body } = await world.post("mirela", "/tasks?action=run", { project: project.id, app: `${project.id}/thief` });
    const task = await ended(world, "mirela", body.id);
    assert.equal(task.status, "FAILED");
    assert.match(task.execution_status.message, /passwd/);
  }),
);

test(
  "a task whose jobs cannot run says what they wait for",
  withWorld(async (world) => {
    const project = await world.project("mirela");
    const greedy = {
      cwlVersion: "v1.2",
      class: "CommandLineTool",
      baseCommand: ["sleep", "1000"],
      requirements: [{ class: "ResourceRequirement", coresMin: availableParallelism() }],
      inputs: [],
      outputs: [],
    };
    await world.post("mirela", `/apps/${project.id}/greedy/raw`, greedy);
    const run = async () =>
      (await world.post("mirela", "/tasks?action=run", { project: project.id, app: `${project.id}/greedy` })).body.id;
    const ids = [await run(), await run()];
    let waiting: Record<string, unknown>[] = [];
    // The one that got the cores waits for a moment, too, until it is started.
    while (waiting.length !== 1 || waiting[0]!.message === "Waiting: being started") {
      const tasks = await Promise.all(ids.map(async (id) => (await world.get("mirela", `/tasks/${id}`)).body));
      waiting = tasks.map((task) => task.execution_status).filter(({ message }) => message.startsWith("Waiting:"));
    }
    assert.deepEqual([waiting[0]!.message, waiting[0]!.system_limit], ["Waiting: no free core", true]);
    await abortAll(world, "mirela");
  }),
);

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
  "a task whose jobs cannot run says what they wait for, and how many jobs are before them",
  withWorld(async (world) => {
    const greedy = {
      cwlVersion: "v1.2",
      class: "CommandLineTool",
      baseCommand: ["sleep", "1000"],
      requirements: [{ class: "ResourceRequirement", coresMin: availableParallelism() }],
      inputs: [{ id: "n", type: "int?" }],
      outputs: [],
    };
    const project = await world.project("mirela");
    await world.post("mirela", `/apps/${project.id}/greedy/raw`, greedy);
    const scatter = {
      cwlVersion: "v1.2",
      class: "Workflow",
      requirements: [{ class: "ScatterFeatureRequirement" }],
      inputs: [],
      outputs: [],
      steps: [{ id: "s", scatter: "n", in: [{ id: "n", default: [1, 2, 3] }], out: [], run: greedy }],
    };
    await world.post("mirela", `/apps/${project.id}/scatter/raw`, scatter);
    const three = { execution_settings: { max_parallel_instances: 3 } };
    const run = async (app: string) =>
      (await world.post("mirela", "/tasks?action=run", { project: project.id, app: `${project.id}/${app}`, ...three })).body.id;
    const says = async (id: string, message: string, user = "mirela") => {
      let said = "";
      for (const end = Date.now() + 60_000; Date.now() < end; await new Promise((wake) => setTimeout(wake, 25))) {
        const { body } = await world.get(user, `/tasks/${id}`);
        said = body.execution_status.message;
        if (said === message) return body;
      }
      return assert.equal(said, message);
    };
    await says(await run("greedy"), "Running");
    // One after the other: of tasks that have equally little, the older comes first.
    const second = await says(await run("greedy"), "Waiting: no free core");
    assert.equal(second.execution_status.system_limit, true);
    await says(await run("greedy"), "Waiting: no free core; 1 job is before its own");
    const last = await says(await run("scatter"), "Waiting: no free core; 2 jobs are before its own");
    const details = await world.get("mirela", `/tasks/${last.id}/execution_details`);
    assert.equal(details.body.message, last.execution_status.message);
    await abortAll(world, "mirela");

    // Of another user, who has nothing running: it starts beside.
    const ben = await world.project("ben", "Lab");
    await world.post("ben", `/apps/${ben.id}/scatter/raw`, scatter);
    const { body } = await world.post("ben", "/tasks?action=run", { project: ben.id, app: `${ben.id}/scatter`, ...three });
    await says(body.id, "Running; 2 jobs wait: no free core", "ben");
    await abortAll(world, "ben");
  }),
);

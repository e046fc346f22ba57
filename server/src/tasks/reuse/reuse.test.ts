import assert from "node:assert/strict";
import { test } from "node:test";
import type { World } from "../../testing/world.ts";
import { withWorld } from "../../testing/world.ts";
import { ended } from "../testing.ts";

const HOUR_MS = 60 * 60 * 1000;

/** Says its word and something that no other run says: who gets the same has not run. */
const SAY = {
  cwlVersion: "v1.2",
  class: "CommandLineTool",
  baseCommand: ["sh", "-c", 'echo "$0"; cat /proc/sys/kernel/random/uuid'],
  inputs: [{ id: "word", type: "string", inputBinding: {} }],
  outputs: [{ id: "said", type: "File", outputBinding: { glob: "said.txt" } }],
  stdout: "said.txt",
};

/** Every word is said by a job of its own, another joins them, and one makes a folder of a file that both see. */
const STORY = {
  cwlVersion: "v1.2",
  class: "Workflow",
  requirements: [{ class: "ScatterFeatureRequirement" }],
  inputs: [
    { id: "words", type: "string[]" },
    { id: "notes", type: "File" },
  ],
  outputs: [
    { id: "joined", type: "File", outputSource: "join/joined" },
    { id: "listed", type: "File", outputSource: "list/listed" },
  ],
  steps: [
    { id: "say", scatter: "word", in: [{ id: "word", source: "words" }], out: ["said"], run: SAY },
    {
      id: "join",
      in: [{ id: "files", source: "say/said" }],
      out: ["joined"],
      run: {
        class: "CommandLineTool",
        baseCommand: "cat",
        inputs: [{ id: "files", type: "File[]", inputBinding: {} }],
        outputs: [{ id: "joined", type: "File", outputBinding: { glob: "joined.txt" } }],
        stdout: "joined.txt",
      },
    },
    {
      id: "pack",
      in: [{ id: "notes", source: "notes" }],
      out: ["packed"],
      run: {
        class: "CommandLineTool",
        requirements: [{ class: "ShellCommandRequirement" }],
        arguments: [
          {
            valueFrom: 'mkdir -p packed/inner && cp "$(inputs.notes.path)" packed/inner/ && echo top >packed/top',
            shellQuote: false,
          },
        ],
        inputs: [{ id: "notes", type: "File" }],
        outputs: [{ id: "packed", type: "Directory", outputBinding: { glob: "packed" } }],
      },
    },
    {
      id: "list",
      in: [{ id: "packed", source: "pack/packed" }],
      out: ["listed"],
      run: {
        class: "CommandLineTool",
        baseCommand: ["sh", "-c", 'cd "$0" && find . -type f -o -type l | sort; cat inner/*; cat /proc/sys/kernel/random/uuid'],
        inputs: [{ id: "packed", type: "Directory", inputBinding: {} }],
        outputs: [{ id: "listed", type: "File", outputBinding: { glob: "listed.txt" } }],
        stdout: "listed.txt",
      },
    },
  ],
};

/** A project with an app, and how to run it there. */
async function bench(world: World, document: object, { memoization = true, name = "Reef" } = {}) {
  const project = await world.project("mirela", name);
  await world.patch("mirela", `/projects/${project.id}`, { settings: { use_memoization: memoization } });
  await world.post("mirela", `/apps/${project.id}/app/raw`, document);
  async function run(inputs: object, settings?: object) {
    const body = { project: project.id, app: `${project.id}/app`, inputs, ...(settings ? { execution_settings: settings } : {}) };
    const made = await world.post("mirela", "/tasks?action=run", body);
    assert.deepEqual(made.body.errors, []);
    const task = await ended(world, "mirela", made.body.id);
    const { body: details } = await world.get("mirela", `/tasks/${task.id}/execution_details`);
    // biome-ignore lint/suspicious/noExplicitAny: see Answer.
    const jobs: any[] = details.jobs;
    return {
      task,
      jobs,
      ran: jobs
        .filter(({ instance }) => instance !== null)
        .map(({ name }) => name)
        .sort(),
    };
  }
  return { project, run };
}

async function textOf(world: World, file: { path: string }): Promise<string> {
  const { body } = await world.get("mirela", `/files/${file.path}/download_info`);
  return (await world.send("GET", null, body.url)).body;
}

// biome-ignore lint/suspicious/noExplicitAny: see Answer.
async function reuseLog(world: World, job: any): Promise<string> {
  const { body } = await world.get("mirela", job.logs["job.reuse.log"]);
  return (await world.send("GET", null, body.url)).body;
}

test(
  "a second run of a workflow runs no job, costs nothing and gives the same; a changed input runs what depends on it",
  withWorld(async (world) => {
    const { project, run } = await bench(world, STORY);
    const notes = await world.file("mirela", project.id, "notes.txt", "some notes\n");
    const inputs = { words: ["a", "b"], notes: { class: "File", path: notes.id } };
    const first = await run(inputs);
    assert.equal(first.task.status, "COMPLETED", first.task.execution_status.message);
    assert.deepEqual(first.ran, ["join", "list", "pack", "say_1", "say_2"]);
    assert.match(await reuseLog(world, first.jobs[0]), /^Run: no job of this tool is known\.\n$/);

    const second = await run(inputs);
    assert.equal(second.task.status, "COMPLETED", second.task.execution_status.message);
    assert.deepEqual(second.ran, []);
    assert.equal(second.task.price.amount, 0);
    assert.equal(second.jobs.length, 5);
    assert.ok(second.jobs.every(({ status, instance }) => status === "COMPLETED" && instance === null));
    for (const port of ["joined", "listed"]) {
      assert.equal(await textOf(world, second.task.outputs[port]), await textOf(world, first.task.outputs[port]));
      const { body: file } = await world.get("mirela", `/files/${second.task.outputs[port].path}`);
      assert.deepEqual([file.name, file.origin], [`_1_${port}.txt`, { task: second.task.id }]);
    }
    assert.match(await textOf(world, second.task.outputs.listed), /^\.\/inner\/notes\.txt\n\.\/top\nsome notes\n/);
    const join = second.jobs.find(({ name }) => name === "join");
    assert.match(
      await reuseLog(world, join),
      new RegExp(`^Not run: the same tool and inputs as job join of .* UTC, in task ${first.task.id}\\.\\n$`),
    );
    assert.equal(join.command_line, first.jobs.find(({ name }) => name === "join").command_line);
    assert.ok(join.logs["cmd.log"] && join.logs["job.err.log"], "the logs of the job that made it are there");

    const third = await run({ ...inputs, words: ["a", "B"] });
    assert.deepEqual(third.ran, ["join", "say_2"]);
    const say = third.jobs.find(({ name }) => name === "say_2");
    assert.match(
      await reuseLog(world, say),
      /^Run: input word differs from job say\[\d\] of .* \(word: then "[ab]", now "B"\)\.\n$/,
    );

    // The same bytes under the same name count as the same, wherever they are.
    const { body: folder } = await world.post("mirela", "/files", { project: project.id, name: "copy", type: "folder" });
    const again = await world.file("mirela", folder.id, "notes.txt", "some notes\n");
    assert.deepEqual((await run({ ...inputs, notes: { class: "File", path: again.id } })).ran, []);
    const other = await world.file("mirela", project.id, "other.txt", "some notes\n");
    assert.deepEqual((await run({ ...inputs, notes: { class: "File", path: other.id } })).ran, ["list", "pack"]);
  }),
);

test(
  "whether earlier results are taken is the task's setting, else the project's; the results of all tasks can be taken",
  withWorld(async (world) => {
    const { project, run } = await bench(world, SAY, { memoization: false });
    const first = await run({ word: "w" });
    assert.equal(first.jobs[0].logs["job.reuse.log"], undefined);
    assert.equal((await run({ word: "w" })).ran.length, 1);
    assert.equal((await run({ word: "w" }, { use_memoization: true })).ran.length, 0);
    await world.patch("mirela", `/projects/${project.id}`, { settings: { use_memoization: true } });
    assert.equal((await run({ word: "w" })).ran.length, 0);
    assert.equal((await run({ word: "w" }, { use_memoization: false })).ran.length, 1);
  }),
);

test(
  "results are not taken from another project, nor by a tool that does not want it, nor from a job that failed",
  withWorld(async (world) => {
    const reef = await bench(world, SAY);
    assert.equal((await reef.run({ word: "w" })).ran.length, 1);
    const atoll = await bench(world, SAY, { name: "Atoll" });
    assert.equal((await atoll.run({ word: "w" })).ran.length, 1);

    const never = { ...SAY, requirements: [{ class: "WorkReuse", enableReuse: false }] };
    const proud = await bench(world, never, { name: "Proud" });
    await proud.run({ word: "w" });
    const { ran, jobs } = await proud.run({ word: "w" });
    assert.equal(ran.length, 1);
    assert.equal(await reuseLog(world, jobs[0]), "Run: the tool asks for it (WorkReuse).\n");

    const failing = await bench(world, { ...SAY, baseCommand: ["sh", "-c", "exit 3"] }, { name: "Failing" });
    for (let time = 0; time < 2; time++) {
      const failed = await failing.run({ word: "w" });
      assert.deepEqual([failed.task.status, failed.ran.length], ["FAILED", 1]);
    }
  }),
);

test(
  "the jobs of a failed task that succeeded need not run again",
  withWorld(async (world) => {
    const [say] = STORY.steps;
    const fail = { ...SAY, baseCommand: ["sh", "-c", "exit 3"], inputs: [{ id: "files", type: "File[]" }] };
    const { run } = await bench(world, {
      ...STORY,
      inputs: [{ id: "words", type: "string[]" }],
      outputs: [],
      steps: [say, { id: "fail", in: [{ id: "files", source: "say/said" }], out: ["said"], run: fail }],
    });
    assert.deepEqual((await run({ words: ["a", "b"] })).ran, ["fail", "say_1", "say_2"]);
    const { task, ran } = await run({ words: ["a", "b"] });
    assert.deepEqual([task.status, ran], ["FAILED", ["fail"]]);
  }),
);

test(
  "what a job made can be run by the next one, also when it was taken over",
  withWorld(async (world) => {
    const write = {
      class: "CommandLineTool",
      baseCommand: ["sh", "-c", "printf '#!/bin/sh\\necho made\\n' >tool && chmod +x tool"],
      inputs: [],
      outputs: [{ id: "tool", type: "File", outputBinding: { glob: "tool" } }],
    };
    const start = {
      class: "CommandLineTool",
      requirements: [{ class: "ShellCommandRequirement" }],
      arguments: [{ valueFrom: "$(inputs.tool.path) && echo $(inputs.word)", shellQuote: false }],
      inputs: [
        { id: "tool", type: "File" },
        { id: "word", type: "string" },
      ],
      outputs: [{ id: "said", type: "stdout" }],
    };
    const { run } = await bench(world, {
      cwlVersion: "v1.2",
      class: "Workflow",
      inputs: [{ id: "word", type: "string" }],
      outputs: [{ id: "said", type: "File", outputSource: "start/said" }],
      steps: [
        { id: "write", in: [], out: ["tool"], run: write },
        {
          id: "start",
          in: [
            { id: "tool", source: "write/tool" },
            { id: "word", source: "word" },
          ],
          out: ["said"],
          run: start,
        },
      ],
    });
    for (const [word, ran] of [
      ["once", ["start", "write"]],
      ["again", ["start"]],
    ] as const) {
      const done = await run({ word });
      assert.equal(done.task.status, "COMPLETED", done.task.execution_status.message);
      assert.deepEqual(done.ran, ran);
      assert.equal(await textOf(world, done.task.outputs.said), `made\n${word}\n`);
    }
  }),
);

test(
  "intermediate files stay for the hours that the project says after the last task that used them, and go with their bytes",
  withWorld(async (world) => {
    const { project, run } = await bench(world, STORY);
    await world.patch("mirela", `/projects/${project.id}`, { settings: { intermediate_files: { duration: 2 } } });
    const notes = await world.file("mirela", project.id, "notes.txt", "some notes\n");
    const inputs = { words: ["a", "b"], notes: { class: "File", path: notes.id } };
    const first = await run(inputs);
    const { resultSweep, fileSweep } = world.platform.services;
    const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS);

    assert.equal(await resultSweep.removeExpired(inHours(1.9)), 0);
    // The file sweep, long after its time of grace: what can be taken over stays.
    await fileSweep.removeUnreferenced(inHours(1000));
    await fileSweep.removeStrays(inHours(1000));
    assert.deepEqual((await run(inputs)).ran, []);

    // `say` and `pack` made intermediate files; what the others made is in files of the project, and stays.
    assert.equal(await resultSweep.removeExpired(inHours(2.1)), 3);
    assert.equal(await resultSweep.removeExpired(inHours(2.1)), 0);
    assert.ok((await fileSweep.removeUnreferenced(inHours(1000))) >= 4);
    assert.match(await textOf(world, first.task.outputs.joined), /^a\n/);
    const third = await run(inputs);
    assert.deepEqual(third.ran, ["join", "pack", "say_1", "say_2"]);
    assert.equal(await textOf(world, third.task.outputs.listed), await textOf(world, first.task.outputs.listed));
  }),
);

test(
  "a result whose bytes are gone is forgotten, and the job runs",
  withWorld(async (world) => {
    const { run } = await bench(world, SAY);
    const first = await run({ word: "w" });
    const { db, store } = world.platform;
    const { blob_key } = await db
      .selectFrom("files")
      .select("blob_key")
      .where("id", "=", first.task.outputs.said.path)
      .executeTakeFirstOrThrow();
    await store.remove(blob_key!);
    const second = await run({ word: "w" });
    assert.deepEqual([second.task.status, second.ran.length], ["COMPLETED", 1]);
    assert.match(await reuseLog(world, second.jobs[0]), /^Run: no job of this tool is known\.\n$/);
    assert.equal((await run({ word: "w" })).ran.length, 0);
  }),
);

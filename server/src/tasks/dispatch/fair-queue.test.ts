import assert from "node:assert/strict";
import { test } from "node:test";
import { type World, withWorld } from "../../testing/world.ts";
import { abortAll, ended } from "../testing.ts";

const sleep = (time: string) => ({
  cwlVersion: "v1.2",
  class: "CommandLineTool",
  baseCommand: ["sleep", time],
  inputs: [{ id: "n", type: "int?" }],
  outputs: [],
});

async function appIn(world: World, user: string, time: string) {
  const { id: project } = await world.project(user);
  await world.post(user, `/apps/${project}/sleep/raw`, sleep(time));
  return { project, app: `${project}/sleep` };
}

const run = async (world: World, user: string, task: object): Promise<string> =>
  (await world.post(user, "/tasks?action=run", task)).body.id;

test(
  "another user's task is done long before the many that were submitted earlier, which say how many are before them",
  withWorld(async (world) => {
    const few = await appIn(world, "ben", "0.1");
    const many = await appIn(world, "ana", "0.3");
    const batch = await run(world, "ana", {
      ...many,
      inputs: { n: Array.from({ length: 60 }, (_, n) => n) },
      batch_input: "n",
      batch_by: { type: "ITEM" },
    });
    const last = await run(world, "ana", many);
    const childrenDone = async () => (await world.get("ana", `/tasks/${batch}`)).body.execution_status.completed;
    while ((await childrenDone()) === 0) await new Promise((wake) => setTimeout(wake, 25));

    const { items } = (await world.get("ana", `/tasks?parent=${batch}&status=QUEUED&fields=_all&limit=100`)).body;
    const counts = items.map(({ execution_status: { message } }: { execution_status: { message: string } }) =>
      Number(/: (\d+) tasks? (is|are) before it\.$/.exec(message)?.[1] ?? 0),
    );
    assert.ok(
      counts.some((count: number) => count > 20),
      JSON.stringify(items.map((item: { execution_status: object }) => item.execution_status)),
    );

    const small = await ended(world, "ben", await run(world, "ben", few));
    assert.equal(small.status, "COMPLETED");
    assert.equal((await ended(world, "ana", last)).status, "COMPLETED", "nor does a user's own task wait for all of the batch");
    const done = await childrenDone();
    assert.ok(done < 50, `${done} of 60 had ended by then`);
    await world.post("ana", `/tasks/${batch}/actions/abort`);
    await ended(world, "ana", batch);
  }),
);

test(
  "another user's task does not wait for long ones that hold every core and every place",
  withWorld(
    async (world) => {
      const long = await appIn(world, "ana", "600");
      for (let n = 0; n < 12; n++) await run(world, "ana", long);
      const small = await ended(world, "ben", await run(world, "ben", await appIn(world, "ben", "0.1")));
      assert.equal(small.status, "COMPLETED");
      await abortAll(world, "ana");
    },
    { tasksAtOnce: 2 },
  ),
);

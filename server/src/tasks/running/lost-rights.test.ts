import assert from "node:assert/strict";
import { test } from "node:test";
import { withWorld } from "../../testing/world.ts";
import { ended } from "../testing.ts";

const nap = (seconds: number) => ({
  cwlVersion: "v1.2",
  class: "CommandLineTool",
  baseCommand: "sleep",
  arguments: [String(seconds)],
  inputs: { after: "File?" },
  outputs: { done: "stdout" },
  stdout: "done.txt",
});

/** A second job begins when the first has ended. */
const TWICE = {
  cwlVersion: "v1.2",
  class: "Workflow",
  inputs: {},
  outputs: { done: { type: "File", outputSource: "second/done" } },
  steps: {
    first: { run: nap(3), in: {}, out: ["done"] },
    second: { run: nap(0), in: { after: "first/done" }, out: ["done"] },
  },
};

const until = async <T>(look: () => Promise<T | undefined>): Promise<T> => {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((wake) => setTimeout(wake, 25));
  }
};

test(
  "a task that has begun goes on without the rights of its user, and one that waits fails when its turn comes",
  withWorld(
    async (world) => {
      const { id: project } = await world.project("ana", "Reef");
      const member = `/projects/${project}/members/ben`;
      const join = () => world.post("ana", `/projects/${project}/members`, { username: "ben", permissions: { execute: true } });
      await world.token("ben");
      for (const [name, document] of Object.entries({ long: nap(1000), short: nap(0) }))
        await world.post("ana", `/apps/${project}/${name}/raw`, document);
      const run = async (app: string, more = {}) =>
        (await world.post("ben", "/tasks?action=run", { project, app: `${project}/${app}`, inputs: {}, ...more })).body;
      const statusOf = async (id: string) => (await world.get("ana", `/tasks/${id}`)).body.status;
      const isRunning = (id: string) => until(async () => ((await statusOf(id)) === "RUNNING" ? true : undefined));

      const losses: [string, () => Promise<unknown>, () => Promise<unknown>][] = [
        ["removed", () => world.delete("ana", member), join],
        [
          "not allowed to run tasks any more",
          () => world.patch("ana", `${member}/permissions`, { execute: false }),
          () => world.patch("ana", `${member}/permissions`, { execute: true }),
        ],
        [
          "disabled",
          () => world.platform.services.users.change("ben", { isDisabled: true }),
          () => world.platform.services.users.change("ben", { isDisabled: false }),
        ],
      ];
      await join();
      for (const [how, lose, regain] of losses) {
        const running = await run("long");
        await isRunning(running.id);
        const [waiting, luckier] = [await run("short"), await run("short")];
        await lose();
        assert.equal(await statusOf(running.id), "RUNNING", how);
        assert.equal((await world.post("ana", `/tasks/${running.id}/actions/abort`)).status, 200, "others may end it");
        const failed = await ended(world, "ana", waiting.id);
        assert.equal(failed.status, "FAILED", how);
        assert.match(failed.execution_status.message, /ben may not run tasks in this project any more/);
        assert.equal((await ended(world, "ana", running.id)).status, "ABORTED");
        assert.equal((await ended(world, "ana", luckier.id)).status, "FAILED");
        await regain();
        assert.equal((await ended(world, "ben", (await run("short")).id)).status, "COMPLETED");
      }
    },
    { tasksAtOnce: 1 },
  ),
);

test(
  "what a task of a removed member makes, in jobs that begin later too, is the project's and not theirs",
  withWorld(async (world) => {
    const { id: project } = await world.project("ana", "Reef");
    await world.token("ben");
    await world.post("ana", `/projects/${project}/members`, { username: "ben", permissions: { execute: true } });
    await world.post("ana", `/apps/${project}/twice/raw`, TWICE);
    const { body: task } = await world.post("ben", "/tasks?action=run", { project, app: `${project}/twice`, inputs: {} });
    await until(async () => ((await world.get("ana", `/tasks/${task.id}`)).body.status === "QUEUED" ? undefined : true));
    await world.delete("ana", `/projects/${project}/members/ben`);
    const done = await ended(world, "ana", task.id);
    assert.equal(done.status, "COMPLETED", done.execution_status.message);
    assert.equal((await world.get("ana", `/files/${done.outputs.done.path}`)).body.name, "done.txt");
    for (const path of [
      `/tasks/${task.id}`,
      `/files/${done.outputs.done.path}`,
      `/files/${done.outputs.done.path}/download_info`,
    ])
      assert.equal((await world.get("ben", path)).status, 403, path);
  }),
);

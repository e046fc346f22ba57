import assert from "node:assert/strict";
import { test } from "node:test";
import { withWorld } from "../../testing/world.ts";
import { ended } from "../testing.ts";

const tool = {
  cwlVersion: "v1.2",
  class: "CommandLineTool",
  baseCommand: "true",
  inputs: { one: "File?" },
  outputs: {},
};

test(
  "of a file that goes where its readers may not follow, a task shows no more than it knew, and does not run with it",
  withWorld(
    async (world) => {
      const { id: project } = await world.project("ana", "Reef");
      const { id: hidden } = await world.project("ana", "Deep");
      await world.token("ben");
      await world.post("ana", `/projects/${project}/members`, { username: "ben", permissions: { execute: true } });
      const { id: file } = await world.file("ana", project, "old.txt", "four");
      const nap = { ...tool, baseCommand: "sleep", arguments: ["1000"], inputs: {} };
      await world.post("ana", `/apps/${project}/nap/raw`, nap);
      await world.post("ana", `/apps/${project}/tool/raw`, tool);
      const make = (app: string, inputs: object, query = "?action=run") =>
        world.post("ben", `/tasks${query}`, { project, app: `${project}/${app}`, inputs });
      const { body: asleep } = await make("nap", {});
      const { body: draft } = await make("tool", { one: file }, "");
      const { body: queued } = await make("tool", { one: file });
      assert.equal(draft.inputs.one.size, 4);

      const { body: job } = await world.post("ana", "/async/files/move", {
        items: [{ file, project: hidden, name: "new name.txt" }],
      });
      for (let state = ""; state !== "FINISHED"; ) state = (await world.get("ana", `/async/files/move/${job.id}`)).body.state;
      for (const { id } of [draft, queued]) {
        const { body } = await world.get("ben", `/tasks/${id}`);
        assert.deepEqual(body.inputs.one, { class: "File", path: file, name: "old.txt" });
        assert.equal((await world.get("ana", `/tasks/${id}`)).body.inputs.one.name, "new name.txt");
      }
      assert.equal((await world.post("ben", `/tasks/${draft.id}/actions/run`)).body.code, 7024);
      const { body: clone } = await world.post("ben", `/tasks/${draft.id}/actions/clone`);
      assert.equal(clone.errors[0].code, "FILE_NOT_FOUND");

      await world.post("ben", `/tasks/${asleep.id}/actions/abort`);
      const failed = await ended(world, "ben", queued.id);
      assert.equal(failed.status, "FAILED");
      assert.match(failed.execution_status.message, /gone to another project.*old\.txt/);
    },
    { tasksAtOnce: 1 },
  ),
);

import assert from "node:assert/strict";
import { test } from "node:test";
import { ended } from "../tasks/testing.ts";
import { createSeveredDatabase } from "../testing/error-codes/severed-database.ts";
import { createWorld } from "../testing/world.ts";

test("after the database was away for a while, tasks are run again", async () => {
  const database = await createSeveredDatabase();
  const world = await createWorld({ databaseUrl: database.url });
  try {
    const project = await world.project("mirela");
    const app = { cwlVersion: "v1.2", class: "CommandLineTool", baseCommand: "true", inputs: [], outputs: [] };
    await world.post("mirela", `/apps/${project.id}/true/raw`, app);
    const run = async () =>
      (await world.post("mirela", "/tasks?action=run", { project: project.id, app: `${project.id}/true` })).body.id;
    assert.equal((await ended(world, "mirela", await run())).status, "COMPLETED");

    await database.cut();
    assert.equal((await world.get("mirela", "/projects")).status, 503);
    await new Promise((wake) => setTimeout(wake, 4000));
    await database.mend();

    while ((await world.get("mirela", "/projects")).status !== 200) await new Promise((wake) => setTimeout(wake, 100));
    assert.equal((await ended(world, "mirela", await run())).status, "COMPLETED");
  } finally {
    await world.close();
    await database.drop();
  }
});

import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createTestDatabase } from "../../testing/database.ts";
import { callerWith, startKillable, untilEnded } from "../../testing/killable-platform.ts";

const ECHO = {
  cwlVersion: "v1.2",
  class: "ExpressionTool",
  requirements: [{ class: "InlineJavascriptRequirement" }],
  inputs: [{ id: "word", type: "string" }],
  outputs: [{ id: "echo", type: "string" }],
  expression: "${ return {echo: inputs.word}; }",
};

test("a platform that is killed while it makes the children of a batch makes each of them once", async () => {
  const directory = await mkdtemp(join(tmpdir(), "causeway-crash-"));
  const database = await createTestDatabase();
  const word = Array.from({ length: 200 }, (_, index) => `word-${index}`);
  let server: ChildProcess | undefined;
  try {
    let url: string;
    [server, url] = await startKillable(directory, database.url);
    const token = (await readFile(join(directory, "admin.token"), "utf8")).trim();
    const call = callerWith(token);
    const project = await call(`${url}/projects`, { name: "Crash" });
    await call(`${url}/apps/${project.id}/echo/raw`, ECHO);
    const batch = { app: `${project.id}/echo`, batch_input: "word", batch_by: { type: "ITEM" }, inputs: { word } };

    for (let kill = 0; kill < 3; kill++) {
      const { id } = await call(`${url}/tasks?action=run`, { project: project.id, name: "b", ...batch });
      await new Promise((wake) => setTimeout(wake, Math.random() * 200));
      server.kill("SIGKILL");
      await once(server, "exit");
      [server, url] = await startKillable(directory, database.url);
      const parent = await untilEnded(call, `${url}/tasks/${id}`);
      assert.equal(parent.status, "COMPLETED");
      assert.equal(parent.execution_status.completed, word.length);
      const names: string[] = [];
      for (const offset of [0, 100, 200]) {
        const page = await call(`${url}/tasks?parent=${id}&order_by=created_time&limit=100&offset=${offset}`);
        names.push(...page.items.map(({ name }: { name: string }) => name));
      }
      assert.deepEqual(
        names,
        word.map((text) => `b - ${text}`),
      );
    }
  } finally {
    server?.kill("SIGKILL");
    await database.drop();
    await rm(directory, { recursive: true, force: true });
  }
});

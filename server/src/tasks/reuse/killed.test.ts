import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { sql } from "kysely";
import { openDatabase } from "../../db/database.ts";
import { createTestDatabase } from "../../testing/database.ts";
import { callerWith, startKillable, untilEnded } from "../../testing/killable-platform.ts";

/** A job that ends at once, and one that goes on with what the first has made when its directory has the file `go-on`. */
const CHAIN = {
  cwlVersion: "v1.2",
  class: "Workflow",
  inputs: [],
  outputs: [{ id: "last", type: "File", outputSource: "second/out" }],
  steps: [
    { id: "first", in: [], out: ["out"], run: { ...catTool("echo made"), inputs: [] } },
    {
      id: "second",
      in: [{ id: "in", source: "first/out" }],
      out: ["out"],
      run: catTool('for n in $(seq 1000); do [ -e go-on ] && exec cat "$0"; sleep 0.1; done; exit 1'),
    },
  ],
};

function catTool(script: string) {
  return {
    class: "CommandLineTool",
    baseCommand: ["sh", "-c", script],
    inputs: [{ id: "in", type: "File", inputBinding: { position: 1 } }],
    outputs: [{ id: "out", type: "stdout" }],
  };
}

test("what a job made is kept for later ones, also when the platform is killed right after its end", async () => {
  const directory = await mkdtemp(join(tmpdir(), "causeway-crash-"));
  const database = await createTestDatabase();
  const { db, close } = openDatabase(database.url, 1);
  let server: ChildProcess | undefined;
  try {
    let url: string;
    [server, url] = await startKillable(directory, database.url);
    const call = callerWith((await readFile(join(directory, "admin.token"), "utf8")).trim());
    const project = await call(`${url}/projects`, { name: "Crash" });
    await call(`${url}/apps/${project.id}/chain/raw`, CHAIN);
    const chain = { project: project.id, app: `${project.id}/chain`, inputs: {} };
    const { id } = await call(`${url}/tasks?action=run`, chain);
    const kept = async () => {
      const { rows } = await sql<{ job_name: string }>`select job_name from job_results order by 1`.execute(db);
      return rows.map(({ job_name }) => job_name);
    };
    const untilSome = async <Row>(read: () => Promise<Row[]>) => {
      for (;;) {
        const [row] = await read();
        if (row !== undefined) return row;
        await new Promise((wake) => setTimeout(wake, 20));
      }
    };
    await untilSome(kept);
    server.kill("SIGKILL");
    await once(server, "exit");
    // It was killed a moment before that.
    await sql`delete from job_results`.execute(db);
    [server, url] = await startKillable(directory, database.url);
    await untilSome(kept);
    const second = await untilSome(async () => {
      const { rows } = await sql<{ directory: string }>`
        select job ->> 'directory' as directory from jobs where name = 'second' and status = 'RUNNING'`.execute(db);
      return rows;
    });
    await writeFile(join(second.directory, "out", "go-on"), "");
    assert.equal((await untilEnded(call, `${url}/tasks/${id}`)).status, "COMPLETED");
    assert.deepEqual(await kept(), ["first", "second"]);
    const again = await call(`${url}/tasks?action=run`, { ...chain, execution_settings: { use_memoization: true } });
    assert.equal((await untilEnded(call, `${url}/tasks/${again.id}`)).status, "COMPLETED");
    const { jobs } = await call(`${url}/tasks/${again.id}/execution_details`);
    assert.deepEqual(
      jobs.map(({ instance }: { instance: object | null }) => instance),
      [null, null],
      "neither has run again",
    );
  } finally {
    server?.kill("SIGKILL");
    await close();
    await database.drop();
    await rm(directory, { recursive: true, force: true });
  }
});

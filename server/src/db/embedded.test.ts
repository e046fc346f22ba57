import assert from "node:assert/strict";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import pg from "pg";
import { startEmbeddedPostgres } from "./embedded.ts";

test("a database server that is killed is started again, with all that was committed, and stops when told to", async () => {
  const directory = await mkdtemp(join(tmpdir(), "causeway-embedded-"));
  await chmod(directory, 0o755); // so that the server's own user may enter, when this is root
  const postgres = await startEmbeddedPostgres(directory);
  const events: string[] = [];
  postgres.keepRunning((event) => events.push(event));
  try {
    await ask(postgres.url, "create table kept as select 7 as number");
    const pid = await pidOf(directory);
    process.kill(pid, "SIGKILL");

    let rows: unknown[] | undefined;
    while (!rows) {
      rows = await ask(postgres.url, "select number from kept").catch(() => undefined);
      if (!rows) await new Promise((wake) => setTimeout(wake, 50));
    }
    assert.deepEqual(rows, [{ number: 7 }]);
    assert.notEqual(await pidOf(directory), pid);
    assert.deepEqual(events.slice(0, 1), ["PostgreSQL has ended; it is started again"]);
  } finally {
    await postgres.stop();
    await assert.rejects(ask(postgres.url, "select 1"));
    await rm(directory, { recursive: true });
  }
});

async function ask(url: string, query: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  // A server that goes away breaks the connection; the query tells of it.
  client.on("error", () => {});
  try {
    await client.connect();
    return (await client.query(query)).rows;
  } finally {
    await client.end();
  }
}

const pidOf = async (directory: string) =>
  Number.parseInt(await readFile(join(directory, "cluster", "postmaster.pid"), "utf8"), 10);

import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { sql } from "kysely";
import { openDatabase } from "../db/database.ts";
import { createTestDatabase } from "../testing/database.ts";
import { callerWith, startKillable } from "../testing/killable-platform.ts";

/** How often the platform is killed while one job runs. */
const KILLS = 4;
/** Folders, each with a hundred files. */
const FOLDERS = 100;

test("a platform that is killed again and again while it copies folders copies each of them once", async () => {
  const directory = await mkdtemp(join(tmpdir(), "causeway-crash-"));
  const database = await createTestDatabase();
  const { db, close } = openDatabase(database.url, 1);
  let server: ChildProcess | undefined;
  try {
    let url: string;
    [server, url] = await startKillable(directory, database.url);
    const call = callerWith((await readFile(join(directory, "admin.token"), "utf8")).trim());
    const source = await call(`${url}/projects`, { name: "Source" });
    const target = await call(`${url}/projects`, { name: "Target" });
    await sql`insert into blobs (key, size) values ('crash', 5)`.execute(db);
    const { rows } = await sql<{ id: string }>`
      with folders as (
        insert into files (project_id, parent, name, type)
        select project_id, id, 'run ' || number, 'folder' from files, generate_series(1, ${FOLDERS}::int) as number
        where id = ${source.root_folder} returning id, project_id
      ), content as (
        insert into files (project_id, parent, name, type, blob_key, size)
        select project_id, id, 'sample ' || number, 'file', 'crash', 5 from folders, generate_series(1, 100) as number
      )
      select id from folders`.execute(db);
    const items = rows.map(({ id }) => ({ file: id, project: target.id }));
    const { id } = await call(`${url}/async/files/copy`, { items });

    for (let kill = 0; kill < KILLS; kill++) {
      // A moment of its own each time: the point is to hit every line once in a while.
      await new Promise((wake) => setTimeout(wake, Math.random() * 400));
      server.kill("SIGKILL");
      await once(server, "exit");
      [server, url] = await startKillable(directory, database.url);
    }
    const job = await untilFinished(call, `${url}/async/files/copy/${id}`);

    assert.deepEqual([job.total_files, job.completed_files, job.failed_files], [FOLDERS * 100, FOLDERS * 100, 0]);
    assert.equal(new Set(job.result.map(({ resource }: { resource: { id: string } }) => resource.id)).size, FOLDERS);
    const copied = await sql<{ names: number; files: number; prefixed: number }>`
      select count(*) as files, count(distinct parent) as names, count(*) filter (where files.name like '\\_%') as prefixed
      from files join projects on projects.id = files.project_id
      where projects.root_folder = ${target.root_folder} and files.type = 'file' and files.deleted_at is null`.execute(db);
    assert.deepEqual(copied.rows, [{ files: FOLDERS * 100, names: FOLDERS, prefixed: 0 }]);
  } finally {
    server?.kill("SIGKILL");
    await close();
    await database.drop();
    await rm(directory, { recursive: true, force: true });
  }
});

async function untilFinished(call: ReturnType<typeof callerWith>, url: string) {
  for (;;) {
    const job = await call(url);
    if (job.state === "FINISHED") return job;
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

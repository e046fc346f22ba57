import assert from "node:assert/strict";
import { test } from "node:test";
import pg from "pg";
import { withWorld } from "../testing/world.ts";

test(
  "a process has no more connections to the database than the setting says, and uses all of them",
  withWorld(async (world) => {
    const { databaseUrl, databaseConnections } = world.settings;
    const project = await world.project("mira");
    await world.file("mira", project.id, "a.txt");
    const watching = new pg.Client({ connectionString: databaseUrl });
    await watching.connect();
    let most = 0;
    let isOver = false;
    const watch = async () => {
      while (!isOver) {
        const { rows } = await watching.query(`select count(*)::integer as count from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()`);
        most = Math.max(most, rows[0].count);
      }
    };
    const watched = watch();
    const calls = ["/projects", `/files?project=${project.id}`, "/tasks", "/apps", "/user"];
    for (let round = 0; round < 10; round++)
      await Promise.all(Array.from({ length: 60 }, (_, index) => world.get("mira", calls[index % calls.length]!)));
    isOver = true;
    await watched;
    await watching.end();
    assert.ok(most <= databaseConnections, `${most} connections`);
    assert.ok(most >= databaseConnections - 8, `${most} connections: the pool was not used`);
  }),
);

import assert from "node:assert/strict";
import { test } from "node:test";
import { type RawBuilder, sql } from "kysely";
import { type World, withWorld } from "./world.ts";

// Work of the queue that meets a fault of ours each time: here the database itself, made to refuse rows.

const refuse = async (world: World, table: string, when: RawBuilder<unknown>) => {
  const { db } = world.platform;
  await sql`
    create function refuse_rows() returns trigger language plpgsql as
    $$ begin raise exception 'the disk of the test is broken' using errcode = 'XX001'; end $$`.execute(db);
  await sql`create trigger refused before insert on ${sql.table(table)} for each row when (${when}) execute function refuse_rows()`.execute(
    db,
  );
};

test(
  "an item of a file operation is tried again, then fails, and the others are done",
  withWorld(
    async (world) => {
      const source = await world.project("ana");
      const target = await world.project("ana", "Target");
      const bad = await world.file("ana", source.id, "bad.bam");
      const good = await world.file("ana", source.id, "good.bam");
      await refuse(world, "files", sql`new.name = 'copy-of-bad'`);
      const items = [
        { file: bad.id, project: target.id, name: "copy-of-bad" },
        { file: good.id, project: target.id },
      ];
      const { body: submitted } = await world.post("ana", "/async/files/copy", { items });
      const look = async () => (await world.get("ana", submitted.href)).body;
      const { db } = world.platform;
      const pauses = sql<{ seconds: number }>`
        select extract(epoch from run_at - created_at)::float8 as seconds from graphile_worker.jobs
        where task_identifier = 'run-file-job' and run_at > now()`;
      let waiting: { seconds: number }[] = [];
      while (waiting.length === 0) ({ rows: waiting } = await pauses.execute(db));
      assert.equal(Math.round(waiting[0]!.seconds), 2, "the first pause, as a task's");
      const meanwhile = await look();
      assert.deepEqual([meanwhile.state, meanwhile.failed_files, meanwhile.completed_files], ["RUNNING", 0, 0]);
      // It comes back by itself when its pause is over: the queue's own look, twice a minute, has not come yet.
      let job = await look();
      while (job.state !== "FINISHED") job = await look();
      assert.deepEqual([job.failed_files, job.completed_files], [1, 1]);
      assert.equal(job.result[0].error.code, 57434);
      assert.ok(job.result[1].resource.id);
      const metrics = await (await fetch(world.url.replace(/\/v2$/, "/metrics"))).text();
      assert.match(metrics, /^causeway_file_operation_faults_total\{kind="platform"\} 2$/m);
    },
    { faultTries: 2 },
  ),
);

test(
  "a batch whose children cannot be made FAILS after a few faults of the platform, and says so",
  withWorld(
    async (world) => {
      const project = await world.project("ana");
      const files = [await world.file("ana", project.id, "a.txt"), await world.file("ana", project.id, "b.txt")];
      const app = `${project.id}/app`;
      const tool = {
        cwlVersion: "v1.2",
        class: "CommandLineTool",
        baseCommand: "true",
        inputs: { file: "File" },
        outputs: {},
      };
      assert.equal((await world.post("ana", `/apps/${app}/raw`, tool)).status, 200);
      await refuse(world, "tasks", sql`new.parent_id is not null`);
      const inputs = { file: files.map(({ id }) => ({ class: "File", path: id })) };
      const batch = { batch_input: "file", batch_by: { type: "item" } };
      const { body } = await world.post("ana", "/tasks?action=run", { project: project.id, app, inputs, ...batch });
      let task = body;
      while (task.status !== "FAILED") {
        await new Promise((wake) => setTimeout(wake, 200));
        task = (await world.get("ana", `/tasks/${body.id}`)).body;
      }
      assert.match(task.execution_status.message, /failed 2 times in a row.*the disk of the test is broken/);
      const metrics = await (await fetch(world.url.replace(/\/v2$/, "/metrics"))).text();
      assert.match(metrics, /^causeway_task_faults_total\{kind="platform"\} 2$/m);
    },
    { faultTries: 2 },
  ),
);

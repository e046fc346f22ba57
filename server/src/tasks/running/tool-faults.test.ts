import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { sql } from "kysely";
import { type World, withWorld } from "../../testing/world.ts";
import { ended } from "../testing.ts";

/** A tool that runs a shell script and answers what it leaves as `out`. */
const shell = (script: string, more: object = {}) => ({
  cwlVersion: "v1.2",
  class: "CommandLineTool",
  requirements: [{ class: "InlineJavascriptRequirement" }],
  baseCommand: ["bash", "-c", script],
  inputs: [],
  outputs: [{ id: "out", type: ["File", "Directory", { type: "array", items: "File" }], outputBinding: { glob: "out*" } }],
  ...more,
});
const expression = (code: string, type: unknown = "Any") => ({
  cwlVersion: "v1.2",
  class: "ExpressionTool",
  requirements: [{ class: "InlineJavascriptRequirement" }],
  inputs: [],
  outputs: [{ id: "out", type }],
  expression: code,
});
const evaluated = (code: string) =>
  shell("echo x >out", { outputs: [{ id: "out", type: "Any", outputBinding: { glob: "out*", outputEval: code } }] });

/** What documents and tools do wrong, and the sentence with which their tasks fail. */
const FAULTS: { fault: string; tool: object; says: RegExp }[] = [
  { fault: "an output whose name is no UTF-8", tool: shell("touch $'out\\xff'"), says: /is not UTF-8/ },
  { fault: "such a name in a directory", tool: shell("mkdir out; touch $'out/\\xff'"), says: /is not UTF-8/ },
  {
    fault: "a name with a zero byte by an expression",
    tool: evaluated("${ self[0].basename = 'a\\u0000b'; return self; }"),
    says: /zero byte/,
  },
  { fault: "text with a zero byte", tool: evaluated("${ return 'a\\u0000b'; }"), says: /zero byte/ },
  { fault: "text with half a character", tool: evaluated("${ return 'a\\ud800b'; }"), says: /half a character/ },
  { fault: "a zero byte from an ExpressionTool", tool: expression("${ return {out: {'a': ['\\u0000']}}; }"), says: /zero byte/ },
  {
    fault: "a zero byte on the command line",
    tool: shell("true", { arguments: ["${ return 'a\\u0000b'; }"] }),
    says: /zero byte/,
  },
  {
    fault: "an output path with a zero byte",
    tool: evaluated("${ return {class: 'File', path: 'a\\u0000b'}; }"),
    says: /cannot be read|there is no File|zero byte/,
  },
  {
    fault: "thousands of nested arrays",
    tool: expression("${ var a = []; for (var i = 0; i < 5000; i++) a = [a]; return {out: a}; }"),
    says: /nested deeper than 200/,
  },
  {
    fault: "thousands of nested objects",
    tool: evaluated("${ var a = {}; for (var i = 0; i < 3000; i++) a = {a: a}; return a; }"),
    says: /nested deeper than 200/,
  },
  {
    fault: "thousands of nested arrays in cwl.output.json",
    tool: shell(
      `printf '{"out":' >cwl.output.json; printf '[%.0s' $(seq 20000) >>cwl.output.json; printf ']%.0s' $(seq 20000) >>cwl.output.json; echo '}' >>cwl.output.json`,
    ),
    says: /nested deeper than 200/,
  },
  { fault: "a zero byte on standard error", tool: shell("printf 'a\\0b' >&2; exit 3"), says: /exit code 3.*a\\0b/s },
  {
    fault: "standard error that became a link to the host",
    tool: shell("rm err; ln -s /etc/passwd err; exit 3", { stderr: "err" }),
    says: /exit code 3$/,
  },
  {
    fault: "standard error that became a pipe",
    tool: shell("rm err; mkfifo err; exit 3", { stderr: "err" }),
    says: /exit code 3$/,
  },
  {
    fault: "standard error that became a directory",
    tool: shell("rm err; mkdir err; exit 3", { stderr: "err" }),
    says: /exit code 3$/,
  },
  { fault: "a name too long for standard output", tool: shell("true", { stdout: "x".repeat(300) }), says: /too long for a name/ },
  { fault: "a named pipe as output", tool: shell("mkfifo out"), says: /a named pipe/ },
  {
    fault: "a socket in a directory",
    tool: shell("mkdir out; python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"out/s\")' || mkfifo out/s"),
    says: /a socket|a named pipe/,
  },
  { fault: "a link that leads in circles", tool: shell("ln -s out out"), says: /in circles|link to nothing|cannot be read/ },
  { fault: "a directory in itself by a link", tool: shell("mkdir out; ln -s ../out out/again"), says: /a directory around it/ },
  {
    fault: "directories deeper than a path can be long",
    tool: shell("n=$(printf 'd%.0s' $(seq 200)); mkdir out; cd out; for i in $(seq 40); do mkdir $n; cd $n; done; touch f"),
    says: /ENAMETOOLONG|too deep/,
  },
  { fault: "a file of a tebibyte with nothing in it", tool: shell("truncate -s 1T out"), says: /wrote more than the \d+ MiB/ },
  {
    fault: "more than outdirMax",
    tool: shell("head -c 30000000 /dev/zero >out", { hints: [{ class: "ResourceRequirement", outdirMax: 10 }] }),
    says: /more than the 10 MiB that it was allowed, .*\(outdirMax\); ask for more with ResourceRequirement outdirMax/,
  },
];

async function run(world: World, document: object) {
  const project = await world.project("mira", `P${Math.random()}`);
  const { status, body } = await world.post("mira", `/apps/${project.id}/app/raw`, document);
  assert.equal(status, 200, JSON.stringify(body));
  const made = await world.post("mira", "/tasks?action=run", { project: project.id, app: `${project.id}/app`, inputs: {} });
  assert.equal(made.status, 200, JSON.stringify(made.body));
  return ended(world, "mira", made.body.id);
}

test(
  "what a document or a tool does wrong fails the task with its sentence, and is no fault of the platform's",
  withWorld(
    async (world) => {
      await Promise.all(
        FAULTS.map(async ({ fault, tool, says }) => {
          const task = await run(world, tool);
          assert.equal(task.status, "FAILED", `${fault}: ${task.execution_status.message}`);
          assert.match(task.execution_status.message, says, fault);
        }),
      );
      const { rows } = await sql<{ fault: string }>`select fault from tasks where fault is not null`.execute(world.platform.db);
      assert.deepEqual(rows, []);
      // All at once, by one user.
    },
    { documentsWaiting: FAULTS.length },
  ),
);

test(
  "names that nobody can read do not matter when they are no outputs, and its listing shows them",
  withWorld(async (world) => {
    const task = await run(world, shell("touch $'x\\xff' $'new\\nline'; mkfifo pipe; echo y >out"));
    assert.equal(task.status, "COMPLETED", task.execution_status.message);
    const { jobs } = (await world.get("mira", `/tasks/${task.id}/execution_details`)).body;
    const { url } = (await world.get("mira", jobs[0].logs["job.tree.log"])).body;
    const listing = await (await fetch(url)).text();
    assert.match(listing, /x\\xff\n/);
    assert.match(listing, /new\\x0aline\n/);
  }),
);

test(
  "what killed platforms have left of tasks that have ended is swept, and nothing else",
  withWorld(async (world) => {
    const { db } = world.platform;
    const task = await run(world, shell("echo y >out"));
    const tasks = join(world.directory, "jobs", "tasks");
    while (existsSync(join(tasks, task.id))) await wait(20); // its driver removes it a moment after the task has ended
    const stranger = "00000000-0000-4000-8000-000000000000";
    for (const name of [task.id, stranger, "somebody-elses"]) await mkdir(join(tasks, name, "deep"), { recursive: true });
    await world.platform.services.jobs.sweep();
    assert.ok(existsSync(join(tasks, task.id)), "its driver may be at it still");
    assert.ok(!existsSync(join(tasks, stranger)));
    await sql`update tasks set ended_at = ended_at - interval '1 hour'`.execute(db);
    await world.platform.services.jobs.sweep();
    assert.ok(!existsSync(join(tasks, task.id)));
    assert.ok(existsSync(join(tasks, "somebody-elses")));
  }),
);

test(
  "a task that the platform fails to run is tried again, then FAILS and says so",
  withWorld(
    async (world) => {
      const { db } = world.platform;
      // The platform's own mistake: what each driver of a task reads of the database is not there.
      const project = await world.project("mira");
      await world.post("mira", `/apps/${project.id}/app/raw`, shell("echo y >out"));
      const begin = () => world.post("mira", "/tasks?action=run", { project: project.id, app: `${project.id}/app`, inputs: {} });
      await sql`alter table price_rates rename to price_rates_away`.execute(db);
      try {
        const { body } = await begin();
        const failed = await untilRow(world, body.id, "FAILED");
        assert.match(
          failed.failure!,
          /The platform failed 2 times in a row to run this task, through no fault of the task's own/,
        );
        const metrics = await (await fetch(world.url.replace(/v2$/, "metrics"))).text();
        assert.match(metrics, /causeway_task_faults_total\{kind="platform"\} [2-9]/);
      } finally {
        await sql`alter table price_rates_away rename to price_rates`.execute(db);
      }
      assert.equal((await ended(world, "mira", (await begin()).body.id)).status, "COMPLETED");
    },
    { faultTries: 2 },
  ),
);

async function untilRow({ platform: { db } }: World, id: string, status: string) {
  for (;;) {
    const row = await db.selectFrom("tasks").select(["status", "failure"]).where("id", "=", id).executeTakeFirstOrThrow();
    if (row.status === status) return row;
    assert.ok(!["COMPLETED", "FAILED", "ABORTED"].includes(row.status), `the task is ${row.status}`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

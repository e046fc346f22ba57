import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { type World, withWorld } from "../../testing/world.ts";
import { abortAll, ended } from "../testing.ts";

async function start(world: World, tool: object): Promise<{ id: string; project: string }> {
  const project = await world.project("mira");
  const app = { cwlVersion: "v1.2", class: "CommandLineTool", inputs: [], outputs: [], ...tool };
  const installed = await world.post("mira", `/apps/${project.id}/app/raw`, app);
  assert.equal(installed.status, 200, JSON.stringify(installed.body));
  const { body } = await world.post("mira", "/tasks?action=run", { project: project.id, app: `${project.id}/app` });
  assert.deepEqual(body.errors, []);
  return { id: body.id, project: project.id };
}

const logsOf = async (world: World, task: string): Promise<Record<string, string>> =>
  (await world.get("mira", `/tasks/${task}/execution_details`)).body.jobs[0]?.logs ?? {};

/** What `links` lead to, as a client follows them. */
async function textsOf(world: World, links: Record<string, string>): Promise<Record<string, string>> {
  const texts = Object.entries(links).map(async ([name, link]) => {
    const { body } = await world.get("mira", link);
    return [name, await (await fetch(body.url)).text()] as const;
  });
  return Object.fromEntries(await Promise.all(texts));
}

const MADE = {
  baseCommand: ["sh", "-c", "mkdir sub; echo deep > sub/deep.log; echo kept > kept.txt; echo out; echo err >&2; exit $0"],
  inputs: [{ id: "code", type: "int", default: 0, inputBinding: { position: 1 } }],
  outputs: [{ id: "kept", type: "File", outputBinding: { glob: "kept.txt" } }],
  hints: [
    { class: "sbg:SaveLogs", value: "kept.txt" },
    { class: "sbg:SaveLogs", value: "sub/*.log" },
    { class: "sbg:SaveLogs", value: "../../nothing" },
  ],
};

test(
  "a completed job leaves its command, streams, inputs, outputs, a listing, and what its tool saves",
  withWorld(async (world) => {
    const { id, project } = await start(world, MADE);
    assert.equal((await ended(world, "mira", id)).status, "COMPLETED");
    const texts = await textsOf(world, await logsOf(world, id));
    assert.deepEqual(Object.keys(texts).sort(), [
      "cmd.log",
      "cwl.output.json",
      "job.err.log",
      "job.json",
      "job.out.log",
      "job.tree.log",
      "kept.txt",
      "sub/deep.log",
    ]);
    assert.match(texts["cmd.log"]!, /^sh -c 'mkdir sub/);
    assert.equal(texts["job.err.log"], "err\n");
    assert.equal(texts["job.out.log"], "out\n");
    assert.equal(texts["kept.txt"], "kept\n");
    assert.equal(texts["sub/deep.log"], "deep\n");
    assert.deepEqual(JSON.parse(texts["job.json"]!), { code: 0 });
    const { kept } = JSON.parse(texts["cwl.output.json"]!);
    assert.equal(kept.basename, "kept.txt");
    assert.ok(!JSON.stringify(kept).includes(world.directory) || kept.location.endsWith("/out/kept.txt"));
    assert.match(texts["job.tree.log"]!, /^ +5 \S+Z kept\.txt\n +\d+ \S+Z sub\/\n +5 \S+Z sub\/deep\.log\n.*SaveLogs.*outside/);

    const { body: listed } = await world.get("mira", `/files?project=${project}`);
    assert.deepEqual(
      listed.items.map(({ name }: { name: string }) => name),
      ["kept.txt"],
      "logs are in no listing",
    );
  }),
);

test(
  "small logs become files when somebody names one, in whatever call, under the ids that were shown before",
  withWorld(async (world) => {
    const { id, project } = await start(world, MADE);
    assert.equal((await ended(world, "mira", id)).status, "COMPLETED");
    const { db } = world.platform;
    const logFiles = async () => {
      const { rows } = await sql<{ name: string }>`
        select name from files where type = 'file' and origin ->> 'task' = ${id} and name <> 'kept.txt' order by name`.execute(
        db,
      );
      return rows.map(({ name }) => name);
    };
    const links = await logsOf(world, id);
    assert.deepEqual(await logFiles(), [], "nobody has asked for one");
    const ids = Object.fromEntries(Object.entries(links).map(([name, link]) => [name, link.match(/files\/(\w{24})\//)![1]!]));
    assert.equal(new Set(Object.values(ids)).size, Object.keys(links).length);

    const other = ids["job.err.log"]!.replace(/.{16}$/, "0000000000000000");
    assert.equal((await world.get("mira", `/files/${other}`)).status, 404);
    assert.deepEqual(await logFiles(), []);
    const copied = await world.post("mira", "/action/files/copy", { project, file_ids: [ids["job.out.log"]!.toUpperCase()] });
    assert.equal(copied.body[ids["job.out.log"]!.toUpperCase()].status, "OK", JSON.stringify(copied.body));
    const all = Object.keys(links)
      .filter((name) => name !== "kept.txt")
      .map((name) => name.replace("/", "_"))
      .sort();
    assert.deepEqual(await logFiles(), all);
    assert.deepEqual(await logsOf(world, id), links);
    const { body: file } = await world.get("mira", `/files/${ids["job.err.log"]}`);
    assert.deepEqual([file.name, file.size, file.origin], ["job.err.log", 4, { task: id }]);
    for (const texts of await Promise.all([1, 2, 3].map(() => textsOf(world, links))))
      assert.equal(texts["job.out.log"], "out\n");
    assert.deepEqual(await logFiles(), all, "each is made once");
  }),
);

test(
  "a large log is a file from the job's end on, and a job with very many logs loses none",
  withWorld(async (world) => {
    const many = { class: "sbg:SaveLogs", value: "*.log" };
    const script = "seq 100000; i=0; while [ $i -lt 260 ]; do echo $i >$i.log; i=$((i+1)); done";
    const { id } = await start(world, { baseCommand: ["sh", "-c", script], hints: [many] });
    assert.equal((await ended(world, "mira", id)).status, "COMPLETED");
    const links = await logsOf(world, id);
    const some = ["job.out.log", "0.log", "1.log", "77.log", "250.log", "259.log"];
    const texts = await textsOf(world, Object.fromEntries(some.map((name) => [name, links[name]!])));
    assert.ok(texts["job.out.log"]!.endsWith("\n99999\n100000\n"));
    for (const name of some.slice(1)) assert.equal(texts[name], `${name.slice(0, -4)}\n`);
    const { rows } = await sql`select from files where type = 'file' and origin ->> 'task' = ${id}`.execute(world.platform.db);
    assert.equal(rows.length, Object.keys(links).length);
  }),
);

test(
  "a failed job has its logs, too",
  withWorld(async (world) => {
    const { id } = await start(world, { ...MADE, inputs: [{ ...MADE.inputs[0], default: 3 }] });
    assert.equal((await ended(world, "mira", id)).status, "FAILED");
    const texts = await textsOf(world, await logsOf(world, id));
    assert.equal(texts["job.err.log"], "err\n");
    assert.equal(texts["sub/deep.log"], "deep\n");
    assert.ok(!("cwl.output.json" in texts));
  }),
);

test(
  "the logs of a running job can be read as far as they are written, and keep their addresses when it is aborted",
  withWorld(async (world) => {
    const talk = "i=0; while :; do i=$((i+1)); echo line $i; echo warning $i >&2; sleep 0.2; done";
    const { id } = await start(world, { baseCommand: ["sh", "-c", talk] });
    let links: Record<string, string> = {};
    while (!("job.out.log" in links)) links = await logsOf(world, id);
    const first = await textsOf(world, links);
    assert.match(first["cmd.log"]!, /^sh -c 'i=0/);
    assert.match(first["job.out.log"]!, /^line 1\n/);
    let later = first;
    while (later["job.err.log"] === first["job.err.log"]) later = await textsOf(world, links);
    assert.ok(later["job.err.log"]!.startsWith(first["job.err.log"]!));

    await abortAll(world, "mira");
    const final = await logsOf(world, id);
    for (const [name, link] of Object.entries(links)) assert.equal(final[name], link, name);
    const texts = await textsOf(world, final);
    assert.ok(texts["job.out.log"]!.startsWith(later["job.out.log"]!));
    assert.ok("job.tree.log" in texts);
  }),
);

test(
  "logs are charged to nobody",
  withWorld(async (world) => {
    const { billingAdministration, ledger } = world.platform.services;
    await billingAdministration.setPrices({ storageGbMonth: 1e6 });
    const { id } = await start(world, { baseCommand: ["sh", "-c", "seq 100000"] });
    assert.equal((await ended(world, "mira", id)).status, "COMPLETED");
    await ledger.chargeStorage(new Date("2031-06-10T01:00:00Z"));
    const { body } = await world.get("mira", "/billing/groups");
    const { body: costs } = await world.get("mira", `/billing/groups/${body.items[0].id}/breakdown/storage`);
    assert.deepEqual(costs.items, []);
  }),
);

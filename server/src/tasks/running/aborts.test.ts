import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { HostEngines } from "@causeway/executors";
import { type RawBuilder, sql } from "kysely";
import { type World, withWorld } from "../../testing/world.ts";
import { CHOOSING } from "../dispatch/queries.ts";
import { ended } from "../testing.ts";
import {
  type AbortPoint,
  ALL_CORES,
  findsRow,
  isRunning,
  isWaiting,
  leavesNothing,
  MARK,
  type Place,
  POINTS,
  SLEEP,
  tool,
  until,
} from "./abort-points.ts";

/** So many users have their tasks aborted at the same time. */
const LANES = 4;

async function placeOf(world: World, user: string): Promise<Place> {
  const { id: project, root_folder: root } = await world.project(user, `Place${Math.random()}`);
  return { world, user, project, root };
}

/** Makes an app of the document and a task of that, which is run unless `query` says otherwise. */
async function begin({ world, user, project }: Place, document: object, request: object = {}, query = "?action=run") {
  const name = `app${Math.random().toString(36).slice(2)}`;
  const made = await world.post(user, `/apps/${project}/${name}/raw`, document);
  assert.equal(made.status, 200, JSON.stringify(made.body));
  const body = { project, app: `${project}/${name}`, inputs: {}, ...request };
  const answer = await world.post(user, `/tasks${query}`, body);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  assert.deepEqual(answer.body.errors, []);
  return answer.body.id as string;
}

/** Aborts a task, and waits until it and its children are ABORTED. */
async function abort({ world, user }: Place, id: string, at: string): Promise<void> {
  const { status, body } = await world.post(user, `/tasks/${id}/actions/abort`);
  assert.equal(status, 200, `${at}: ${JSON.stringify(body)}`);
  await until(`the end of a task that is aborted while ${at}`, async () => {
    const task = (await world.get(user, `/tasks/${id}`)).body;
    assert.ok(!["COMPLETED", "FAILED"].includes(task.status), `${at}: ${task.status} ${task.execution_status.message}`);
    return task.status === "ABORTED";
  });
}

/** The same, and sees that nothing is left. */
async function abortWhole(place: Place, id: string, at: string, marks: string[] = []): Promise<void> {
  await abort(place, id, at);
  const { rows } = await sql<{ id: string; status: string }>`select id, status from tasks where parent_id = ${id}`.execute(
    place.world.platform.db,
  );
  for (const { status } of rows) assert.equal(status, "ABORTED", `a child, ${at}`);
  await leavesNothing(place.world, at, [id, ...rows.map((child) => child.id)], marks);
}

async function walk(place: Place, { at, tool: document, request, reached }: AbortPoint): Promise<void> {
  const id = await begin(place, document, await request?.(place));
  await reached(place.world, id).catch(async (error) => {
    const task = (await place.world.get(place.user, `/tasks/${id}`)).body;
    throw new Error(`${at}: ${task.status}, ${task.execution_status.message}`, { cause: error });
  });
  await abortWhole(place, id, at);
}

/** Holds a lock of the database while the story is told. */
const holding = (world: World, lock: RawBuilder<unknown>, story: () => Promise<void>): Promise<void> =>
  world.platform.db.transaction().execute(async (tx) => {
    await lock.execute(tx);
    await story();
  });
/** While this is held no task begins to be driven. */
const THE_QUEUE = sql`select pg_advisory_xact_lock(${sql.lit(CHOOSING)})`;
/** While this is held nothing is put into a folder. */
const folder = (id: string) => sql`select from files where id = ${id} for update`;

const BATCH = { batch_input: "word", batch_by: { type: "ITEM" } };
const batchOf = (children: number) => ({
  ...BATCH,
  inputs: { word: Array.from({ length: children }, (_, index) => `w${index}`) },
});
const FOR_EACH = { inputs: [{ id: "word", type: "string" }] };

test(
  "an abort is obeyed at every point of a task's life, and leaves nothing behind",
  withWorld(async (world) => {
    const { db } = world.platform;
    const waiting = POINTS.values();
    const places = await Promise.all(Array.from({ length: LANES }, (_, lane) => placeOf(world, `user${lane}`)));
    await Promise.all(
      places.map(async (place) => {
        for (const point of waiting) await walk(place, point);
      }),
    );

    await leavesNothing(world, "something of each kind went on", [], [MARK]);

    const [place] = places as [Place];
    const draft = await begin(place, SLEEP, {}, "");
    const refused = await world.post(place.user, `/tasks/${draft}/actions/abort`);
    assert.deepEqual([refused.status, refused.body.code], [400, 7011]);
    assert.equal((await world.get(place.user, `/tasks/${draft}`)).body.status, "DRAFT");

    await holding(world, THE_QUEUE, async () => {
      await abortWhole(place, await begin(place, SLEEP), "it waits in the queue");
      const batch = await begin(place, { ...SLEEP, ...FOR_EACH }, batchOf(3));
      await findsRow(world, "children", sql`select from tasks where parent_id = ${batch} and status = 'QUEUED'`);
      await abortWhole(place, batch, "its children wait in the queue");
    });

    const all = await begin(place, ALL_CORES);
    await isRunning(world, all);
    const next = await begin(place, ALL_CORES);
    await isWaiting("no free core")(world, next);
    await abortWhole(place, next, "it waits for a free core");
    await abortWhole(place, all, "its command runs");

    const output = await begin(place, tool("echo y >out"));
    await holding(world, folder(place.root), async () => {
      await findsRow(world, "an end that is being written", waitsForLock());
      await abortWhole(place, output, "its end is being written");
    });

    // A task that waits for its next try, after a fault of the platform's.
    await sql`alter table job_results rename to away`.execute(db);
    const faulty = await begin(place, tool("echo y >out"));
    await findsRow(world, "a fault", sql`select from tasks where id = ${faulty} and fault is not null and driver is null`);
    await abortWhole(place, faulty, "it waits for its next try");
    await sql`alter table away rename to job_results`.execute(db);

    await walkBatch(place);

    await leavesNothing(world, "something of each kind went on", [], [MARK]);
    // All that was held is free again.
    const after = await Promise.all(
      Array.from({ length: 12 }, async () => ended(world, place.user, await begin(place, tool("echo y >out")))),
    );
    for (const { status, execution_status } of after) assert.equal(status, "COMPLETED", execution_status.message);
  }),
);

/** Somebody waits for a row that another has locked. */
const waitsForLock = () =>
  sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%key share%'`;

async function walkBatch(place: Place): Promise<void> {
  const { world } = place;
  const { db } = world.platform;
  const each = { ...SLEEP, ...FOR_EACH };
  const draft = await begin(place, each, batchOf(3), "");
  assert.equal((await world.post(place.user, `/tasks/${draft}/actions/abort`)).body.code, 7011);

  // Its children are made in one transaction, which comes before the abort or after it.
  await abortWhole(place, await begin(place, each, batchOf(500)), "its children are made");

  // Whoever makes them waits for this row, and the batch's own is free.
  const busy = await begin(place, each, batchOf(2), "");
  await sql`alter table tasks add constraint away check (parent_id <> ${sql.lit(busy)})`.execute(db);
  await world.post(place.user, `/tasks/${busy}/actions/run`);
  await findsRow(world, "a fault", sql`select from tasks where id = ${busy} and fault is not null and status = 'CREATING'`);
  await abortWhole(place, busy, "its children could not be made and are tried again");
  await sql`alter table tasks drop constraint away`.execute(db);

  const running = await begin(place, each, batchOf(3));
  await findsRow(world, "a running child", RUNNING_CHILD(running));
  await abortWhole(place, running, "its children run");

  const last = await begin(place, tool("echo y >out", FOR_EACH), batchOf(2));
  await holding(world, folder(place.root), async () => {
    await findsRow(world, "an end that is being written", waitsForLock());
    await abortWhole(place, last, "the end of its children is being written");
  });
}

const RUNNING_CHILD = (id: string) => sql`
  select from jobs join tasks on tasks.id = jobs.task_id where parent_id = ${id} and jobs.status = 'RUNNING'`;

test(
  "an abort is obeyed while the task's document waits to be compiled, and while there is too little room on the disk",
  withWorld(
    async (world) => {
      const place = await placeOf(world, "mira");
      const sending = new AbortController();
      let compiled = "";
      await holding(world, THE_QUEUE, async () => {
        compiled = await begin(place, SLEEP);
        const headers = { "content-type": "application/yaml", "x-sbg-auth-token": await world.token("mira") };
        const send = (name: string, body: string) =>
          fetch(`${world.url}/apps/${place.project}/${name}/raw`, { method: "POST", body, headers, signal: sending.signal });
        let isAtWork = false;
        const occupy = () => {
          isAtWork = true;
          // Its answer is not waited for. On a busy machine it may be given up before the small ones have come.
          send("endless", ENDLESS)
            .then(() => (isAtWork = false))
            .catch(() => {});
        };
        // One document of the user's is at work and another waits, for longer than one like it takes.
        let refused = 0;
        for (let small = 0; refused < 3; small++) {
          if (!isAtWork) occupy();
          const answer = send(`small${small}`, JSON.stringify(SLEEP))
            .then(({ status }) => status)
            .catch(() => 0);
          if ((await Promise.race([answer, wait(100)])) === 429) refused++;
          else refused = 0;
          await wait(100);
        }
      });
      await findsRow(world, "a driven task", sql`select from tasks where id = ${compiled} and status = 'RUNNING'`);
      await abortWhole(place, compiled, "its document waits to be compiled");
      sending.abort();

      const other = await placeOf(world, "ben");
      const id = await begin(other, SLEEP);
      await isWaiting("the disk of ")(world, id);
      await abortWhole(other, id, "it waits for room on the disk");
    },
    { diskReserveMib: 1e9, documentsKeptMib: 0, documentsWaiting: 1 },
  ),
);

/** The parser of YAML takes minutes and gigabytes for this. */
const ENDLESS = `x: ${"[".repeat(150)}${"{a: [1, {b: 2}], ".repeat(200_000)}`;

/** A registry of images that takes every connection and never says a word. */
async function silentRegistry(): Promise<{ name: string; asked: () => boolean; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    name: `127.0.0.1:${port}`,
    asked: () => sockets.size > 0,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("an abort is obeyed while an image is pulled, and the pull ends when nobody waits for it", async (context: TestContext) => {
  const engines = new HostEngines({ isolation: "none", images: "auto" });
  await engines.look();
  engines.close();
  const { images } = engines.found;
  if ("unusable" in images) return context.skip(images.unusable);
  await withWorld(async (world) => {
    const place = await placeOf(world, "mira");
    for (const [at, settings] of [
      ["its image is pulled", { use_memoization: false }],
      ["the image that tells its job from others is pulled", { use_memoization: true }],
    ] as const) {
      const registry = await silentRegistry();
      const docker = { class: "DockerRequirement", dockerPull: `${registry.name}/slow/tool:1` };
      const document = { ...SLEEP, requirements: [docker] };
      const [one, other] = [
        await begin(place, document, { execution_settings: settings }),
        await begin(place, document, { execution_settings: settings }),
      ];
      await until("the pull", async () => registry.asked());
      if (!settings.use_memoization) await isWaiting("its image is fetched")(world, one);
      await abort(place, one, at);
      await abortWhole(place, other, at, [registry.name]);
      await leavesNothing(world, at, [one]);
      await registry.close();
    }
  })();
});

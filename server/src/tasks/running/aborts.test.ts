import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { withWorld } from "../../testing/world.ts";
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
} from "./abort-points.ts";
import { abortWhole, begin, holding, placeOf, THE_QUEUE } from "./aborting.ts";

/** So many users have their tasks aborted at the same time. */
const LANES = 4;

async function walk(place: Place, { at, tool: document, request, reached }: AbortPoint): Promise<void> {
  const id = await begin(place, document, await request?.(place));
  await reached(place.world, id).catch(async (error) => {
    const task = (await place.world.get(place.user, `/tasks/${id}`)).body;
    throw new Error(`${at}: ${task.status}, ${task.execution_status.message}`, { cause: error });
  });
  await abortWhole(place, id, at);
}

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

import assert from "node:assert/strict";
import { type RawBuilder, sql } from "kysely";
import type { World } from "../../testing/world.ts";
import { CHOOSING } from "../dispatch/queries.ts";
import { leavesNothing, type Place, until } from "./abort-points.ts";

export async function placeOf(world: World, user: string): Promise<Place> {
  const { id: project, root_folder: root } = await world.project(user, `Place${Math.random()}`);
  return { world, user, project, root };
}

/** Makes an app of the document and a task of that, which is run unless `query` says otherwise. */
export async function begin({ world, user, project }: Place, document: object, request: object = {}, query = "?action=run") {
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
export async function abort({ world, user }: Place, id: string, at: string): Promise<void> {
  const { status, body } = await world.post(user, `/tasks/${id}/actions/abort`);
  assert.equal(status, 200, `${at}: ${JSON.stringify(body)}`);
  await until(`the end of a task that is aborted while ${at}`, async () => {
    const task = (await world.get(user, `/tasks/${id}`)).body;
    assert.ok(!["COMPLETED", "FAILED"].includes(task.status), `${at}: ${task.status} ${task.execution_status.message}`);
    return task.status === "ABORTED";
  });
}

/** The same, and sees that nothing is left. */
export async function abortWhole(place: Place, id: string, at: string, marks: string[] = []): Promise<void> {
  await abort(place, id, at);
  const { rows } = await sql<{ id: string; status: string }>`select id, status from tasks where parent_id = ${id}`.execute(
    place.world.platform.db,
  );
  for (const { status } of rows) assert.equal(status, "ABORTED", `a child, ${at}`);
  await leavesNothing(place.world, at, [id, ...rows.map((child) => child.id)], marks);
}

/** Holds a lock of the database while the story is told. */
export const holding = (world: World, lock: RawBuilder<unknown>, story: () => Promise<void>): Promise<void> =>
  world.platform.db.transaction().execute(async (tx) => {
    await lock.execute(tx);
    await story();
  });
/** While this is held no task begins to be driven. */
export const THE_QUEUE = sql`select pg_advisory_xact_lock(${sql.lit(CHOOSING)})`;

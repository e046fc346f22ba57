import { type RawBuilder, sql } from "kysely";
import type { Database, Sql, Tx } from "../../db/database.ts";
import type { TaskRow } from "../queries.ts";
import { type DispatchSettings, nextTasks, type QueuedTask, type TaskQueue } from "./choice.ts";

/** The advisory lock under which tasks are chosen: two workers must not both take the same place for free. */
export const CHOOSING = 0x6362;

/** Stands for "in no batch" where a batch's id stands otherwise. */
const NO_BATCH = "00000000-0000-0000-0000-000000000000";

const batchOf = (task: string): RawBuilder<unknown> => sql`coalesce(${sql.ref(`${task}.parent_id`)}, ${sql.lit(NO_BATCH)}::uuid)`;

/** What the index `tasks_waiting` holds. */
const waits = (task: string): RawBuilder<unknown> =>
  sql`${sql.ref(`${task}.status`)} = 'QUEUED' and ${sql.ref(`${task}.driver`)} is null and ${sql.ref(`${task}.batch_by`)} is null`;

const IN_ORDER = sql`order by queued_at, created_at, id`;

/**
 * Makes `worker` the driver of the tasks whose turn it is, and of all that somebody has begun with and nobody drives;
 * answers which, at most `atMost` of the former.
 */
export async function claimTasks(db: Database, worker: number, settings: DispatchSettings, atMost: number): Promise<string[]> {
  return db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${sql.lit(CHOOSING)})`.execute(tx);
    const taken = await takeOver(tx, worker);
    const chosen = nextTasks(await taskQueues(tx, worker, settings.ahead), settings, atMost);
    return chosen.length === 0 ? taken : [...taken, ...(await claimFirst(tx, worker, chosen))];
  });
}

/** Tasks that are under way and that nobody drives: those that are to be aborted, and those whose driver let them go. */
async function takeOver(tx: Tx, worker: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    update tasks set driver = ${worker} where id in (
      select id from tasks where driver is null and batch_by is null and status in ('RUNNING', 'ABORTING')
        and (status = 'ABORTING' or not_before is null or not_before <= now())
      for update skip locked)
    returning id`.execute(tx);
  return rows.map(({ id }) => id);
}

/** All queues with tasks that wait or are driven. Reads at most `counted` of those that wait in each. */
export async function taskQueues(db: Sql, worker: number, counted: number): Promise<TaskQueue[]> {
  const { rows } = await sql<{
    group: string | null;
    project: string;
    user: string;
    batch: string;
    waiting: number;
    since: Date | null;
    driven: number;
    here: number;
    idle_here: number;
    group_weight: number;
    project_weight: number;
    user_weight: number;
  }>`
    with recursive queue(project_id, executed_by, batch) as (
      (select tasks.project_id, tasks.executed_by, ${batchOf("tasks")} from tasks where ${waits("tasks")} order by 1, 2, 3 limit 1)
      union all
      select next.* from queue cross join lateral (
        select tasks.project_id, tasks.executed_by, ${batchOf("tasks")} from tasks
        where ${waits("tasks")}
          and (tasks.project_id, tasks.executed_by, ${batchOf("tasks")}) > (queue.project_id, queue.executed_by, queue.batch)
        order by 1, 2, 3 limit 1) as next
    ), waiting as (
      select queue.*, first.waiting, first.since from queue cross join lateral (
        select count(*) as waiting, min(queued_at) as since from (
          select queued_at from tasks
          where ${waits("tasks")} and tasks.project_id = queue.project_id and tasks.executed_by = queue.executed_by
            and ${batchOf("tasks")} = queue.batch and (not_before is null or not_before <= now())
          ${IN_ORDER} limit ${counted}) as counted) as first
    ), driven as (
      select tasks.project_id, tasks.executed_by, ${batchOf("tasks")} as batch, count(*) as driven,
        count(*) filter (where tasks.driver = ${worker}) as here,
        count(*) filter (where tasks.driver = ${worker} and not exists (
          select from jobs where jobs.task_id = tasks.id and jobs.status = 'RUNNING')) as idle_here
      from tasks where tasks.driver is not null and tasks.status in ('QUEUED', 'RUNNING', 'ABORTING')
      group by 1, 2, 3
    )
    select projects.billing_group_id as group, queue.*, ${WEIGHTS} from (
      select project_id as project, executed_by as "user", batch, coalesce(waiting.waiting, 0) as waiting, waiting.since,
        coalesce(driven.driven, 0) as driven, coalesce(driven.here, 0) as here, coalesce(driven.idle_here, 0) as idle_here
      from waiting full join driven using (project_id, executed_by, batch)) as queue
    join projects on projects.id = queue.project left join users on users.username = queue."user" ${JOINED_WEIGHTS}`.execute(db);
  return rows.map(({ batch, idle_here: idleHere, group_weight, project_weight, user_weight, ...queue }) => ({
    ...queue,
    batch: batch === NO_BATCH ? null : batch,
    idleHere,
    weights: { group: group_weight, project: project_weight, user: user_weight },
  }));
}

/** Where those of the tasks stand that wait; no more than `counted` are counted before each. */
export async function placesInQueues(db: Sql, ids: readonly string[], counted: number): Promise<QueuedTask[]> {
  const { rows } = await sql<{ id: string; project: string; user: string; batch: string | null; earlier: number }>`
    select task.id, task.project_id as project, task.executed_by as user, task.parent_id as batch, (
      select count(*) from (
        select from tasks
        where ${waits("tasks")} and tasks.project_id = task.project_id and tasks.executed_by = task.executed_by
          and ${batchOf("tasks")} = ${batchOf("task")}
          and (tasks.queued_at, tasks.created_at, tasks.id) < (task.queued_at, task.created_at, task.id)
        limit ${counted}) as counted) as earlier
    from tasks as task where task.id = any(${[...ids]}::uuid[]) and ${waits("task")}`.execute(db);
  return rows.map(({ id, project, user, batch, earlier }) => ({ id, queue: { project, user, batch }, earlier }));
}

export const WEIGHTS = sql`coalesce(of_group.weight, 1) as group_weight, coalesce(of_project.weight, 1) as project_weight,
  coalesce(of_user.weight, 1) as user_weight`;

/** Beside `projects` and `users`: what `WEIGHTS` selects. */
export const JOINED_WEIGHTS = sql`
  left join share_weights as of_group on of_group.billing_group_id = projects.billing_group_id
  left join share_weights as of_project on of_project.project_id = projects.id
  left join share_weights as of_user on of_user.user_id = users.id`;

/** The first tasks of each queue, as many of it as it stands among the chosen. */
async function claimFirst(tx: Tx, worker: number, chosen: readonly TaskQueue[]): Promise<string[]> {
  const counts = new Map<TaskQueue, number>();
  for (const queue of chosen) counts.set(queue, (counts.get(queue) ?? 0) + 1);
  const picks = [...counts].map(([{ project, user, batch }, count]) => ({ project, user, batch: batch ?? NO_BATCH, count }));
  const { rows } = await sql<{ id: string }>`
    update tasks set driver = ${worker} from (
      select first.id from json_to_recordset(${JSON.stringify(picks)}::json) as pick(project uuid, "user" text, batch uuid, count integer)
      cross join lateral (
        select tasks.id from tasks
        where ${waits("tasks")} and tasks.project_id = pick.project and tasks.executed_by = pick."user"
          and ${batchOf("tasks")} = pick.batch and (not_before is null or not_before <= now())
        ${IN_ORDER} limit pick.count for update skip locked) as first) as chosen
    where tasks.id = chosen.id returning tasks.id`.execute(tx);
  return rows.map(({ id }) => id);
}

/** Whether there is anything to claim: asked before, since it is far less work. */
export async function hasUndriven(db: Sql): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    select exists (select from tasks where ${waits("tasks")})
      or exists (select from tasks where driver is null and batch_by is null and status in ('RUNNING', 'ABORTING')) as found`.execute(
    db,
  );
  return rows[0]!.found;
}

/** Lets go of tasks whose drivers have ended without saying so, and of the worker's own that it knows nothing of. */
export async function freeUndriven(db: Sql, worker: number, driving: readonly string[]): Promise<void> {
  await sql`
    update tasks set driver = null
    where driver is not null and status in ('QUEUED', 'RUNNING', 'ABORTING')
      and (driver not in (select number from workers) or driver = ${worker} and id <> all(${[...driving]}::uuid[]))`.execute(db);
}

/** Tasks that the worker drives and that somebody has aborted: the notice of that may have been missed. */
export async function abortedOf(db: Sql, worker: number): Promise<string[]> {
  const rows = await db.selectFrom("tasks").select("id").where("driver", "=", worker).where("status", "=", "ABORTING").execute();
  return rows.map(({ id }) => id);
}

/** Whose share a task's jobs take from. */
export async function shareOwner(db: Sql, task: TaskRow): Promise<Pick<TaskQueue, "group" | "project" | "user" | "weights">> {
  const user = task.executed_by ?? task.created_by;
  const { rows } = await sql<{
    group: string | null;
    group_weight: number;
    project_weight: number;
    user_weight: number;
  }>`
    select projects.billing_group_id as group, ${WEIGHTS}
    from projects left join users on users.username = ${user} ${JOINED_WEIGHTS} where projects.id = ${task.project_id}`.execute(
    db,
  );
  const { group, group_weight, project_weight, user_weight } = rows[0]!;
  return { group, project: task.project_id, user, weights: { group: group_weight, project: project_weight, user: user_weight } };
}

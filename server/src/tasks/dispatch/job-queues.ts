import { sql } from "kysely";
import type { Sql } from "../../db/database.ts";
import type { QueuedTask, WaitingShare } from "./choice.ts";
import { JOINED_WEIGHTS, WEIGHTS } from "./queries.ts";

// The jobs that wait for cores or memory of a machine: those of one task, or of the children of one batch, are a queue.

/** All queues with jobs that wait for a machine or run on it. */
export async function jobQueues(db: Sql): Promise<WaitingShare[]> {
  const { rows } = await sql<{
    group: string | null;
    project: string;
    user: string;
    batch: string;
    waiting: number;
    since: Date | null;
    running: number;
    group_weight: number;
    project_weight: number;
    user_weight: number;
  }>`
    with queue as (
      select tasks.project_id as project, coalesce(tasks.executed_by, tasks.created_by) as "user",
        coalesce(tasks.parent_id, tasks.id) as batch, count(*) filter (where jobs.status = 'QUEUED') as waiting,
        min(jobs.created_at) filter (where jobs.status = 'QUEUED') as since,
        count(*) filter (where jobs.status = 'RUNNING') as running
      from jobs join tasks on tasks.id = jobs.task_id
      where jobs.status in ('QUEUED', 'RUNNING') and jobs.instance_id is not null
      group by 1, 2, 3
    )
    select projects.billing_group_id as group, queue.*, ${WEIGHTS}
    from queue join projects on projects.id = queue.project left join users on users.username = queue."user"
    ${JOINED_WEIGHTS}`.execute(db);
  return rows.map(({ running, group_weight, project_weight, user_weight, ...queue }) => ({
    ...queue,
    driven: running,
    weights: { group: group_weight, project: project_weight, user: user_weight },
  }));
}

/** In which queues the jobs of tasks wait, and how many there are of tasks that were begun with earlier; `counted` at most. */
export async function placesOfJobs(db: Sql, taskIds: readonly string[], counted: number): Promise<QueuedTask[]> {
  const { rows } = await sql<{ id: string; project: string; user: string; batch: string; earlier: number }>`
    select task.id, task.project_id as project, coalesce(task.executed_by, task.created_by) as "user",
      coalesce(task.parent_id, task.id) as batch, case when task.parent_id is null then 0 else (
        select count(*) from (
          select from tasks as sibling join jobs on jobs.task_id = sibling.id
          where sibling.parent_id = task.parent_id and sibling.status = 'RUNNING'
            and (sibling.started_at, sibling.id) < (task.started_at, task.id)
            and jobs.status = 'QUEUED' and jobs.instance_id is not null
          limit ${counted}) as counted) end as earlier
    from tasks as task where task.id = any(${[...taskIds]}::uuid[])`.execute(db);
  return rows.map(({ id, project, user, batch, earlier }) => ({ id, queue: { project, user, batch }, earlier }));
}

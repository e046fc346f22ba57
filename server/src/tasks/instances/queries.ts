import { type RawBuilder, type Selectable, sql } from "kysely";
import type { TaskCost } from "../../billing/prices.ts";
import type { Sql } from "../../db/database.ts";
import type { InstancesTable } from "../tables.ts";

export type InstanceRow = Selectable<InstancesTable>;

export interface NewInstance {
  id: string;
  type: string;
  provider: string;
  cpus: number;
  memoryMib: number;
  disk: { type: string; gb: number };
  /** USD an hour. */
  hourly: number;
  diskHourly: number;
}

/** Takes an instance for a task: from now on it is paid for. */
export async function insertInstance(db: Sql, taskId: string, instance: NewInstance): Promise<void> {
  await db
    .insertInto("instances")
    .values({
      id: instance.id,
      task_id: taskId,
      type: instance.type,
      provider: instance.provider,
      cpus: instance.cpus,
      memory_mib: instance.memoryMib,
      disk_type: instance.disk.type,
      disk_gb: instance.disk.gb,
      hourly: String(instance.hourly),
      disk_hourly: String(instance.diskHourly),
    })
    .execute();
}

/** Gives an instance back, or all that the task still has. Doing it again changes nothing. */
export async function releaseInstances(db: Sql, taskId: string, id?: string): Promise<void> {
  await db
    .updateTable("instances")
    .set({ released_at: sql`clock_timestamp()` })
    .where("task_id", "=", taskId)
    .where("released_at", "is", null)
    .$if(id !== undefined, (query) => query.where("id", "=", id!))
    .execute();
}

/** The instances that a task has, oldest first, with what is on them: the resources that jobs under way asked for. */
export async function heldInstances(
  db: Sql,
  taskId: string,
): Promise<(InstanceRow & { jobs: { name: string; resources: { cores: number; ramMiB: number } }[] })[]> {
  const { rows } = await sql<Awaited<ReturnType<typeof heldInstances>>[number]>`
    select instances.*, coalesce((
      select json_agg(json_build_object('name', jobs.name, 'resources', jobs.job -> 'resources'))
      from jobs where jobs.task_id = instances.task_id and jobs.instance_id = instances.id
        and jobs.status in ('QUEUED', 'RUNNING')), '[]') as jobs
    from instances where task_id = ${taskId} and released_at is null order by started_at, id`.execute(db);
  return rows;
}

const HOURS = sql`extract(epoch from coalesce(instances.released_at, clock_timestamp()) - instances.started_at) / 3600`;

/**
 * What instances cost so far, in USD, and for how many milliseconds there was one, as one JSON object, for a select
 * list; `which` is what comes after `from instances`. Null without instances.
 */
export const usedBy = (which: RawBuilder<unknown>): RawBuilder<unknown> => sql`(
  select case when count(*) > 0 then json_build_object(
    'computation', sum(instances.hourly * ${HOURS}), 'disks', sum(instances.disk_hourly * ${HOURS}),
    'ms', round(extract(epoch from max(coalesce(instances.released_at, clock_timestamp())) - min(instances.started_at)) * 1000)) end
  from instances ${which})`;

/** What `usedBy` answers. */
export type InstanceUse = TaskCost & { ms: number };

/** What the instances of a task cost so far. */
export async function taskCost(db: Sql, taskId: string): Promise<TaskCost> {
  const { rows } = await sql<{ used: InstanceUse | null }>`
    select ${usedBy(sql`where instances.task_id = ${taskId}`)} as used`.execute(db);
  return rows[0]!.used ?? { computation: 0, disks: 0 };
}

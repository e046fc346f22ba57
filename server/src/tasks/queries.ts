import { type RawBuilder, type Selectable, sql } from "kysely";
import type { Sql, Tx } from "../db/database.ts";
import { PREPARED } from "../db/prepared-plans.ts";
import { joinProject, PROJECT_RIGHTS, type ProjectRights } from "../projects/project-rights.ts";
import type { ProjectSettings } from "../projects/tables.ts";
import { type InstanceUse, usedBy } from "./instances/queries.ts";
import type { TaskStatus } from "./states.ts";
import type { BatchBy, ExecutionSettings, OutputLocation, PortValues, TaskProblem, TasksTable } from "./tables.ts";

export type TaskRow = Selectable<TasksTable>;

/** A task with what one user may do in its project, and what its public form needs of app and project. */
export type FoundTask = TaskRow &
  ProjectRights & {
    project_settings: ProjectSettings;
    /** `owner/project/name/revision` */
    app: string;
    app_name: string;
    /** Why a task, or the making of a batch's children, rests: a fault of the platform, after which it is tried again. */
    resting: string | null;
    /** Of a running task. */
    open_jobs: OpenJobs | null;
    /** The instances it had and has; of a batch those of its children that have not ended. */
    used: InstanceUse | null;
  };

/** The jobs of a task that have not ended. */
export interface OpenJobs {
  running: number;
  waiting: number;
  /** For what the first of those waits that wait: of those that have an instance, if there are any. */
  why: string | null;
}

const COLUMNS = sql`tasks.*, ${PROJECT_RIGHTS}, projects.settings as project_settings, apps.name as app_name,
  app_projects.owner || '/' || app_projects.short_name || '/' || apps.name || '/' || app_revisions.revision as app,
  case when tasks.status in ('CREATING', 'QUEUED', 'RUNNING') and tasks.not_before > now() and tasks.fault is not null
    then 'the platform could not run it, which is tried again: ' || tasks.fault end as resting,
  case when tasks.status = 'RUNNING' and tasks.batch_by is null then (
    select json_build_object(
      'running', count(*) filter (where jobs.status = 'RUNNING'),
      'waiting', count(*) filter (where jobs.status = 'QUEUED' and jobs.waiting is not null),
      'why', (array_agg(jobs.waiting order by jobs.instance_id is null, jobs.created_at, jobs.name)
        filter (where jobs.status = 'QUEUED' and jobs.waiting is not null))[1])
    from jobs where jobs.task_id = tasks.id and jobs.status in ('QUEUED', 'RUNNING')) end as open_jobs,
  case when tasks.started_at is null then null when tasks.batch_by is null then ${usedBy(sql`where instances.task_id = tasks.id`)}
    when tasks.ended_at is null then ${usedBy(sql`join tasks as child on child.id = instances.task_id
      where child.parent_id = tasks.id and child.status in ('RUNNING', 'ABORTING')`)} end as used`;

const joined = (userId: string) => sql`
  tasks ${joinProject(sql`tasks.project_id`, userId)}
  join app_revisions on app_revisions.id = tasks.app_revision_id
  join apps on apps.id = app_revisions.app_id
  join projects as app_projects on app_projects.id = apps.project_id`;

export async function findTask(db: Sql, id: string, userId: string): Promise<FoundTask | undefined> {
  const { rows } = await sql<FoundTask>`
    select ${COLUMNS} from ${joined(userId)} where tasks.id = ${id}::uuid ${PREPARED}`.execute(db);
  return rows[0];
}

/** Those of the tasks that there are, in no order. */
export async function findTasks(db: Sql, ids: readonly string[], userId: string): Promise<FoundTask[]> {
  const { rows } = await sql<FoundTask>`
    select ${COLUMNS} from ${joined(userId)} where tasks.id = any(${ids}::uuid[])`.execute(db);
  return rows;
}

/** Takes the task for a change: others wait. */
export async function lockTask(tx: Tx, id: string): Promise<TaskRow | undefined> {
  return tx.selectFrom("tasks").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
}

export interface TaskFilter {
  userId: string;
  projectId?: string;
  parentId?: string;
  status?: TaskStatus;
  batch?: boolean;
  /** Inclusive bounds by column. */
  between: readonly { column: "created_at" | "started_at" | "ended_at"; from?: Date; to?: Date }[];
  orderBy: "created_at" | "started_at" | "ended_at" | "name" | "created_by";
  descending: boolean;
}

interface TaskPage {
  limit: number;
  offset: number;
}

/** The tasks that match, in the user's projects; children only when their parent is named. */
export const listTasks = (db: Sql, filter: TaskFilter, page: TaskPage): Promise<{ items: FoundTask[]; total: number }> =>
  list(db, { columns: COLUMNS, from: joined(filter.userId) }, filter, page);

/** What lists show of a task by themselves. */
export type TaskLine = Pick<FoundTask, "id" | "name" | "project">;

/** The same tasks with little of them, in a third of the time. */
export const listTaskLines = (db: Sql, filter: TaskFilter, page: TaskPage): Promise<{ items: TaskLine[]; total: number }> =>
  list(db, { columns: LINE, from: sql`tasks ${joinProject(sql`tasks.project_id`, filter.userId)}` }, filter, page);

const LINE = sql`tasks.id, tasks.name, projects.owner || '/' || projects.short_name as project`;

async function list<Row>(
  db: Sql,
  { columns, from }: { columns: RawBuilder<unknown>; from: RawBuilder<unknown> },
  filter: TaskFilter,
  { limit, offset }: TaskPage,
): Promise<{ items: Row[]; total: number }> {
  const conditions = [
    filter.parentId === undefined ? sql`tasks.parent_id is null` : sql`tasks.parent_id = ${filter.parentId}`,
    filter.projectId === undefined ? sql`member.write is not null` : sql`tasks.project_id = ${filter.projectId}`,
    ...(filter.status === undefined ? [] : [sql`tasks.status = ${filter.status}`]),
    ...(filter.batch === undefined ? [] : [sql`(tasks.batch_by is not null) = ${filter.batch}`]),
    ...filter.between.flatMap(({ column, from, to }) => [
      ...(from === undefined ? [] : [sql`date_trunc('second', ${sql.ref(`tasks.${column}`)}) >= ${from}`]),
      ...(to === undefined ? [] : [sql`date_trunc('second', ${sql.ref(`tasks.${column}`)}) <= ${to}`]),
    ]),
  ];
  const where = sql.join(conditions, sql` and `);
  const direction = filter.descending ? sql`desc` : sql`asc`;
  // Said only where there are any, since the index on creation does not say it.
  const nulls = filter.orderBy === "started_at" || filter.orderBy === "ended_at" ? sql`nulls last` : sql``;
  const order = sql`${sql.ref(`tasks.${filter.orderBy}`)} ${direction} ${nulls}, tasks.id`;
  // The best plan for a status or a time depends on which.
  const isPlain =
    filter.status === undefined && filter.batch === undefined && filter.between.every(({ from, to }) => !from && !to);
  const plan = isPlain ? PREPARED : sql``;
  const { rows: items } = await sql<Row>`
    select ${columns} from ${from} where ${where} order by ${order} limit ${limit} offset ${offset} ${plan}`.execute(db);
  const { rows } = await sql<{ total: number }>`
    select count(*) as total from tasks ${joinProject(sql`tasks.project_id`, filter.userId)} where ${where} ${plan}`.execute(db);
  return { items, total: rows[0]!.total };
}

/** What a draft is made of. */
export interface Draft {
  projectId: string;
  appRevisionId: string;
  name: string;
  description: string | null;
  inputs: PortValues;
  outputs: PortValues;
  executionSettings: ExecutionSettings | null;
  useInterruptible: boolean | null;
  outputLocation: OutputLocation | null;
  errors: TaskProblem[];
  warnings: TaskProblem[];
  createdBy: string;
  stepsTotal: number;
  batchInput: string | null;
  batchBy: BatchBy | null;
}

const orNull = (value: unknown) => (value === null ? null : JSON.stringify(value));

export async function insertTask(db: Sql, draft: Draft): Promise<string> {
  const { id } = await db
    .insertInto("tasks")
    .values({
      project_id: draft.projectId,
      app_revision_id: draft.appRevisionId,
      name: draft.name,
      description: draft.description,
      inputs: JSON.stringify(draft.inputs),
      outputs: JSON.stringify(draft.outputs),
      execution_settings: orNull(draft.executionSettings),
      use_interruptible_instances: draft.useInterruptible,
      output_location: orNull(draft.outputLocation),
      errors: JSON.stringify(draft.errors),
      warnings: JSON.stringify(draft.warnings),
      created_by: draft.createdBy,
      steps_total: draft.stepsTotal,
      batch_input: draft.batchInput,
      batch_by: orNull(draft.batchBy),
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return id;
}

export type DraftChange = Partial<
  Pick<
    Draft,
    | "name"
    | "description"
    | "inputs"
    | "executionSettings"
    | "useInterruptible"
    | "outputLocation"
    | "errors"
    | "warnings"
    | "batchInput"
    | "batchBy"
  >
>;

export async function updateTask(db: Sql, id: string, change: DraftChange): Promise<void> {
  const set = {
    ...(change.name === undefined ? {} : { name: change.name }),
    ...(change.description === undefined ? {} : { description: change.description }),
    ...(change.inputs === undefined ? {} : { inputs: JSON.stringify(change.inputs) }),
    ...(change.executionSettings === undefined ? {} : { execution_settings: orNull(change.executionSettings) }),
    ...(change.useInterruptible === undefined ? {} : { use_interruptible_instances: change.useInterruptible }),
    ...(change.outputLocation === undefined ? {} : { output_location: orNull(change.outputLocation) }),
    ...(change.errors === undefined ? {} : { errors: JSON.stringify(change.errors) }),
    ...(change.warnings === undefined ? {} : { warnings: JSON.stringify(change.warnings) }),
    ...(change.batchInput === undefined ? {} : { batch_input: change.batchInput }),
    ...(change.batchBy === undefined ? {} : { batch_by: orNull(change.batchBy) }),
  };
  if (Object.keys(set).length > 0) await db.updateTable("tasks").set(set).where("id", "=", id).execute();
}

export async function deleteTask(db: Sql, id: string): Promise<void> {
  await db.deleteFrom("tasks").where("id", "=", id).execute();
}

/** A task that somebody drives. */
export type ClaimedTask = TaskRow & {
  /** Whether the user who ran it is a user now, and may run tasks in its project. */
  may_run: boolean;
};

const MAY_RUN = sql<boolean>`coalesce((
  select member.execute from projects join users on users.username = tasks.executed_by
  cross join lateral rights_in(projects.id, projects.division_id, users.id) as member
  where projects.id = tasks.project_id and users.disabled_at is null and users.removed_at is null), false)`;

/** Makes `worker` the task's driver, unless one that is alive drives it already. */
export async function claimTask(db: Sql, id: string, worker: number): Promise<ClaimedTask | undefined> {
  return db
    .updateTable("tasks")
    .set({ driver: worker })
    .where("id", "=", id)
    .where("status", "in", ["QUEUED", "RUNNING", "ABORTING"])
    .where("batch_by", "is", null)
    .where((where) =>
      where.or([
        where("driver", "is", null),
        where("driver", "=", worker),
        where("driver", "not in", where.selectFrom("workers").select("number")),
      ]),
    )
    .returningAll()
    .returning(MAY_RUN.as("may_run"))
    .executeTakeFirst();
}

/** Lets the task go, so that another worker may drive it. */
export async function releaseTask(db: Sql, id: string, worker: number): Promise<void> {
  await db.updateTable("tasks").set({ driver: null }).where("id", "=", id).where("driver", "=", worker).execute();
}

/** Tasks of a project that are on their way; children not: their batches are. */
export async function activeTasksOf(db: Sql, projectId: string): Promise<string[]> {
  const rows = await db
    .selectFrom("tasks")
    .select("id")
    .where("project_id", "=", projectId)
    .where("status", "in", ["CREATING", "QUEUED", "RUNNING"])
    .where("parent_id", "is", null)
    .execute();
  return rows.map(({ id }) => id);
}

-- The queue of tasks is in their rows: a QUEUED task that nobody drives waits. Which of them comes next is decided
-- between billing groups, projects and users, by how many tasks of each are driven already.

-- A task whose driving failed through no fault of its own is not driven again before this time.
alter table tasks add column not_before timestamptz;

-- The heads of all the queues are found without reading the tasks behind them: one queue for each batch of a user in a
-- project, and one for all tasks of theirs that are in no batch.
create index tasks_waiting on tasks (
  project_id, executed_by, (coalesce(parent_id, '00000000-0000-0000-0000-000000000000'::uuid)), queued_at, created_at, id)
  where status = 'QUEUED' and driver is null and batch_by is null;
create index tasks_driven on tasks (driver)
  where driver is not null and status in ('QUEUED', 'RUNNING', 'ABORTING');
-- Those that somebody has begun with and nobody drives: their worker has ended, or let go of them.
create index tasks_let_go on tasks (id)
  where driver is null and batch_by is null and status in ('RUNNING', 'ABORTING');

-- How large the share of a billing group is among the groups, of a project among those of its group, of a user among
-- those of a project; where nothing is said it is 1.
create table share_weights (
  billing_group_id uuid unique references billing_groups on delete cascade,
  project_id uuid unique references projects on delete cascade,
  user_id uuid unique references users on delete cascade,
  weight double precision not null check (weight between 0.01 and 100),
  check (num_nonnulls(billing_group_id, project_id, user_id) = 1)
);

-- Tasks were work items of graphile-worker before.
do $$
begin
  if to_regclass('graphile_worker._private_jobs') is not null then
    delete from graphile_worker._private_jobs as jobs using graphile_worker._private_tasks as kinds
      where kinds.id = jobs.task_id and kinds.identifier = 'run-task';
  end if;
end $$;

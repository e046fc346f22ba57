-- Tasks, their jobs, and the processes that drive them.

-- A process that works on the queue holds the advisory lock of its number while it lives: whoever can take that lock
-- knows that it is gone, at once and without a clock.
create table workers (
  number bigint generated always as identity primary key,
  -- The ids under which graphile-worker locks what this process works on.
  queue_ids text[] not null default '{}',
  started_at timestamptz not null default now()
);

create table tasks (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references projects on delete cascade,
  app_revision_id uuid not null references app_revisions,
  name text not null,
  description text,
  status text collate "C" not null default 'DRAFT' check (
    status in ('DRAFT', 'CREATING', 'QUEUED', 'RUNNING', 'ABORTING', 'COMPLETED', 'FAILED', 'ABORTED')),
  -- Value by port, files as {"class", "path": id, "name"}. `json` keeps what clients sent in its order.
  inputs json not null default '{}',
  outputs json not null default '{}',
  execution_settings jsonb,
  -- Null: the project's setting.
  use_interruptible_instances boolean,
  output_location jsonb,
  errors jsonb not null default '[]',
  warnings jsonb not null default '[]',
  created_by text not null,
  executed_by text,
  created_at timestamptz not null default now(),
  queued_at timestamptz,
  started_at timestamptz,
  ended_at timestamptz,
  -- Of a failed task, why, in words.
  failure text,
  -- The inputs as the engine gets them, fixed when the task is submitted: what happens to the files afterwards does
  -- not matter to it.
  engine_inputs json,
  steps_total integer not null default 1,
  steps_completed integer not null default 0,
  -- Which worker drives it now; one that is not in `workers` any more drives nothing.
  driver bigint,
  -- Batches: a parent has `batch_input` and `batch_by`, a child `parent_id` and `batch_group`.
  batch_input text,
  batch_by jsonb,
  batch_group jsonb,
  parent_id uuid references tasks on delete cascade
);
create index tasks_project on tasks (project_id, created_at desc, id) where parent_id is null;
create index tasks_parent on tasks (parent_id, created_at desc, id) where parent_id is not null;
create index tasks_active on tasks (status) where status in ('CREATING', 'QUEUED', 'RUNNING', 'ABORTING');

-- What a task has taken of the machines, in the sizes and at the prices of the price list at that moment: jobs share it,
-- and it is paid for from its start to its release. A row is written when it is taken, and stays.
create table instances (
  id text collate "C" primary key,
  task_id uuid not null references tasks on delete cascade,
  type text not null,
  provider text not null,
  cpus integer not null,
  memory_mib integer not null,
  -- As it was asked for, or what was free of the machine's own.
  disk_type text not null,
  disk_gb integer not null,
  -- USD; the machine's own disk costs nothing.
  hourly numeric not null,
  disk_hourly numeric not null,
  started_at timestamptz not null default clock_timestamp(),
  released_at timestamptz
);
create index instances_task on instances (task_id);

-- One command of a task. The name is the step's path with scatter indices and the same whenever the task's plan is made
-- again, so that a driver that comes after a crash finds what was done.
create table jobs (
  task_id uuid not null references tasks on delete cascade,
  name text collate "C" not null,
  -- The executor's name for it.
  executor_id text not null,
  status text collate "C" not null default 'QUEUED' check (status in ('QUEUED', 'RUNNING', 'COMPLETED', 'FAILED', 'ABORTED')),
  -- The job as the engine built it, to collect its outputs by.
  job json not null,
  command_line text not null,
  -- `sha256:…` of the image it runs in; null on the host's programs, and before it is started.
  image_digest text,
  -- Null while it waits for one, and for results that were re-used.
  instance_id text collate "C" references instances,
  -- What it waits for, in words; null when it does not wait.
  waiting text,
  exit_code integer,
  -- {"wallSeconds", "cpuSeconds", "peakMemoryBytes"}.
  usage jsonb,
  -- The CWL outputs of a completed job.
  outputs json,
  failure text,
  retried boolean not null default false,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz,
  -- {"job.err.log": file id, …}.
  logs jsonb not null default '{}',
  primary key (task_id, name)
);

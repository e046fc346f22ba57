-- Copies, moves and deletions in the background: a job, and its items in the order given.

-- 17 decimal digits: the millisecond, and a running number that keeps those of one millisecond apart.
create sequence file_job_numbers;
create function new_file_job_id() returns text language sql volatile as $$
  select (floor(extract(epoch from clock_timestamp()) * 1000)::bigint * 10000 + nextval('file_job_numbers') % 10000)::text
$$;

create table file_jobs (
  id text collate "C" primary key default new_file_job_id(),
  user_id uuid not null references users on delete cascade,
  type text not null check (type in ('COPY', 'MOVE', 'DELETE')),
  state text not null default 'SUBMITTED' check (state in ('SUBMITTED', 'RESOLVING', 'RUNNING', 'FINISHED')),
  -- Files, folders not counted.
  total_files bigint not null default 0,
  completed_files bigint not null default 0,
  failed_files bigint not null default 0,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  check ((state = 'FINISHED') = (finished_at is not null))
);
create index file_jobs_user on file_jobs (user_id, id desc);
create index file_jobs_finished on file_jobs (finished_at) where finished_at is not null;

create table file_job_items (
  job_id text collate "C" not null references file_jobs on delete cascade,
  number int not null,
  -- As the caller gave them: whether they are there is seen when the item's turn comes.
  file text not null,
  parent text,
  project text,
  name text,
  -- Files in it when the job began; what a failed item counts for.
  files bigint not null default 0,
  -- What came of it: a file or folder, or the name of an error of the closed table. Neither yet: still to do.
  resource text,
  error text,
  error_detail text,
  primary key (job_id, number),
  check (resource is null or error is null)
);

-- What jobs made, so that the same job of a later task of the same project need not run (execution-hints.md §5.3).

create table job_results (
  id bigint generated always as identity primary key,
  project_id uuid not null references projects on delete cascade,
  -- The job that made it.
  task_id uuid not null references tasks on delete cascade,
  job_name text collate "C" not null,
  -- 64 hex digits, the same for jobs of the same tool, inputs and image. Several results may have one key: two tasks at
  -- once can run the same job.
  key text collate "C" not null,
  -- Of the names of the tool's ports: jobs of one family are compared to explain why one must run.
  family text collate "C" not null,
  -- What the key is made of.
  parts jsonb not null,
  -- The value of each input, shortened for messages.
  shown jsonb not null,
  -- The CWL outputs, Files at `blob:<key>`.
  outputs json not null,
  recorded_at timestamptz not null default now(),
  -- When it was last taken over.
  used_at timestamptz not null default now()
);
create index job_results_key on job_results (project_id, key, id desc);
create index job_results_family on job_results (project_id, family, id desc);
create index job_results_task on job_results (task_id);

-- The bytes of the outputs: they stay as long as the result does, named by a file or not.
create table job_result_blobs (
  result_id bigint not null references job_results on delete cascade,
  blob_key text collate "C" not null references blobs,
  primary key (result_id, blob_key)
);
create index job_result_blobs_key on job_result_blobs (blob_key);

-- Which result the job made, or took over instead of running. A result stays while a task that has not ended needs it.
alter table jobs add column result_id bigint references job_results on delete set null;
create index jobs_result on jobs (result_id) where result_id is not null;

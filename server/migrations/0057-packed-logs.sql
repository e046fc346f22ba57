-- The small logs of a job that nobody has asked for yet. Their ids stand in `jobs.logs` from the job's end on: `log_id` and
-- two more digits, those of their place in `log_bytes`. Whoever asks for one of these ids makes files of all of them.
alter table jobs
  add column log_id text collate "C" check (log_id ~ '^[0-9a-f]{22}$'),
  -- Each as four bytes for its length, and then its own.
  add column log_bytes bytea,
  add check ((log_id is null) = (log_bytes is null));
-- They are read once at most: to press them costs more than their room.
alter table jobs alter column log_bytes set storage external;
create unique index jobs_log_id on jobs (log_id) where log_id is not null;

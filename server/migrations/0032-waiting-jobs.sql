-- The jobs of a task that have not ended: what the task waits for is read with every task that runs.
create index jobs_open on jobs (task_id) where status in ('QUEUED', 'RUNNING');

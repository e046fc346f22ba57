-- What went wrong on the platform's side while a task was driven: how often in a row, and the last of it in words. After
-- so many times as the operator allows the task FAILS.
alter table tasks add column faults integer not null default 0;
alter table tasks add column fault text;

-- What went wrong on the platform's side while a file operation was done: how often in a row, and the last of it in words.
-- After so many times as the operator allows the item at hand fails.
alter table file_jobs add column faults integer not null default 0;
alter table file_jobs add column fault text;

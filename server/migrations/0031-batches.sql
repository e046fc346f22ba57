-- Of a batch: how many children it has, and how many of them are waiting or have ended in which way; the others are on
-- their way. Kept in the statement that moves a child, so that a batch is read without counting its children.
alter table tasks
  add column children_total integer not null default 0,
  add column children_queued integer not null default 0,
  add column children_completed integer not null default 0,
  add column children_failed integer not null default 0,
  add column children_aborted integer not null default 0;

-- What is known of the bytes in the store: whether they are as they were stored.

-- Blobs that were found not to be; the row goes when they are right again.
create table damaged_blobs (
  blob_key text collate "C" primary key references blobs on delete cascade,
  damage text collate "C" not null check (damage in ('missing', 'changed', 'unreadable')),
  -- 'download', 'task' or 'scrub'.
  found_by text collate "C" not null,
  found_at timestamptz not null default now()
);

-- One reading of all blobs, in the order of their keys.
create table scrubs (
  id bigint generated always as identity primary key,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  -- The last key that was read: a process that comes after a crash goes on from here.
  after_key text collate "C" not null default '',
  blobs bigint not null default 0,
  bytes bigint not null default 0,
  damaged bigint not null default 0
);
-- One at a time.
create unique index scrubs_under_way on scrubs ((true)) where finished_at is null;

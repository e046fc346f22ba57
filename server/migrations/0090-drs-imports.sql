-- Imports of objects of DRS services (volumes.md §2.15): jobs of up to 100 items.

create sequence drs_import_ids start with 100000000000000001;

create table drs_imports (
  -- 18 digits.
  id text collate "C" primary key default nextval('drs_import_ids')::text,
  user_id uuid not null references users on delete cascade,
  state text collate "C" not null default 'SUBMITTED' check (state in ('SUBMITTED', 'RESOLVING', 'RUNNING', 'FINISHED')),
  conflict_resolution text collate "C" not null check (conflict_resolution in ('SKIP', 'OVERWRITE', 'RENAME')),
  tags text[] not null,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  check ((state = 'FINISHED') = (finished_at is not null))
);
create index drs_imports_under_way on drs_imports (user_id) where finished_at is null;

create table drs_import_items (
  import_id text collate "C" not null references drs_imports on delete cascade,
  number integer not null,
  drs_uri text not null,
  -- `owner/short-name`, or a folder's id: exactly one, unless the item was refused.
  project text,
  parent text collate "C",
  -- As the caller wished; once the item is resolved, what it will be called.
  name text,
  metadata jsonb not null,
  -- What it is, once that is known; what is in it stands in drs_import_files.
  kind text collate "C" check (kind in ('blob', 'bundle')),
  -- Faults in a row while it was done.
  faults integer not null default 0,
  fault text,
  -- How it ended: with a file or folder, or the name of an error of the closed table and a sentence about it.
  result text collate "C",
  error text,
  error_detail text,
  primary key (import_id, number),
  check (result is null or error is null)
);

-- The files and folders that items become. They stay a while after the item has ended: how many files came within minutes
-- is counted here.
create table drs_import_files (
  import_id text collate "C" not null,
  item integer not null,
  number integer not null,
  -- Below the item's own folder: `runs/s1`, or ''.
  folder text not null,
  name text not null,
  -- Where its bytes are; null for a folder.
  host text,
  object_id text,
  -- The bytes once they are here. No foreign key: a blob without a file may be swept when the item has ended.
  blob_key text collate "C",
  stored_size bigint,
  sha256 text collate "C",
  fetched_at timestamptz,
  primary key (import_id, item, number),
  foreign key (import_id, item) references drs_import_items on delete cascade
);
create index drs_import_files_blob on drs_import_files (blob_key) where blob_key is not null;

-- Blobs (immutable bytes), and the files and folders that name them.

create table blobs (
  key text collate "C" primary key,
  size bigint not null check (size >= 0),
  -- 64 hex digits. Null until the bytes, which came in parts and out of order, have been read once more.
  sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
  created_at timestamptz not null default now()
);
create index blobs_unhashed on blobs (created_at) where sha256 is null;

-- 24 hex digits: 8 of the second, so that neighbours in time are neighbours in the index, and 16 random ones.
create function new_file_id() returns text language sql volatile parallel safe as $$
  select lpad(to_hex(extract(epoch from clock_timestamp())::bigint), 8, '0') || right(replace(gen_random_uuid()::text, '-', ''), 16)
$$;

create table files (
  id text collate "C" primary key default new_file_id() check (id ~ '^[0-9a-f]{24}$'),
  project_id uuid not null references projects,
  -- Null for a project's root folder. No foreign key: whoever puts something into a folder holds the folder's row
  -- (`holdFolder`), and a key would make every row that is removed for good search for children.
  parent text collate "C",
  name text collate "C" not null,
  type text collate "C" not null check (type in ('file', 'folder')),
  blob_key text collate "C" references blobs,
  -- The blob's, here again so that a list reads one table.
  size bigint,
  metadata jsonb not null default '{}',
  tags text[] not null default '{}',
  -- {"task": id} or {"dataset": id}, or nothing.
  origin jsonb not null default '{}',
  created_at timestamptz not null default now(),
  modified_at timestamptz not null default now(),
  -- Deleted files stay restorable for a while; the API behaves as if they were gone, and the name is free again.
  deleted_at timestamptz,
  check ((type = 'file') = (blob_key is not null)),
  check ((type = 'file') = (size is not null)),
  check (parent is not null or type = 'folder')
);
-- One name once in a folder, over files and folders alike.
create unique index files_name on files (parent, name) where deleted_at is null;
-- The order of lists: folders first, then names by their bytes.
create index files_listing on files (parent, type desc, name, id) where deleted_at is null;
create index files_project on files (project_id);
create index files_blob on files (blob_key) where blob_key is not null;
create index files_deleted on files (deleted_at) where deleted_at is not null;
-- Filters of lists and of search.
create index files_metadata on files using gin (metadata jsonb_path_ops) where deleted_at is null and metadata <> '{}';
create index files_tags on files using gin (tags) where deleted_at is null and tags <> '{}';
create index files_task on files ((origin ->> 'task')) where origin ? 'task';

-- How many living things lie in a folder, so that a list's total costs no scan. A folder's number is the sum of its
-- slots; each database connection counts in a slot of its own, so that uploads to one folder do not wait for each other.
create table folder_counts (
  folder text collate "C" not null,
  slot smallint not null,
  things bigint not null,
  primary key (folder, slot)
) with (fillfactor = 50);

-- Adds what a statement changed, `changes` having the columns folder and things. Sorted: two statements that touch the
-- same folders take their locks in the same order.
create function count_files() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into folder_counts as counted (folder, slot, things)
    select parent, pg_backend_pid() % 32, count(*) from new_files
    where parent is not null and deleted_at is null group by parent order by parent
    on conflict (folder, slot) do update set things = counted.things + excluded.things;
  elsif tg_op = 'DELETE' then
    insert into folder_counts as counted (folder, slot, things)
    select parent, pg_backend_pid() % 32, -count(*) from old_files
    where parent is not null and deleted_at is null group by parent order by parent
    on conflict (folder, slot) do update set things = counted.things + excluded.things;
  else
    insert into folder_counts as counted (folder, slot, things)
    select parent, pg_backend_pid() % 32, sum(change) from (
      select parent, 1 as change from new_files where parent is not null and deleted_at is null
      union all
      select parent, -1 from old_files where parent is not null and deleted_at is null
    ) changes group by parent having sum(change) <> 0 order by parent
    on conflict (folder, slot) do update set things = counted.things + excluded.things;
  end if;
  return null;
end
$$;
create trigger files_inserted after insert on files referencing new table as new_files
  for each statement execute function count_files();
create trigger files_updated after update on files referencing old table as old_files new table as new_files
  for each statement execute function count_files();
create trigger files_removed after delete on files referencing old table as old_files
  for each statement execute function count_files();

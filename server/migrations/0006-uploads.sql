-- Bytes on their way to become a file.

create table uploads (
  -- 64 letters and digits, unguessable: it stands in the addresses of parts.
  id text collate "C" primary key,
  user_id uuid not null references users on delete cascade,
  project_id uuid not null references projects on delete cascade,
  -- The target folder.
  parent text collate "C" not null,
  name text collate "C" not null,
  -- Bytes, as announced; null if nothing was.
  size bigint check (size >= 0),
  part_size bigint not null check (part_size > 0),
  md5 text,
  overwrite boolean not null,
  -- Where the bytes go, in the blob store's words: the key of the blob to be, and the store's own id of the upload.
  blob_key text collate "C" not null unique,
  store_id text not null,
  initiated_at timestamptz not null default now(),
  -- Renewed as parts come, hourly at most; an upload idle for long expires.
  active_at timestamptz not null default now(),
  -- A completed upload is kept for a day, so that completing it again gives the same file.
  completed_at timestamptz,
  file_id text collate "C",
  check ((completed_at is null) = (file_id is null))
);
create index uploads_of_user on uploads (user_id, initiated_at desc, id) where completed_at is null;
create index uploads_target on uploads (parent, name) where completed_at is null;
create index uploads_active on uploads (active_at) where completed_at is null;
create index uploads_completed on uploads (completed_at) where completed_at is not null;

-- What clients have reported of parts. The parts themselves are known to the blob store.
create table upload_parts (
  upload_id text collate "C" not null references uploads on delete cascade,
  number integer not null check (number between 1 and 10000),
  etag text not null,
  size bigint not null,
  primary key (upload_id, number)
);

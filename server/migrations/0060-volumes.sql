-- Volumes: users' own buckets, containers and directories, their members, the files that lie on them (aliases), and the
-- jobs that bring objects in (imports) and files out (exports). volumes.md §1.

create table volumes (
  id uuid primary key default gen_random_uuid(),
  -- The first part of the public id, `owner/name`: a username, or the division when it owns the volume.
  owner text collate "C" not null,
  division_id text collate "C" references divisions,
  -- Who made it: the member that can be neither removed nor demoted.
  created_by uuid not null references users,
  name text collate "C" not null check (name ~ '^[A-Za-z0-9]+(_[A-Za-z0-9]+)*$' and length(name) <= 32),
  description text,
  access_mode text collate "C" not null check (access_mode in ('RO', 'RW')),
  -- What of the service may be shown: {"type": "S3", "bucket": …}. No secret ever.
  service jsonb not null,
  -- The secrets of the credentials, encrypted (`SecretBox`); null where there are none.
  secrets bytea,
  active boolean not null default true,
  -- Counts changes of service, secrets and activity: a store that was opened for one revision is not used for the next.
  revision integer not null default 1,
  created_at timestamptz not null default now(),
  modified_at timestamptz not null default now(),
  -- A deleted volume keeps its row, because jobs and files in the trash name it; service and secrets are wiped.
  deleted_at timestamptz
);
create unique index volumes_name on volumes (owner, lower(name)) where deleted_at is null;
create index volumes_division on volumes (division_id) where division_id is not null;

-- A member is a user, a team or a division. The four permissions are kept as given; `admin` counts as all of them.
create table volume_members (
  volume_id uuid not null references volumes on delete cascade,
  user_id uuid references users on delete cascade,
  team_id uuid references teams on delete cascade,
  division_id text collate "C" references divisions on delete cascade,
  read boolean not null,
  copy boolean not null,
  write boolean not null,
  admin boolean not null,
  added_at timestamptz not null default clock_timestamp(),
  check (num_nonnulls(user_id, team_id, division_id) = 1)
);
create unique index volume_members_one_user on volume_members (volume_id, user_id) where user_id is not null;
create unique index volume_members_one_team on volume_members (volume_id, team_id) where team_id is not null;
create unique index volume_members_one_division on volume_members (volume_id, division_id) where division_id is not null;
create index volume_members_user on volume_members (user_id) where user_id is not null;
create index volume_members_team on volume_members (team_id) where team_id is not null;
create index volume_members_division on volume_members (division_id) where division_id is not null;

-- What a user may do on a volume: the sum over all routes there, `admin` being all of it. Nulls when there is none.
-- `owning_division` is the volume's: its administrators are the volume's.
create function rights_on_volume(volume uuid, owning_division text, actor uuid)
returns table (read boolean, copy boolean, write boolean, admin boolean) language sql stable as $$
  select bool_or(route.read or route.admin), bool_or(route.copy or route.admin), bool_or(route.write or route.admin),
    bool_or(route.admin)
  from (
    select m.read, m.copy, m.write, m.admin from volume_members m where m.volume_id = volume and m.user_id = actor
    union all
    select m.read, m.copy, m.write, m.admin from volume_members m
    where m.volume_id = volume and m.user_id is null and (
      exists (select 1 from team_members t where t.team_id = m.team_id and t.user_id = actor)
      or m.division_id = (select u.division_id from users u where u.id = actor))
    union all
    select true, true, true, true from users u
    where owning_division is not null and u.id = actor and u.division_id = owning_division and u.division_role = 'ADMIN'
  ) route
$$;

-- The volumes, deleted ones too, on which `rights_on_volume` finds anything for the user.
create function volumes_of(actor uuid) returns table (volume_id uuid) language sql stable as $$
  select m.volume_id from volume_members m where m.user_id = actor
  union
  select m.volume_id from team_members t join volume_members m on m.team_id = t.team_id where t.user_id = actor
  union
  select m.volume_id from users u join volume_members m on m.division_id = u.division_id where u.id = actor
  union
  select v.id from users u join volumes v on v.division_id = u.division_id
  where u.id = actor and u.division_role = 'ADMIN'
$$;

-- A file is a blob's or an object's on a volume: then it is an alias. Size, ETag and time are those of the object when it
-- was last looked at.
alter table files
  add column volume_id uuid references volumes,
  add column location text collate "C",
  add column object_etag text,
  add column object_modified_at timestamptz,
  drop constraint files_check,
  add constraint files_bytes check (num_nonnulls(blob_key, volume_id) = case type when 'file' then 1 else 0 end),
  add constraint files_location check ((volume_id is null) = (location is null));
create index files_volume on files (volume_id, location) where volume_id is not null;

-- 32 hex digits.
create function new_volume_job_id() returns text language sql volatile as $$
  select replace(gen_random_uuid()::text, '-', '')
$$;

create table imports (
  id text collate "C" primary key default new_volume_job_id(),
  user_id uuid not null references users on delete cascade,
  state text collate "C" not null default 'PENDING' check (state in ('PENDING', 'RUNNING', 'COMPLETED', 'FAILED')),
  volume_id uuid not null references volumes,
  -- The volume's public id when the job was made: the history shows it also when the volume is gone.
  volume text collate "C" not null,
  -- As submitted; of a folder when it ends in a slash.
  location text collate "C" not null,
  project_id uuid not null references projects,
  -- The folder, when the caller named one; null for the project's root.
  parent text collate "C",
  name text not null,
  overwrite boolean not null,
  autorename boolean not null,
  -- Null for the import of a single object.
  preserve_folder_structure boolean,
  -- Where the listing of a folder goes on after a crash, in the words of the volume; the objects so far are in import_objects.
  listed_until text,
  -- The file or folder that came of it.
  result text collate "C",
  -- The name of an error of the closed table, and a sentence about it.
  error text,
  error_detail text,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  check ((state in ('COMPLETED', 'FAILED')) = (finished_at is not null)),
  check ((state = 'FAILED') = (error is not null))
);
create index imports_user on imports (user_id, created_at desc, id);
create index imports_under_way on imports (volume_id) where finished_at is null;

-- What the import of a folder has listed; gone when the job has ended.
create table import_objects (
  import_id text collate "C" not null references imports on delete cascade,
  location text collate "C" not null,
  size bigint not null,
  etag text not null,
  modified_at timestamptz not null,
  primary key (import_id, location)
);

create table exports (
  id text collate "C" primary key default new_volume_job_id(),
  user_id uuid not null references users on delete cascade,
  state text collate "C" not null default 'PENDING' check (state in ('PENDING', 'RUNNING', 'COMPLETED', 'FAILED')),
  file_id text collate "C" not null,
  volume_id uuid not null references volumes,
  volume text collate "C" not null,
  location text collate "C" not null,
  overwrite boolean not null,
  copy_only boolean not null,
  -- The effective ones: the volume's, with the job's own over them.
  properties jsonb not null,
  -- Of an export in parts: the upload, encrypted, because it is as secret as the credentials.
  upload bytea,
  error text,
  error_detail text,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  check ((state in ('COMPLETED', 'FAILED')) = (finished_at is not null)),
  check ((state = 'FAILED') = (error is not null))
);
create index exports_user on exports (user_id, created_at desc, id);
create index exports_under_way on exports (volume_id) where finished_at is null;
create index exports_file on exports (file_id);

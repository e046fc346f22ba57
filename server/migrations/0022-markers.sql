-- Places on a genome that people marked in files.

create table markers (
  id uuid primary key default gen_random_uuid(),
  file_id text collate "C" not null references files on delete cascade,
  name text not null,
  chromosome text not null,
  -- Bases, counted from 1.
  starts_at bigint not null,
  ends_at bigint not null,
  -- Only its creator sees it.
  private boolean not null,
  created_by uuid not null references users on delete cascade,
  created_at timestamptz not null default now()
);
create index markers_file on markers (file_id, created_at desc, id);
create index markers_creator on markers (created_by);

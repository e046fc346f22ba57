-- Apps: CWL documents in numbered, immutable revisions.

create table apps (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references projects on delete cascade,
  -- The short name, stored in lower case; the public id is owner/project/name.
  name text collate "C" not null,
  latest_revision integer not null default 0,
  -- Of a copy: the app and revision that it was last brought up to, and the app whose updates it takes.
  copied_from uuid references apps,
  copied_revision integer,
  upstream uuid references apps,
  created_at timestamptz not null default now(),
  deleted_at timestamptz
);
create unique index apps_name on apps (project_id, name) where deleted_at is null;

create table app_revisions (
  id uuid primary key default gen_random_uuid(),
  app_id uuid not null references apps on delete cascade,
  revision integer not null check (revision >= 0),
  -- As uploaded, without the keys that the server writes: `json` keeps the order of keys, `jsonb` would not.
  document json not null,
  notes text,
  label text not null,
  -- What a search for apps looks through, in lower case.
  words text not null,
  content_hash text not null,
  cwl_versions text[] not null,
  validation_errors text[] not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  unique (app_id, revision)
);

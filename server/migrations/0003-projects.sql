-- Projects, who is in them, and what each member may do.

create table projects (
  id uuid primary key default gen_random_uuid(),
  -- `owner/short_name` is the public id; neither changes when the project is renamed or its owner leaves.
  owner text collate "C" not null,
  short_name text collate "C" not null,
  name text not null,
  description text not null default '',
  tags text[] not null default '{}',
  settings jsonb not null,
  billing_group_id uuid references billing_groups,
  category text not null default 'PRIVATE' check (category in ('PRIVATE', 'PUBLIC')),
  root_folder text collate "C" not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  modified_at timestamptz not null default now(),
  -- Deleted projects stay restorable for a while; the API behaves as if they were gone, and the id is free again.
  deleted_at timestamptz
);
create unique index projects_public_id on projects (owner, short_name) where deleted_at is null;

create table project_members (
  project_id uuid not null references projects on delete cascade,
  user_id uuid not null references users on delete cascade,
  -- The closure is stored: `admin` implies the other four, and every member reads.
  write boolean not null,
  copy boolean not null,
  execute boolean not null,
  admin boolean not null,
  added_at timestamptz not null default now(),
  primary key (project_id, user_id),
  check (not admin or (write and copy and execute))
);
create index project_members_user on project_members (user_id);

-- Who pays. Every user has at least one group, made together with the user.

create table billing_groups (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  owner_id uuid not null references users,
  type text not null default 'regular' check (type in ('free', 'regular')),
  pending boolean not null default false,
  disabled boolean not null default false,
  created_at timestamptz not null default now()
);

create table billing_group_members (
  group_id uuid not null references billing_groups on delete cascade,
  user_id uuid not null references users on delete cascade,
  added_at timestamptz not null default now(),
  primary key (group_id, user_id)
);
create index billing_group_members_user on billing_group_members (user_id);

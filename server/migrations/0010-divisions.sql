-- Divisions, their users and teams, and the ways in which a user comes to rights in a project.

create table divisions (
  -- The public id: the first part of its users' names and of its projects' ids. No user has the same name.
  id text collate "C" primary key,
  name text not null,
  created_at timestamptz not null default now()
);

-- A person's account in a division is a user of its own, `division/username`, with a token of its own.
alter table users
  add column division_id text collate "C" references divisions,
  add column division_role text check (division_role in ('MEMBER', 'ADMIN', 'EXTERNAL_COLLABORATOR')),
  -- Has left the division. The row stays, since things point to it; the API behaves as if it were gone.
  add column removed_at timestamptz,
  add check ((division_id is null) = (division_role is null));
create index users_division on users (division_id) where division_id is not null;
-- One address can be a personal account and one in each division.
drop index users_email;
create unique index users_email on users (lower(email), coalesce(division_id, '')) where removed_at is null;

drop trigger users_changed on users;
create trigger users_changed after update of username, is_admin, disabled_at, division_role, removed_at or delete on users
  for each statement execute function tell_of_actors();

create table teams (
  id uuid primary key default gen_random_uuid(),
  division_id text collate "C" not null references divisions,
  name text not null,
  created_at timestamptz not null default now()
);
create index teams_division on teams (division_id);

create table team_members (
  team_id uuid not null references teams on delete cascade,
  user_id uuid not null references users on delete cascade,
  added_at timestamptz not null default now(),
  primary key (team_id, user_id)
);
create index team_members_user on team_members (user_id);

-- A division's billing group: its users become members of it.
alter table billing_groups add column division_id text collate "C" references divisions;
create unique index billing_groups_division on billing_groups (division_id) where division_id is not null;

-- Set for the projects that a division owns: its administrators are theirs.
alter table projects add column division_id text collate "C" references divisions;
create index projects_division on projects (division_id) where division_id is not null;

-- A member of a project is a user, a team or a division.
alter table project_members
  drop constraint project_members_pkey,
  alter column user_id drop not null,
  add column team_id uuid references teams on delete cascade,
  add column division_id text collate "C" references divisions on delete cascade,
  add check (num_nonnulls(user_id, team_id, division_id) = 1);
create unique index project_members_one_user on project_members (project_id, user_id) where user_id is not null;
create unique index project_members_one_team on project_members (project_id, team_id) where team_id is not null;
create unique index project_members_one_division on project_members (project_id, division_id) where division_id is not null;
-- Most projects have no such members: that is seen without looking at anything else.
create index project_members_groups on project_members (project_id) where user_id is null;
create index project_members_team on project_members (team_id) where team_id is not null;
create index project_members_division on project_members (division_id) where division_id is not null;

-- What a user may do in a project: the sum over all routes there. Nulls when there is none. `owning_division` is the
-- project's. Written so that the planner takes it apart (one SELECT, no volatile part) and skips the routes that a
-- project does not have.
create function rights_in(project uuid, owning_division text, actor uuid)
returns table (write boolean, copy boolean, execute boolean, admin boolean) language sql stable as $$
  select bool_or(route.write), bool_or(route.copy), bool_or(route.execute), bool_or(route.admin) from (
    select m.write, m.copy, m.execute, m.admin from project_members m where m.project_id = project and m.user_id = actor
    union all
    select m.write, m.copy, m.execute, m.admin from project_members m
    where m.project_id = project and m.user_id is null and (
      exists (select 1 from team_members t where t.team_id = m.team_id and t.user_id = actor)
      or m.division_id = (select u.division_id from users u where u.id = actor))
    union all
    select true, true, true, true from users u
    where owning_division is not null and u.id = actor and u.division_id = owning_division and u.division_role = 'ADMIN'
  ) route
$$;

-- The projects, deleted ones too, in which `rights_in` finds anything for the user.
create function projects_of(actor uuid) returns table (project_id uuid) language sql stable as $$
  select m.project_id from project_members m where m.user_id = actor
  union
  select m.project_id from team_members t join project_members m on m.team_id = t.team_id where t.user_id = actor
  union
  select m.project_id from users u join project_members m on m.division_id = u.division_id where u.id = actor
  union
  select p.id from users u join projects p on p.division_id = u.division_id
  where u.id = actor and u.division_role = 'ADMIN'
$$;

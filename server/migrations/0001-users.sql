-- People and the tokens they come with.

create table users (
  id uuid primary key default gen_random_uuid(),
  -- Case-sensitive, as the API says; with a division: `division/username`.
  username text collate "C" not null unique,
  email text not null,
  first_name text not null default '',
  last_name text not null default '',
  affiliation text not null default '',
  phone text not null default '',
  address text not null default '',
  city text not null default '',
  state text not null default '',
  country text not null default '',
  zip_code text not null default '',
  -- [{"tag": text, "expires_at": Unix milliseconds}]: entitlements, such as to controlled data.
  tags jsonb not null default '[]',
  -- Operates the platform: may make users and billing groups.
  is_admin boolean not null default false,
  disabled_at timestamptz,
  created_at timestamptz not null default now()
);
create unique index users_email on users (lower(email));

-- A token is shown once, when it is made; here is only its hash.
create table tokens (
  hash bytea primary key,
  user_id uuid not null references users on delete cascade,
  created_at timestamptz not null default now()
);
create index tokens_user on tokens (user_id);

-- Every process remembers for a moment who has a token: a change is told to all of them.
create function tell_of_actors() returns trigger language plpgsql as $$
begin
  perform pg_notify('actors', '');
  return null;
end
$$;
create trigger users_changed after update of username, is_admin, disabled_at or delete on users
  for each statement execute function tell_of_actors();
create trigger tokens_changed after update or delete on tokens
  for each statement execute function tell_of_actors();

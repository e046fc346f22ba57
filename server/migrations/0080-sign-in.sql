-- How people sign in with a browser: passwords, links that work once, and the sessions that these begin.

create table passwords (
  user_id uuid primary key references users on delete cascade,
  -- `scrypt$N$r$p$salt$key`, the last two in base64.
  hash text not null,
  changed_at timestamptz not null default now()
);

-- An operator's invitation, and the link of the first start. Its secret is shown once; here is only its hash.
create table sign_in_links (
  hash bytea primary key,
  user_id uuid not null references users on delete cascade,
  purpose text not null check (purpose in ('password', 'sign-in')),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index sign_in_links_user on sign_in_links (user_id);

create table sessions (
  id uuid primary key default gen_random_uuid(),
  -- SHA-256 of the cookie's value.
  hash bytea not null unique,
  user_id uuid not null references users on delete cascade,
  created_at timestamptz not null default now(),
  -- To the minute.
  used_at timestamptz not null default now(),
  browser text not null,
  address text not null
);
create index sessions_user on sessions (user_id);
create index sessions_used on sessions (used_at);

-- Every process remembers for a moment whose session it is, as it does with tokens.
create trigger sessions_ended after delete on sessions
  for each statement execute function tell_of_actors();

-- What users have to say to the operators.

create table feedback (
  id bigint generated always as identity primary key,
  user_id uuid not null references users on delete cascade,
  kind text not null check (kind in ('idea', 'thought', 'problem')),
  text text not null,
  -- Who says it, in words; what Python sends here tells the client instead.
  referrer text,
  sent_at timestamptz not null default now()
);
create index feedback_user on feedback (user_id, sent_at desc);

-- What an operator has closed: the whole platform (`platform`) or one service of it (`files`, `tasks`, …).

create table closures (
  service text primary key,
  since timestamptz not null default now()
);

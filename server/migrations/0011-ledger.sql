-- What things cost, what was charged to whom, and the invoices that collect it. Amounts are in USD.

-- What operators set; without a row everything costs nothing.
create table price_rates (
  only_row boolean primary key default true check (only_row),
  storage_gb_month numeric not null default 0 check (storage_gb_month >= 0),
  egress_gb numeric not null default 0 check (egress_gb >= 0),
  disk_gb_hour numeric not null default 0 check (disk_gb_hour >= 0),
  interruptible_factor numeric not null default 1 check (interruptible_factor between 0 and 1)
);
-- Instance types that operators added to the default list, or changed in it.
create table instance_types (
  name text collate "C" primary key,
  cpus integer not null check (cpus > 0),
  memory_mib integer not null check (memory_mib > 0),
  hourly numeric not null check (hourly >= 0)
);

-- What operators put into a group; the balance is what the transactions left of it.
alter table billing_groups add column credit numeric(14, 2) not null default 0;
create unique index billing_groups_name on billing_groups (owner_id, name);

create table invoices (
  id bigint generated always as identity (start with 1000000001) primary key,
  group_id uuid not null references billing_groups,
  -- A month in UTC: its first day.
  month date not null,
  -- Tasks, and files kept or downloaded.
  analysis_costs numeric(14, 2) not null default 0,
  storage_costs numeric(14, 2) not null default 0,
  pending boolean not null default false,
  approved_at timestamptz,
  created_at timestamptz not null default now()
);
create index invoices_group on invoices (group_id, id desc);

-- How far the ledger is: files are charged up to and with this day (UTC). The first day of a platform is charged when it
-- is over.
create table ledger_progress (
  only_row boolean primary key default true check (only_row),
  storage_until date not null
);
insert into ledger_progress (storage_until) values ((now() at time zone 'UTC')::date - 1);

-- The ledger. A task is charged once, when it ends; a project's files for every day at whose end they are there; a user's
-- downloads from a project are added up by day. A row is written no more once an invoice has it.
create table transactions (
  id bigint generated always as identity primary key,
  group_id uuid not null references billing_groups,
  kind text not null check (kind in ('TASK', 'STORAGE', 'EGRESS')),
  -- The day in UTC that it counts for.
  day date not null,
  charged_at timestamptz not null default now(),
  -- The project as it was: these rows outlive it, so there is no foreign key.
  project_id uuid not null,
  -- `owner/short_name`
  project text not null,
  project_name text not null,
  project_created_by text not null,
  project_locked boolean not null,
  -- Who ran the task or downloaded.
  username text,
  -- Kept on that day, or downloaded on it.
  bytes bigint,
  -- {"id", "name", "app", "status", "started", "ended", "disks"}.
  task jsonb,
  amount numeric(24, 12) not null check (amount >= 0),
  invoice_id bigint references invoices,
  check ((kind = 'TASK') = (task is not null) and (kind = 'TASK') = (bytes is null) and (kind = 'STORAGE') = (username is null))
);
create unique index transactions_task on transactions ((task ->> 'id')) where kind = 'TASK';
create unique index transactions_storage on transactions (project_id, day) where kind = 'STORAGE';
create unique index transactions_egress on transactions (project_id, username, group_id, day)
  where kind = 'EGRESS' and invoice_id is null;
create index transactions_group on transactions (group_id, kind, day desc, id desc);
create index transactions_open on transactions (day) where invoice_id is null;
create index transactions_invoice on transactions (invoice_id) where invoice_id is not null;

-- What a task cost, written when it ends; of a batch, what those of its children cost that have ended. `price_of_disks`
-- is a part of `price`.
alter table tasks add column price numeric not null default 0;
alter table tasks add column price_of_disks numeric not null default 0;

-- How imports and exports go on after a crash, and what went wrong on the way.

alter table imports
  -- Faults in a row while it was done, and the last in words.
  add column faults integer not null default 0,
  add column fault text,
  -- Of a folder: whether all of its objects are in import_objects.
  add column listed boolean not null default false;

-- Where each object goes: the folder below the import's own, `runs/s1` or '', and its name there; a name of '' is of an
-- object that stands for the folder itself.
alter table import_objects
  add column folder text collate "C" not null,
  add column name text collate "C" not null;
create index import_objects_folder on import_objects (import_id, folder, name);

alter table exports
  add column faults integer not null default 0,
  add column fault text,
  -- The bytes that are exported, since the job began.
  add column blob_key text,
  -- Set before anything is written: an object that is found at the location from then on may be the job's own.
  add column writing boolean not null default false,
  -- Of the object that was written and verified: only the file is still to be changed.
  add column written_etag text,
  add column written_at timestamptz;

-- The parts of an upload that the service stored as they were sent; those of a killed process need not be sent again.
create table export_parts (
  export_id text collate "C" not null references exports on delete cascade,
  number integer not null,
  etag text not null,
  primary key (export_id, number)
);

-- Whoever looks for jobs of one project, or of one volume.
create index imports_project on imports (user_id, project_id, created_at desc, id);

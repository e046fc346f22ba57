-- An upload whose file is announced to fit into one part has none in the blob store: each of its parts is a blob of its
-- own, and the one part that is completed becomes the file's bytes as it is. Such an upload has no store_id.
alter table uploads alter column store_id drop not null;

create table part_blobs (
  upload_id text collate "C" not null references uploads on delete cascade,
  number integer not null check (number between 1 and 10000),
  -- A part that is sent again gets another blob.
  blob_key text collate "C" not null unique,
  size bigint not null,
  sha256 text not null,
  primary key (upload_id, number)
);

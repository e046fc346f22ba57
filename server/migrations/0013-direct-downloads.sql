-- Links to bytes in a bucket that were charged when they were given out: the platform does not see what leaves by them.
-- Until `charged_until` the same user gets links to the same file without being charged again.
create table direct_downloads (
  username text collate "C" not null,
  file_id text collate "C" not null,
  charged_until timestamptz not null,
  primary key (username, file_id)
);
create index direct_downloads_old on direct_downloads (charged_until);

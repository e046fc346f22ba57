-- Search walks a project's files from the newest on, or goes straight to those of one name. Filters on metadata and tags
-- have indexes already.
create index files_newest on files (project_id, created_at desc, id) where deleted_at is null;
create index files_named on files (project_id, name) where deleted_at is null;

-- What a list or a task asks of a document is beside it: documents can be megabytes, and are parsed by whoever reads them.
alter table app_revisions
  add column validation_warnings text[] not null default '{}',
  add column document_bytes integer not null default 0,
  -- `nextflow` and `wdl` apps are kept, but cannot be run.
  add column class text generated always as (document ->> 'class') stored,
  -- The batching that the author suggests.
  add column batch_input json generated always as (document -> 'sbg:batchInput') stored,
  add column batch_by json generated always as (document -> 'sbg:batchBy') stored;

update app_revisions set document_bytes = octet_length(document::text);

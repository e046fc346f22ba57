-- Of a copied app: the revision of its upstream that this one stands at; null for revisions of its own. Synchronizing
-- takes what is newer than the highest of them.
alter table app_revisions add column upstream_revision integer;

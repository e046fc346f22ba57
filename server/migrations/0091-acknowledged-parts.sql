-- Every part whose answer an export has seen is noted, not only those that the service verified: parts of which it has
-- not seen the answer may have been cut.
alter table export_parts add column verified boolean not null default true;
alter table export_parts alter column verified drop default;

-- What a bulk event (an import, a handing over, a merging of tags, a replacing of a stage) did to each of its rows. Edits
-- made from an older version conflict with it as they do with the event of a single record, and taking it back knows the
-- values from before. Rows written by earlier versions have no changes: nothing conflicts with them, as until now.
set lock_timeout = '2s';

-- Field → {before, after, beforeWords, afterWords}, as in events.changes.
alter table event_rows add column changes jsonb not null default '{}';

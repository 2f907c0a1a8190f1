-- What bulk events did to each of their rows, and a secret for links that are made under an idempotency key.
--
-- What a bulk event (an import, a handing over, a merging of tags, a replacing of a stage) did to each of its rows. Edits
-- made from an older version conflict with it as they do with the event of a single record, and taking it back knows the
-- values from before. Rows written by earlier versions have no changes: nothing conflicts with them, as until now.
set lock_timeout = '2s';

-- Field → {before, after, beforeWords, afterWords}, as in events.changes.
alter table event_rows add column changes jsonb not null default '{}';

-- The token of a share link made under an idempotency key follows from this secret and the key, so that the same request is
-- answered with the same link although only the token's hash is kept. The key itself is kept nowhere.
alter table workspaces add column share_secret bytea not null
    default decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex');

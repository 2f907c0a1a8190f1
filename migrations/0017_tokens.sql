-- API tokens that can be listed and ended one by one. The hash stays the key that opens the door; the id names a token in a
-- list or an address and opens nothing.
set lock_timeout = '2s';

alter table api_tokens add column id uuid not null default gen_random_uuid();
alter table api_tokens add constraint api_tokens_id unique (id);
-- Looks only: every request that could change something is refused.
alter table api_tokens add column read_only boolean not null default false;
-- Coarse: written at most once a minute.
alter table api_tokens add column last_used_at timestamptz;
create index api_tokens_workspace on api_tokens (workspace_id, created_at);
create index api_tokens_user on api_tokens (user_id);

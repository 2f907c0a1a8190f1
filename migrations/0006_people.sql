-- People and rights: invitations by link, and what a session came from.
set lock_timeout = '2s';

-- The link holds the token, the table its hash. Unsharded like api_tokens: whoever follows a link is in no workspace yet.
create table invitations (
    id uuid primary key,
    token_hash bytea not null unique,
    workspace_id uuid not null references workspaces (id),
    -- The placeholder that whoever accepts becomes; without one a new member is made.
    member_id uuid,
    role text not null check (role in ('owner', 'admin', 'manager', 'member', 'viewer')),
    invited_by uuid not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null default now() + interval '7 days',
    accepted_at timestamptz,
    accepted_by uuid references users (id),
    revoked_at timestamptz
);
create index invitations_workspace on invitations (workspace_id, created_at);

-- Recognisable words for the list of sessions; never the whole header.
alter table sessions add column device text;

-- One account per member: two people under one name could not be told apart, nor put out one by one.
create unique index memberships_member on memberships (workspace_id, member_id) where status = 'active';

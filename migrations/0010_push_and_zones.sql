-- Days where somebody is, and telling them although no page of theirs is open.
set lock_timeout = '2s';

-- The zone of whoever asks: their own, else the workspace's. `(select my_time_zone())` is asked once in a statement.
create function my_time_zone() returns text language sql stable parallel safe as
$$ select coalesce(
    (select time_zone from members where workspace_id = current_workspace_id() and id = current_member_id()),
    (select time_zone from workspaces where id = current_workspace_id()),
    'UTC') $$;

-- Browsers that may be told although no page is open (RFC 8030). One belongs to a session: signed out or ended from afar, it
-- hears nothing more. The address and both keys are the browser's; whoever has them can send to it.
create table push_devices (
    id uuid primary key,
    session_hash bytea not null references sessions (id_hash) on delete cascade,
    user_id uuid not null references users (id),
    workspace_id uuid not null references workspaces (id),
    endpoint text not null unique check (octet_length(endpoint) <= 2000),
    -- Point on P-256, uncompressed; and the secret that the browser shares with whoever sends.
    p256dh bytea not null check (octet_length(p256dh) = 65),
    auth bytea not null check (octet_length(auth) = 16),
    -- Code of the language that its page was in.
    language text not null default 'en',
    created_at timestamptz not null default now(),
    -- Somebody stopped it from another browser: it does not come back by itself.
    stopped_at timestamptz
);
create index push_devices_user on push_devices (user_id, workspace_id);
create index push_devices_session on push_devices (session_hash);

-- What is on its way to them, by member: which devices they have is looked up when it is sent.
create table pushes (
    id uuid primary key,
    workspace_id uuid not null references workspaces (id),
    member_id uuid not null,
    title text not null,
    link text not null,
    state text not null default 'queued' check (state in ('queued', 'sending')),
    attempts integer not null default 0,
    not_before timestamptz not null default now(),
    -- Devices that have it: another attempt leaves them out.
    reached uuid[] not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index pushes_queue on pushes (not_before);
grant insert on pushes to rapport_tenant;

-- This installation's own key (RFC 8292), made once.
create table push_keys (
    one boolean primary key default true check (one),
    secret bytea not null check (octet_length(secret) = 32),
    created_at timestamptz not null default now()
);

alter table notification_settings add column by_push boolean not null default true;

-- In which language somebody reads: that of the page they last had before them.
alter table users add column language text not null default 'en';
-- Of a mail to an address that is nobody's yet.
alter table mails add column language text;

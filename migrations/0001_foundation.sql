-- Foundation: the restricted role, the tenancy helper, people who sign in, and the machinery of the command door.
--
-- Every tenant table: workspace_id first in its key, composite foreign keys (checks ignore row security, so the key
-- itself must carry the tenant), row security enabled and forced with one policy made by enable_tenant_rls().
-- The named exceptions, which sign-in and routing need before a workspace is known: workspaces, users, memberships,
-- sessions, api_tokens, sign_in_attempts, outbox.
set lock_timeout = '2s';

do $$
begin
    if not exists (select from pg_roles where rolname = 'rapport_tenant') then
        create role rapport_tenant nologin nosuperuser nobypassrls noinherit;
    end if;
exception when duplicate_object or unique_violation then null; -- another database of this cluster was faster
end $$;

create function current_workspace_id() returns uuid language sql stable parallel safe as
$$ select nullif(current_setting('app.workspace_id', true), '')::uuid $$;
create function current_member_id() returns uuid language sql stable parallel safe as
$$ select nullif(current_setting('app.member_id', true), '')::uuid $$;

-- One form of policy for all tables, so that it can be switched in one place (Citus wants the plain form).
create procedure enable_tenant_rls(target text) language plpgsql as $$
begin
    execute format('alter table %I enable row level security', target);
    execute format('alter table %I force row level security', target);
    execute format(
        'create policy tenant on %I using (workspace_id = (select current_workspace_id())) with check (workspace_id = (select current_workspace_id()))',
        target);
    execute format('grant select, insert, update, delete on %I to rapport_tenant', target);
end $$;

-- Records with an owner also say who may see them: everyone, the owner's team, or the owner alone.
create procedure enable_owned_rls(target text) language plpgsql as $$
begin
    execute format('alter table %I enable row level security', target);
    execute format('alter table %I force row level security', target);
    execute format(
        $p$create policy tenant on %I using (workspace_id = (select current_workspace_id()) and (
            visibility = 'workspace'
            or owner_id = (select current_member_id())
            or (visibility = 'team' and owner_id = any (string_to_array(nullif(current_setting('app.team_members', true), ''), ',')::uuid[]))
        )) with check (workspace_id = (select current_workspace_id()))$p$,
        target);
    execute format('grant select, insert, update, delete on %I to rapport_tenant', target);
end $$;

create table workspaces (
    id uuid primary key,
    name text not null,
    currency text not null default 'USD' check (currency ~ '^[A-Z]{3}$'),
    time_zone text not null default 'UTC',
    created_at timestamptz not null default now()
);

create table users (
    id uuid primary key,
    email text not null unique check (email = lower(email)),
    name text not null,
    password_hash text not null,
    disabled_at timestamptz,
    created_at timestamptz not null default now()
);

-- Which workspaces a user may enter, and as whom. Only `active` ones open a door.
create table memberships (
    workspace_id uuid not null references workspaces (id),
    user_id uuid not null references users (id),
    member_id uuid not null,
    role text not null check (role in ('owner', 'admin', 'manager', 'member', 'viewer')),
    status text not null default 'active' check (status in ('active', 'pending', 'revoked')),
    created_at timestamptz not null default now(),
    primary key (workspace_id, user_id)
);
create index memberships_user on memberships (user_id);

-- The cookie holds the id, the table only its hash.
create table sessions (
    id_hash bytea primary key,
    user_id uuid references users (id),
    workspace_id uuid references workspaces (id),
    data jsonb not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
);
create index sessions_user on sessions (user_id);
create index sessions_expiry on sessions (expires_at);

create table api_tokens (
    token_hash bytea primary key,
    workspace_id uuid not null references workspaces (id),
    user_id uuid not null references users (id),
    name text not null,
    last4 text not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    revoked_at timestamptz
);

-- Failed and counted attempts, by e-mail and by address, for throttling.
create table sign_in_attempts (
    key text not null,
    at timestamptz not null default now()
);
create index sign_in_attempts_key on sign_in_attempts (key, at);

create table commands (
    workspace_id uuid not null default current_workspace_id() references workspaces (id),
    id uuid not null,
    member_id uuid not null,
    body_hash bytea not null,
    outcome jsonb not null,
    created_at timestamptz not null default now(),
    primary key (workspace_id, id)
);
call enable_tenant_rls('commands');
create index commands_age on commands (workspace_id, created_at);

create table events (
    workspace_id uuid not null default current_workspace_id() references workspaces (id),
    id uuid not null,
    command_id uuid not null,
    member_id uuid,
    surface text not null check (surface in ('web', 'api', 'cli', 'import')),
    verb text not null,
    entity text not null,
    entity_id uuid not null,
    title text not null,
    version bigint not null,
    changes jsonb not null default '{}',
    inverse jsonb,
    undoes uuid,
    undone_by uuid,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null default now(),
    primary key (workspace_id, id)
);
call enable_tenant_rls('events');
create index events_entity on events (workspace_id, entity_id, version desc);
create index events_command on events (workspace_id, command_id);

-- Rows touched by a bulk command: one event, many rows.
create table event_rows (
    workspace_id uuid not null default current_workspace_id() references workspaces (id),
    event_id uuid not null,
    entity text not null,
    entity_id uuid not null,
    version bigint not null,
    primary key (workspace_id, event_id, entity, entity_id)
);
call enable_tenant_rls('event_rows');
create index event_rows_entity on event_rows (workspace_id, entity_id);

-- Outside effects and live messages. Rows get their position after commit, by the relay, so a late commit is never
-- skipped. Readable by the relay only: the tenant role may add, not look.
create table outbox (
    id uuid primary key,
    workspace_id uuid not null,
    position bigint unique,
    entity text not null,
    entity_id uuid not null,
    version bigint not null,
    verb text not null,
    command_id uuid,
    visible_to uuid,
    created_at timestamptz not null default now()
);
create index outbox_unplaced on outbox (id) where position is null;
create index outbox_age on outbox (created_at);
create sequence outbox_position;
grant insert on outbox to rapport_tenant;
grant select on workspaces to rapport_tenant;

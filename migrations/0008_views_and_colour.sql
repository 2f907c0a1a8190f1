-- Saved views: a list as somebody narrowed and sorted it.
set lock_timeout = '2s';

create table views (
    workspace_id uuid not null default current_workspace_id() references workspaces (id),
    id uuid not null,
    version bigint not null default 1,
    name text not null,
    -- Path of the page, and what stands behind its question mark.
    page text not null,
    query text not null default '',
    owner_id uuid,
    visibility text not null default 'workspace' check (visibility in ('private', 'team', 'workspace')),
    imported jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    primary key (workspace_id, id)
);
call enable_owned_rls('views');
create index views_owner on views (workspace_id, owner_id);
alter table views add constraint views_owner foreign key (workspace_id, owner_id) references members (workspace_id, id);

-- The hue of the workspace's colour, in degrees of OKLCH; lightness and chroma are the design's, so contrast holds at any.
alter table workspaces add column hue smallint not null default 274 check (hue between 0 and 359);

-- The first steps ask whether any deal has a next step: without one, that was a walk through all of them.
create index deals_planned on deals (workspace_id) where (next_action is not null or next_action_date is not null) and deleted_at is null;

-- Notes, tags, notifications, reminders and mail; share links; confirmations by mail, and leaving for good.
set lock_timeout = '2s';

create table notes (
    workspace_id uuid not null default current_workspace_id() references workspaces (id),
    id uuid not null,
    version bigint not null default 1,
    kind text not null default 'general',
    -- Markdown, as it was typed.
    body text not null,
    title text not null generated always as (left(split_part(btrim(body, E' \n\t#*'), E'\n', 1), 120)) stored,
    pinned boolean not null default false,
    contact_id uuid,
    company_id uuid,
    deal_id uuid,
    task_id uuid,
    owner_id uuid,
    visibility text not null default 'workspace' check (visibility in ('private', 'team', 'workspace')),
    imported jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    primary key (workspace_id, id)
);
call enable_owned_rls('notes');
create index notes_contact on notes (workspace_id, contact_id) where contact_id is not null;
create index notes_company on notes (workspace_id, company_id) where company_id is not null;
create index notes_deal on notes (workspace_id, deal_id) where deal_id is not null;
create index notes_task on notes (workspace_id, task_id) where task_id is not null;
create index notes_recent on notes (workspace_id, created_at desc, id desc) where deleted_at is null;
create index notes_owner on notes (workspace_id, owner_id);

create table tags (
    workspace_id uuid not null default current_workspace_id() references workspaces (id),
    id uuid not null,
    version bigint not null default 1,
    name text not null,
    name_key text not null generated always as (lower(btrim(name))) stored,
    category text,
    color text not null default 'grey',
    imported jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    primary key (workspace_id, id)
);
call enable_tenant_rls('tags');
create unique index tags_name on tags (workspace_id, name_key) where deleted_at is null;

create table tagged_items (
    workspace_id uuid not null default current_workspace_id() references workspaces (id),
    entity text not null,
    record_id uuid not null,
    tag_id uuid not null,
    position integer not null default 0,
    primary key (workspace_id, entity, record_id, tag_id)
);
call enable_tenant_rls('tagged_items');
-- IDX-01: what carries a tag (idx_crm_tagged_items_item).
create index tagged_items_tag on tagged_items (workspace_id, tag_id, entity, record_id);

-- What somebody is told. Written with the event it tells of, read by its addressee alone.
create table notifications (
    workspace_id uuid not null default current_workspace_id() references workspaces (id),
    id uuid not null,
    member_id uuid not null,
    kind text not null,
    entity text not null,
    entity_id uuid not null,
    title text not null,
    by_member uuid,
    created_at timestamptz not null default now(),
    read_at timestamptz,
    primary key (workspace_id, id)
);
alter table notifications enable row level security;
alter table notifications force row level security;
create policy tenant on notifications
    using (workspace_id = (select current_workspace_id()) and (member_id = (select current_member_id()) or (select sees_all_records())))
    with check (workspace_id = (select current_workspace_id()));
grant select, insert, update, delete on notifications to rapport_tenant;
create index notifications_of on notifications (workspace_id, member_id, id desc);
create index notifications_about on notifications (workspace_id, entity_id);
create index notifications_unread on notifications (workspace_id, member_id) where read_at is null;

-- Suggestions walk this in order, for one's own people and for those of nobody: "is null" gives no order, an id does. A case,
-- since Postgres holds coalesce for leaky and would not look it up under a policy.
drop index contacts_priority;
create index contacts_priority on contacts (workspace_id, (case when owner_id is null then '00000000-0000-0000-0000-000000000000'::uuid else owner_id end), warmness_score, last_contacted nulls first, id)
    where deleted_at is null and status not in ('archived', 'do_not_contact');

-- The orders of the people list: longest not contacted, newest, warmest.
create index contacts_attention on contacts (workspace_id, (case when last_contacted is null then '-infinity'::timestamptz else last_contacted end), id) where deleted_at is null;
create index contacts_newest on contacts (workspace_id, created_at desc, id desc) where deleted_at is null;
create index contacts_warmest on contacts (workspace_id, warmness_score desc, id desc) where deleted_at is null;

-- Which kinds somebody wants to hear of, and how; without a row, in the app and not by mail.
create table notification_settings (
    workspace_id uuid not null default current_workspace_id() references workspaces (id),
    member_id uuid not null,
    kind text not null,
    in_app boolean not null,
    by_mail boolean not null,
    primary key (workspace_id, member_id, kind)
);
call enable_tenant_rls('notification_settings');

-- A reminder is a local time in the zone of whoever has to do the task; the moment follows from it.
alter table tasks add column remind_at text check (remind_at ~ '^\d{4}-\d\d-\d\dT[0-2]\d:[0-5]\d$');
alter table tasks add column reminds_at timestamptz;
alter table tasks add column reminded_at timestamptz;
create index tasks_reminders on tasks (workspace_id, owner_id) where reminds_at is not null and reminded_at is null and completed_at is null and deleted_at is null;

-- A job that is not for now.
alter table outbox add column run_at timestamptz;

-- Mail on its way. A mail that may or may not have gone out is `unknown` and never sent again by itself.
create table mails (
    id uuid primary key,
    workspace_id uuid references workspaces (id),
    -- To a member, whose address is looked up when it is sent, or to an address that is to be confirmed.
    member_id uuid,
    address text,
    subject text not null,
    body text not null,
    state text not null default 'queued' check (state in ('queued', 'sending', 'sent', 'failed', 'unknown')),
    attempts integer not null default 0,
    not_before timestamptz not null default now(),
    error text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index mails_queue on mails (not_before) where state in ('queued', 'sending');
grant insert on mails to rapport_tenant;

-- Share links. What is shown is the workspace's, so it is here under its policy; the token alone is outside it.
create table shares (
    workspace_id uuid not null default current_workspace_id() references workspaces (id),
    id uuid not null,
    title text not null,
    -- Which parts are shown: a list of known words, nothing else ever leaves.
    shows text[] not null,
    created_by uuid not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    opened bigint not null default 0,
    last_opened_at timestamptz,
    primary key (workspace_id, id)
);
call enable_tenant_rls('shares');
create table share_tokens (
    token_hash bytea primary key,
    workspace_id uuid not null references workspaces (id),
    share_id uuid not null
);
grant insert on share_tokens to rapport_tenant;

-- Links sent by mail: a new address to confirm, a forgotten password to set.
create table confirmations (
    token_hash bytea primary key,
    user_id uuid not null references users (id),
    purpose text not null check (purpose in ('email', 'password')),
    email text,
    expires_at timestamptz not null,
    used_at timestamptz
);
create index confirmations_user on confirmations (user_id);

-- When somebody put the list of first steps away.
alter table members add column first_steps_closed_at timestamptz;

-- Deleting waits: until then it can be taken back.
alter table users add column delete_after timestamptz;
alter table workspaces add column delete_after timestamptz;

alter table notes add constraint notes_contact foreign key (workspace_id, contact_id) references contacts (workspace_id, id);
alter table notes add constraint notes_company foreign key (workspace_id, company_id) references companies (workspace_id, id);
alter table notes add constraint notes_deal foreign key (workspace_id, deal_id) references deals (workspace_id, id);
alter table notes add constraint notes_task foreign key (workspace_id, task_id) references tasks (workspace_id, id);
alter table notes add constraint notes_owner foreign key (workspace_id, owner_id) references members (workspace_id, id);
alter table tagged_items add constraint tagged_items_tag foreign key (workspace_id, tag_id) references tags (workspace_id, id);
alter table notifications add constraint notifications_member foreign key (workspace_id, member_id) references members (workspace_id, id);
alter table notification_settings add constraint notification_settings_member foreign key (workspace_id, member_id) references members (workspace_id, id);

-- Daily work: what was done with people (interactions), what is to be done (tasks), and what may wait (snoozes).
set lock_timeout = '2s';

create table interactions (
    workspace_id uuid not null default current_workspace_id() references workspaces (id),
    id uuid not null,
    version bigint not null default 1,
    kind text not null,
    subject text,
    title text not null generated always as (coalesce(nullif(subject, ''), upper(left(kind, 1)) || replace(substr(kind, 2), '_', ' '))) stored,
    -- Planned ones have their time ahead of them; only done ones count as contact.
    status text not null default 'done' check (status in ('planned', 'done')),
    occurred_at timestamptz not null default now(),
    description text,
    duration_minutes integer check (duration_minutes between 0 and 1440),
    outcome text,
    sentiment text,
    next_step text,
    follow_up_required boolean not null default false,
    follow_up_date date,
    conducted_by text,
    contact_id uuid,
    company_id uuid,
    deal_id uuid,
    owner_id uuid,
    visibility text not null default 'workspace' check (visibility in ('private', 'team', 'workspace')),
    imported jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    primary key (workspace_id, id)
);
call enable_owned_rls('interactions');
create index interactions_contact on interactions (workspace_id, contact_id, occurred_at desc) where contact_id is not null;
create index interactions_company on interactions (workspace_id, company_id, occurred_at desc) where company_id is not null;
create index interactions_deal on interactions (workspace_id, deal_id, occurred_at desc) where deal_id is not null;
-- IDX-01: recent interactions of a person (idx_crm_interactions_user_date).
create index interactions_owner on interactions (workspace_id, owner_id, occurred_at desc);
create index interactions_recent on interactions (workspace_id, occurred_at desc, id desc) where deleted_at is null;
create index interactions_due on interactions (workspace_id, occurred_at) where status = 'planned' and deleted_at is null;
create index interactions_follow_up on interactions (workspace_id, follow_up_date) where follow_up_required and deleted_at is null;

create table tasks (
    workspace_id uuid not null default current_workspace_id() references workspaces (id),
    id uuid not null,
    version bigint not null default 1,
    title text not null,
    description text,
    kind text not null default 'todo',
    priority text not null default 'medium',
    -- The day and the time of day in the zone of whoever has to do it.
    due_date date,
    due_time text check (due_time ~ '^[0-2][0-9]:[0-5][0-9]$'),
    -- RFC 5545, such as FREQ=WEEKLY;INTERVAL=2.
    recurrence text,
    completed_at timestamptz,
    -- The task whose completion made this one.
    follows_id uuid,
    contact_id uuid,
    company_id uuid,
    deal_id uuid,
    owner_id uuid,
    visibility text not null default 'workspace' check (visibility in ('private', 'team', 'workspace')),
    imported jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    primary key (workspace_id, id)
);
call enable_owned_rls('tasks');
create index tasks_open on tasks (workspace_id, owner_id, due_date) where completed_at is null and deleted_at is null;
-- The list of all tasks by day, as it is sorted and cut.
create index tasks_by_day on tasks (workspace_id, (coalesce(due_date, '9999-12-31'::date)), id) where completed_at is null and deleted_at is null;
create index tasks_done on tasks (workspace_id, completed_at desc) where completed_at is not null and deleted_at is null;
create index tasks_contact on tasks (workspace_id, contact_id) where contact_id is not null;
create index tasks_company on tasks (workspace_id, company_id) where company_id is not null;
create index tasks_deal on tasks (workspace_id, deal_id) where deal_id is not null;
create index tasks_follows on tasks (workspace_id, follows_id) where follows_id is not null;

-- What somebody does not want to see on Today until a day of theirs.
create table snoozes (
    workspace_id uuid not null default current_workspace_id() references workspaces (id),
    member_id uuid not null,
    entity text not null,
    record_id uuid not null,
    until date not null,
    primary key (workspace_id, member_id, entity, record_id)
);
call enable_tenant_rls('snoozes');

-- A person's zone; without one the workspace's counts.
alter table members add column time_zone text;
-- How much warmth and time since the last contact weigh in suggestions, in hundredths (SPEC 4.3: 0.7 and 0.3).
alter table members add column warmth_weight integer not null default 70 check (warmth_weight between 0 and 100);
alter table members add column time_weight integer not null default 30 check (time_weight between 0 and 100);

-- Suggestions: within one warmth the longest not contacted come first, so eleven short walks find the best of any number.
create index contacts_priority on contacts (workspace_id, owner_id, warmness_score, last_contacted nulls first, id)
    where deleted_at is null and status not in ('archived', 'do_not_contact');
create index contacts_follow_up on contacts (workspace_id, next_follow_up) where next_follow_up is not null and deleted_at is null;
create index contacts_cadence on contacts (workspace_id, meeting_cadence) where meeting_cadence > 0 and deleted_at is null;
create index contacts_birthday on contacts (workspace_id, ((extract(month from birthday) * 100 + extract(day from birthday))::int)) where birthday is not null and deleted_at is null;
create index deals_next_action on deals (workspace_id, next_action_date) where status = 'open' and deleted_at is null and next_action_date is not null;
create index deals_no_next_step on deals (workspace_id, owner_id, stage_since desc) where status = 'open' and deleted_at is null and next_action is null and next_action_date is null;

alter table interactions add constraint interactions_contact foreign key (workspace_id, contact_id) references contacts (workspace_id, id);
alter table interactions add constraint interactions_company foreign key (workspace_id, company_id) references companies (workspace_id, id);
alter table interactions add constraint interactions_deal foreign key (workspace_id, deal_id) references deals (workspace_id, id);
alter table interactions add constraint interactions_owner foreign key (workspace_id, owner_id) references members (workspace_id, id);
alter table tasks add constraint tasks_contact foreign key (workspace_id, contact_id) references contacts (workspace_id, id);
alter table tasks add constraint tasks_company foreign key (workspace_id, company_id) references companies (workspace_id, id);
alter table tasks add constraint tasks_deal foreign key (workspace_id, deal_id) references deals (workspace_id, id);
alter table tasks add constraint tasks_owner foreign key (workspace_id, owner_id) references members (workspace_id, id);
alter table tasks add constraint tasks_follows foreign key (workspace_id, follows_id) references tasks (workspace_id, id);
alter table snoozes add constraint snoozes_member foreign key (workspace_id, member_id) references members (workspace_id, id);

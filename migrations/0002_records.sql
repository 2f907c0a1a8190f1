-- The records: members and teams, companies, contacts, products, pipelines, deals.
-- Foreign keys come last and by name, so that they can be dropped and re-added (sharding needs that).
set lock_timeout = '2s';

create table teams (
    workspace_id uuid not null default current_workspace_id() references workspaces (id),
    id uuid not null,
    version bigint not null default 1,
    name text not null,
    office text,
    manager_id uuid,
    imported jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    primary key (workspace_id, id)
);
call enable_tenant_rls('teams');

create table members (
    workspace_id uuid not null default current_workspace_id() references workspaces (id),
    id uuid not null,
    version bigint not null default 1,
    -- Null: a placeholder for somebody named in an import, until a real person joins as them.
    user_id uuid,
    name text not null,
    email text,
    office text,
    manager_id uuid,
    team_id uuid,
    imported jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    primary key (workspace_id, id),
    unique (workspace_id, user_id)
);
call enable_tenant_rls('members');

create table products (
    workspace_id uuid not null default current_workspace_id() references workspaces (id),
    id uuid not null,
    version bigint not null default 1,
    name text not null,
    series text,
    list_price_minor bigint,
    currency text not null default 'USD',
    imported jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    primary key (workspace_id, id)
);
call enable_tenant_rls('products');

create table companies (
    workspace_id uuid not null default current_workspace_id() references workspaces (id),
    id uuid not null,
    version bigint not null default 1,
    name text not null,
    name_key text not null generated always as (lower(name)) stored,
    website text,
    industry text,
    location text,
    employee_count integer,
    size text,
    revenue_minor bigint,
    currency text not null default 'USD',
    year_established integer,
    parent_id uuid,
    lifecycle_stage text,
    engagement_level text,
    linkedin_url text,
    description text,
    notes text,
    owner_id uuid,
    visibility text not null default 'workspace' check (visibility in ('private', 'team', 'workspace')),
    imported jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    primary key (workspace_id, id)
);
call enable_owned_rls('companies');
create index companies_name on companies (workspace_id, name_key, id) where deleted_at is null;
create index companies_parent on companies (workspace_id, parent_id) where parent_id is not null;
create index companies_owner on companies (workspace_id, owner_id) where owner_id is not null;

create table contacts (
    workspace_id uuid not null default current_workspace_id() references workspaces (id),
    id uuid not null,
    version bigint not null default 1,
    first_name text not null,
    last_name text not null default '',
    full_name text not null generated always as (case when last_name = '' then first_name else first_name || ' ' || last_name end) stored,
    name_key text not null generated always as (lower(case when last_name = '' then first_name else first_name || ' ' || last_name end)) stored,
    job_title text,
    company_id uuid,
    location text,
    status text not null default 'active',
    warmness_score integer not null default 0 check (warmness_score between 0 and 10),
    connection_strength text,
    relationship text,
    contact_source text,
    source text,
    industry text,
    seniority text,
    customer_role text,
    is_primary_contact boolean not null default false,
    preferred_contact_method text,
    meeting_cadence integer,
    next_follow_up date,
    last_contacted timestamptz,
    birthday date,
    favorite_topics text[],
    linkedin_url text,
    twitter_url text,
    personal_notes text,
    professional_notes text,
    owner_id uuid,
    visibility text not null default 'workspace' check (visibility in ('private', 'team', 'workspace')),
    imported jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    primary key (workspace_id, id)
);
call enable_owned_rls('contacts');
create index contacts_name on contacts (workspace_id, name_key, id) where deleted_at is null;
create index contacts_company on contacts (workspace_id, company_id) where company_id is not null;
create index contacts_created on contacts (workspace_id, created_at);
create index contacts_owner on contacts (workspace_id, owner_id) where owner_id is not null;

create table contact_emails (
    workspace_id uuid not null default current_workspace_id() references workspaces (id),
    contact_id uuid not null,
    position integer not null,
    value text not null check (value = lower(value)),
    kind text not null default 'work',
    is_primary boolean not null default false,
    verified_at timestamptz,
    primary key (workspace_id, contact_id, position)
);
call enable_tenant_rls('contact_emails');
create unique index contact_emails_one_primary on contact_emails (workspace_id, contact_id) where is_primary;
create index contact_emails_value on contact_emails (workspace_id, value);

create table contact_phones (
    workspace_id uuid not null default current_workspace_id() references workspaces (id),
    contact_id uuid not null,
    position integer not null,
    value text not null,
    kind text not null default 'mobile',
    is_primary boolean not null default false,
    verified_at timestamptz,
    primary key (workspace_id, contact_id, position)
);
call enable_tenant_rls('contact_phones');
create unique index contact_phones_one_primary on contact_phones (workspace_id, contact_id) where is_primary;

create table pipelines (
    workspace_id uuid not null default current_workspace_id() references workspaces (id),
    id uuid not null,
    version bigint not null default 1,
    name text not null,
    kind text not null default 'sales' check (kind in ('sales', 'lead_sourcing', 'job_search', 'custom')),
    imported jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    primary key (workspace_id, id)
);
call enable_tenant_rls('pipelines');

create table stages (
    workspace_id uuid not null default current_workspace_id() references workspaces (id),
    id uuid not null,
    version bigint not null default 1,
    pipeline_id uuid not null,
    key text not null default '',
    name text not null,
    position integer not null default 0,
    probability integer not null default 0 check (probability between 0 and 100),
    expected_days integer,
    outcome text not null default 'open' check (outcome in ('open', 'won', 'lost')),
    imported jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    primary key (workspace_id, id)
);
call enable_tenant_rls('stages');
create index stages_pipeline on stages (workspace_id, pipeline_id, position);

create table deals (
    workspace_id uuid not null default current_workspace_id() references workspaces (id),
    id uuid not null,
    version bigint not null default 1,
    title text not null,
    value_minor bigint,
    currency text not null default 'USD',
    pipeline_id uuid not null,
    stage_id uuid not null,
    stage_seq integer not null default 1,
    stage_since timestamptz not null default now(),
    -- Fractional index, plain byte order; unique in its stage.
    rank text collate "C" not null,
    probability integer not null default 0 check (probability between 0 and 100),
    probability_is_manual boolean not null default false,
    status text not null default 'open' check (status in ('open', 'won', 'lost')),
    company_id uuid,
    product_id uuid,
    owner_id uuid,
    expected_close_date date,
    next_action text,
    next_action_date date,
    deal_type text,
    source text,
    close_reason text,
    competitor text,
    description text,
    -- When it happened, as against created_at, when we learned of it.
    opened_at timestamptz not null default now(),
    closed_at timestamptz,
    closed_by uuid,
    visibility text not null default 'workspace' check (visibility in ('private', 'team', 'workspace')),
    imported jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    primary key (workspace_id, id),
    check ((status = 'open') = (closed_at is null))
);
call enable_owned_rls('deals');
create unique index deals_rank on deals (workspace_id, stage_id, rank) where deleted_at is null;
create index deals_sums on deals (workspace_id, pipeline_id, stage_id) include (value_minor, probability) where deleted_at is null;
create index deals_company on deals (workspace_id, company_id) where company_id is not null;
create index deals_owner on deals (workspace_id, owner_id) where owner_id is not null;
create index deals_product on deals (workspace_id, product_id) where product_id is not null;
create index deals_closed on deals (workspace_id, closed_at) where closed_at is not null;

create table deal_contacts (
    workspace_id uuid not null default current_workspace_id() references workspaces (id),
    deal_id uuid not null,
    contact_id uuid not null,
    position integer not null,
    primary key (workspace_id, deal_id, contact_id)
);
call enable_tenant_rls('deal_contacts');
create index deal_contacts_contact on deal_contacts (workspace_id, contact_id);

-- Append-only. The self-reference makes a gap or a false "from" impossible to store.
create table deal_stage_history (
    workspace_id uuid not null default current_workspace_id() references workspaces (id),
    deal_id uuid not null,
    seq integer not null,
    previous_seq integer,
    from_stage_id uuid,
    to_stage_id uuid not null,
    member_id uuid,
    reason text,
    event_id uuid,
    -- This move, and the one it took back, do not count in metrics.
    undoes boolean not null default false,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null default now(),
    primary key (workspace_id, deal_id, seq),
    unique (workspace_id, deal_id, seq, to_stage_id),
    check ((seq = 1 and previous_seq is null and from_stage_id is null) or (seq > 1 and previous_seq = seq - 1 and from_stage_id is not null))
);
call enable_tenant_rls('deal_stage_history');
revoke update, delete on deal_stage_history from rapport_tenant;
create index deal_stage_history_to on deal_stage_history (workspace_id, to_stage_id);

-- Where a record came from: the same external row is never made twice.
create table external_ids (
    workspace_id uuid not null default current_workspace_id() references workspaces (id),
    entity text not null,
    source text not null,
    external_id text not null,
    record_id uuid not null,
    primary key (workspace_id, entity, source, external_id)
);
call enable_tenant_rls('external_ids');
create index external_ids_record on external_ids (workspace_id, record_id);

alter table teams add constraint teams_manager foreign key (workspace_id, manager_id) references members (workspace_id, id);
alter table members add constraint members_manager foreign key (workspace_id, manager_id) references members (workspace_id, id);
alter table members add constraint members_team foreign key (workspace_id, team_id) references teams (workspace_id, id);
alter table companies add constraint companies_parent foreign key (workspace_id, parent_id) references companies (workspace_id, id);
alter table companies add constraint companies_owner foreign key (workspace_id, owner_id) references members (workspace_id, id);
alter table contacts add constraint contacts_company foreign key (workspace_id, company_id) references companies (workspace_id, id);
alter table contacts add constraint contacts_owner foreign key (workspace_id, owner_id) references members (workspace_id, id);
alter table contact_emails add constraint contact_emails_contact foreign key (workspace_id, contact_id) references contacts (workspace_id, id) on delete cascade;
alter table contact_phones add constraint contact_phones_contact foreign key (workspace_id, contact_id) references contacts (workspace_id, id) on delete cascade;
alter table stages add constraint stages_pipeline foreign key (workspace_id, pipeline_id) references pipelines (workspace_id, id);
alter table deals add constraint deals_pipeline foreign key (workspace_id, pipeline_id) references pipelines (workspace_id, id);
alter table deals add constraint deals_stage foreign key (workspace_id, stage_id) references stages (workspace_id, id);
alter table deals add constraint deals_company foreign key (workspace_id, company_id) references companies (workspace_id, id);
alter table deals add constraint deals_product foreign key (workspace_id, product_id) references products (workspace_id, id);
alter table deals add constraint deals_owner foreign key (workspace_id, owner_id) references members (workspace_id, id);
alter table deal_contacts add constraint deal_contacts_deal foreign key (workspace_id, deal_id) references deals (workspace_id, id) on delete cascade;
alter table deal_contacts add constraint deal_contacts_contact foreign key (workspace_id, contact_id) references contacts (workspace_id, id);
alter table deal_stage_history add constraint deal_stage_history_deal foreign key (workspace_id, deal_id) references deals (workspace_id, id) on delete cascade;
alter table deal_stage_history add constraint deal_stage_history_from foreign key (workspace_id, deal_id, previous_seq, from_stage_id) references deal_stage_history (workspace_id, deal_id, seq, to_stage_id);
alter table deal_stage_history add constraint deal_stage_history_to foreign key (workspace_id, to_stage_id) references stages (workspace_id, id);

-- Leads (SPEC §2.6): people and firms on their way to a customer, and what became of them.
set lock_timeout = '2s';

create table leads (
    workspace_id uuid not null default current_workspace_id(),
    id uuid not null,
    version bigint not null default 1,
    first_name text not null,
    last_name text not null default '',
    full_name text not null generated always as (case when last_name = '' then first_name else first_name || ' ' || last_name end) stored,
    name_key text not null generated always as (lower(case when last_name = '' then first_name else first_name || ' ' || last_name end)) stored,
    company_name text,
    job_title text,
    email text,
    phone text,
    website text,
    status text not null default 'new',
    quality text,
    source text,
    follow_up_date date,
    value_minor bigint,
    currency text not null default 'USD',
    industry text,
    location text,
    description text,
    -- What the lead was converted to. No foreign keys: the records live on by themselves, and their purge must not touch the lead.
    converted_at timestamptz,
    converted_by uuid,
    converted_contact_id uuid,
    converted_company_id uuid,
    converted_deal_id uuid,
    owner_id uuid,
    visibility text not null default 'workspace' check (visibility in ('private', 'team', 'workspace')),
    imported jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    primary key (workspace_id, id),
    constraint leads_owner foreign key (workspace_id, owner_id) references members (workspace_id, id)
);
call enable_owned_rls('leads');
create index leads_name on leads (workspace_id, name_key, id) where deleted_at is null;
create index leads_newest on leads (workspace_id, created_at desc, id desc) where deleted_at is null;
create index leads_follow_up on leads (workspace_id, (case when follow_up_date is null then 'infinity'::date else follow_up_date end), id) where deleted_at is null;
-- IDX-01: the funnel by status (idx_crm_leads_user_status).
create index leads_status on leads (workspace_id, status, name_key, id) where deleted_at is null;
create index leads_email on leads (workspace_id, email) where email is not null;
create index leads_of_owner on leads (workspace_id, owner_id) where owner_id is not null;
create index leads_restricted on leads (workspace_id, id) include (owner_id, visibility) where visibility <> 'workspace';

alter table imports drop constraint imports_kind_check;
alter table imports add constraint imports_kind_check check (kind in ('contacts', 'companies', 'products', 'members', 'deals', 'leads'));

-- A tag typed on a private lead is seen by those who see the lead.
drop policy tenant on tags;
create policy tenant on tags using (workspace_id = (select current_workspace_id()) and (
    shared
    or (select sees_all_records())
    or exists (select from tagged_items i where i.workspace_id = tags.workspace_id and i.tag_id = tags.id and (
        (i.entity = 'contact' and exists (select from contacts r where r.workspace_id = i.workspace_id and r.id = i.record_id))
        or (i.entity = 'company' and exists (select from companies r where r.workspace_id = i.workspace_id and r.id = i.record_id))
        or (i.entity = 'deal' and exists (select from deals r where r.workspace_id = i.workspace_id and r.id = i.record_id))
        or (i.entity = 'task' and exists (select from tasks r where r.workspace_id = i.workspace_id and r.id = i.record_id))
        or (i.entity = 'lead' and exists (select from leads r where r.workspace_id = i.workspace_id and r.id = i.record_id))
    ))
)) with check (workspace_id = (select current_workspace_id()));

-- Both functions as before, with one more table.
create or replace function id_in_use(wanted uuid) returns boolean language plpgsql stable security definer
set search_path = pg_catalog, public set app.sees_all = 'yes' as $$
declare
    here constant uuid := current_workspace_id();
begin
    return exists (select from events where workspace_id = here and entity_id = wanted)
        or exists (select from contacts where workspace_id = here and id = wanted)
        or exists (select from companies where workspace_id = here and id = wanted)
        or exists (select from deals where workspace_id = here and id = wanted)
        or exists (select from leads where workspace_id = here and id = wanted)
        or exists (select from products where workspace_id = here and id = wanted)
        or exists (select from pipelines where workspace_id = here and id = wanted)
        or exists (select from stages where workspace_id = here and id = wanted)
        or exists (select from teams where workspace_id = here and id = wanted)
        or exists (select from members where workspace_id = here and id = wanted)
        or exists (select from interactions where workspace_id = here and id = wanted)
        or exists (select from tasks where workspace_id = here and id = wanted)
        or exists (select from notes where workspace_id = here and id = wanted)
        or exists (select from tags where workspace_id = here and id = wanted)
        or exists (select from views where workspace_id = here and id = wanted)
        or exists (select from imports where workspace_id = here and id = wanted)
        or exists (select from shares where workspace_id = here and id = wanted);
end $$;

create or replace function events_about_seen(week uuid, month uuid, out in_week bigint, out in_month bigint) language plpgsql stable security definer
set search_path = pg_catalog, public set app.sees_all = 'yes' as $$
declare
    here constant uuid := current_workspace_id();
    me constant uuid := current_member_id();
    team constant uuid[] := coalesce(string_to_array(nullif(current_setting('app.team_members', true), ''), ','), '{}')::uuid[];
begin
    select count(*) filter (where e.id >= week), count(*) into in_week, in_month
    from events e
    where e.workspace_id = here and e.id >= month and (e.verb in ('snoozed', 'weighted', 'wished', 'tidied') or e.entity_id not in (
        select r.id from (
            select id, owner_id, visibility from contacts where workspace_id = here and visibility <> 'workspace'
            union all select id, owner_id, visibility from companies where workspace_id = here and visibility <> 'workspace'
            union all select id, owner_id, visibility from deals where workspace_id = here and visibility <> 'workspace'
            union all select id, owner_id, visibility from leads where workspace_id = here and visibility <> 'workspace'
            union all select id, owner_id, visibility from interactions where workspace_id = here and visibility <> 'workspace'
            union all select id, owner_id, visibility from tasks where workspace_id = here and visibility <> 'workspace'
            union all select id, owner_id, visibility from notes where workspace_id = here and visibility <> 'workspace'
            union all select id, owner_id, visibility from views where workspace_id = here and visibility <> 'workspace'
        ) r
        where r.owner_id is distinct from me and (r.visibility = 'team' and r.owner_id = any (team)) is not true));
end $$;

-- Counting events by kind and record without reading their rows.
set lock_timeout = '2s';

-- The primary key covers what the count of unseen events reads: an index-only scan instead of one that reads the rows.
create unique index events_key on events (workspace_id, id) include (entity, entity_id, verb);
alter table events drop constraint events_pkey, add constraint events_pkey primary key using index events_key;

-- As in migration 0025, but ids are compared as uuids alone: an id names one record in a workspace (id_in_use). With the kind as part
-- of the join condition, the planner sorts both sides by text under the collation of the database. The kind is checked beside it.
create or replace function unseen_events(week uuid, month uuid, out in_week bigint, out in_month bigint) language plpgsql stable security definer
set search_path = pg_catalog, public set app.sees_all = 'yes' as $$
declare
    here constant uuid := current_workspace_id();
    me constant uuid := current_member_id();
    team constant uuid[] := coalesce(string_to_array(nullif(current_setting('app.team_members', true), ''), ','), '{}')::uuid[];
begin
    select count(*) filter (where e.id >= week), count(*) into in_week, in_month
    from (
        select 'contact' as entity, id, owner_id, visibility from contacts where workspace_id = here and visibility <> 'workspace'
        union all select 'company', id, owner_id, visibility from companies where workspace_id = here and visibility <> 'workspace'
        union all select 'deal', id, owner_id, visibility from deals where workspace_id = here and visibility <> 'workspace'
        union all select 'interaction', id, owner_id, visibility from interactions where workspace_id = here and visibility <> 'workspace'
        union all select 'task', id, owner_id, visibility from tasks where workspace_id = here and visibility <> 'workspace'
        union all select 'note', id, owner_id, visibility from notes where workspace_id = here and visibility <> 'workspace'
        union all select 'view', id, owner_id, visibility from views where workspace_id = here and visibility <> 'workspace'
    ) r
    join events e on e.workspace_id = here and e.entity_id = r.id and (e.entity = r.entity) is true and e.id >= month
    where r.owner_id is distinct from me and (r.visibility = 'team' and r.owner_id = any (team)) is not true
        and e.verb not in ('snoozed', 'weighted', 'wished', 'tidied');
end $$;

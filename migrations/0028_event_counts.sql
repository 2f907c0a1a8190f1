-- Event counts of a period from one index-only scan.
set lock_timeout = '2s';

-- Covering primary key for the count below.
create unique index events_key on events (workspace_id, id) include (entity, entity_id, verb);
alter table events drop constraint events_pkey, add constraint events_pkey primary key using index events_key;

drop function unseen_events(uuid, uuid);

-- Counts events with an id of at least `week` and at least `month` (lower UUIDv7 bounds, see uuid_at), without those about owned
-- records that the current member may not see. SECURITY DEFINER with app.sees_all, since row-level security hides exactly the
-- records to leave out. Every branch filters on the current workspace. The condition is the negation of the policy of
-- enable_owned_rls. An id is unique across all kinds of a workspace (id_in_use). Events of personal settings are counted regardless.
-- NOT IN with an uncorrelated subquery is a hashed subplan; for an anti-join the planner chose a merge join, which sorts all events.
create function events_about_seen(week uuid, month uuid, out in_week bigint, out in_month bigint) language plpgsql stable security definer
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
            union all select id, owner_id, visibility from interactions where workspace_id = here and visibility <> 'workspace'
            union all select id, owner_id, visibility from tasks where workspace_id = here and visibility <> 'workspace'
            union all select id, owner_id, visibility from notes where workspace_id = here and visibility <> 'workspace'
            union all select id, owner_id, visibility from views where workspace_id = here and visibility <> 'workspace'
        ) r
        where r.owner_id is distinct from me and (r.visibility = 'team' and r.owner_id = any (team)) is not true));
end $$;
revoke execute on function events_about_seen(uuid, uuid) from public;
grant execute on function events_about_seen(uuid, uuid) to rapport_tenant;

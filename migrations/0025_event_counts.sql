-- Event counts by period from an index-only scan.
set lock_timeout = '2s';

-- Partial indexes of restricted records: usually few, and the only owned records whose events are subtracted from a count.
create index contacts_restricted on contacts (workspace_id, id) include (owner_id, visibility) where visibility <> 'workspace';
create index companies_restricted on companies (workspace_id, id) include (owner_id, visibility) where visibility <> 'workspace';
create index deals_restricted on deals (workspace_id, id) include (owner_id, visibility) where visibility <> 'workspace';
create index interactions_restricted on interactions (workspace_id, id) include (owner_id, visibility) where visibility <> 'workspace';
create index tasks_restricted on tasks (workspace_id, id) include (owner_id, visibility) where visibility <> 'workspace';
create index notes_restricted on notes (workspace_id, id) include (owner_id, visibility) where visibility <> 'workspace';
create index views_restricted on views (workspace_id, id) include (owner_id, visibility) where visibility <> 'workspace';

-- Events whose visibility does not follow from the visibility of an owned record: those of tags, and personal settings.
create index events_particular on events (workspace_id, id) where entity = 'tag' or verb in ('snoozed', 'weighted', 'wished', 'tidied');

-- Counts events about owned records that the current member may not see, with an id of at least `week` and at least `month`
-- (lower UUIDv7 bounds, see uuid_at). SECURITY DEFINER with app.sees_all, since row-level security hides exactly these records.
-- Every branch filters on the current workspace, and the result is two numbers, which the caller subtracts from the counts of
-- all events. The condition is the negation of the policy of enable_owned_rls.
create function unseen_events(week uuid, month uuid, out in_week bigint, out in_month bigint) language plpgsql stable security definer
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
    join events e on e.workspace_id = here and e.entity = r.entity and e.entity_id = r.id and e.id >= month
    where r.owner_id is distinct from me and (r.visibility = 'team' and r.owner_id = any (team)) is not true
        and e.verb not in ('snoozed', 'weighted', 'wished', 'tidied');
end $$;
revoke execute on function unseen_events(uuid, uuid) from public;
grant execute on function unseen_events(uuid, uuid) to rapport_tenant;

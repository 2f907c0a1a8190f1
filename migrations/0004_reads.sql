-- Cheaper reads, and chores that see private records.
--
-- Cheaper reads: the owner's team through a function whose plan the connection keeps, and an index that carries what the
-- policy asks for, so that a board's sums need not visit the rows.
set lock_timeout = '2s';

-- Members of the acting member's team, as the policy of owned records wants them. Runs with the caller's rights.
create function my_team_members() returns text language plpgsql stable as $$
declare
    ids text;
begin
    select string_agg(t.id::text, ',') into ids
    from members me join members t on t.workspace_id = me.workspace_id and t.team_id = me.team_id
    where me.workspace_id = current_workspace_id() and me.id = current_member_id();
    return coalesce(ids, '');
end $$;

drop index deals_sums;
create index deals_sums on deals (workspace_id, pipeline_id, stage_id) include (value_minor, currency, probability, visibility, owner_id) where deleted_at is null;

-- What Rapport does itself when it makes a workspace is no news to anybody.
alter table events drop constraint events_surface_check;
alter table events add constraint events_surface_check check (surface in ('web', 'api', 'cli', 'import', 'setup'));
create index events_imported on events (workspace_id, entity_id, id) where verb = 'imported';

-- Chores of the server (emptying the bin) see every record of the workspace they work in; nobody else is given this.
create function sees_all_records() returns boolean language sql stable parallel safe as
$$ select coalesce(current_setting('app.sees_all', true), '') = 'yes' $$;

create or replace procedure enable_owned_rls(target text) language plpgsql as $$
begin
    execute format('alter table %I enable row level security', target);
    execute format('alter table %I force row level security', target);
    execute format(
        $p$create policy tenant on %I using (workspace_id = (select current_workspace_id()) and (
            visibility = 'workspace'
            or owner_id = (select current_member_id())
            or (visibility = 'team' and owner_id = any (string_to_array(nullif(current_setting('app.team_members', true), ''), ',')::uuid[]))
            or (select sees_all_records())
        )) with check (workspace_id = (select current_workspace_id()))$p$,
        target);
    execute format('grant select, insert, update, delete on %I to rapport_tenant', target);
end $$;
drop policy tenant on companies;
drop policy tenant on contacts;
drop policy tenant on deals;
call enable_owned_rls('companies');
call enable_owned_rls('contacts');
call enable_owned_rls('deals');

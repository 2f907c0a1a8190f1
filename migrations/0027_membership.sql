-- The membership behind a request, with the names in the shell, in one round trip.
set lock_timeout = '2s';

-- The active membership of an account in a workspace: role, currency, the members of its team (comma-separated ids, see
-- my_team_members), its time zone, and the names that pages show. No row: no active membership, or the account is disabled. For
-- the login role alone. Tables with forced row-level security are read after the workspace is set, until the transaction ends.
create function active_membership(account uuid, place uuid)
returns table (
    user_id uuid, workspace_id uuid, member_id uuid, role text, currency text, team text, zone text,
    workspace text, hue smallint, template text, logo text, "user" text, email text, language text)
language plpgsql volatile as $$
#variable_conflict use_column
begin
    select m.user_id, m.workspace_id, m.member_id, m.role, w.currency, w.time_zone, w.name, w.hue, w.template, w.logo_hash, u.name, u.email, u.language
    into user_id, workspace_id, member_id, role, currency, zone, workspace, hue, template, logo, "user", email, language
    from memberships m join users u on u.id = m.user_id join workspaces w on w.id = m.workspace_id
    where m.user_id = account and m.workspace_id = place and m.status = 'active' and u.disabled_at is null;
    if not found then
        return;
    end if;
    perform set_config('app.workspace_id', place::text, true), set_config('app.member_id', member_id::text, true);
    team := my_team_members();
    zone := coalesce((select r.time_zone from members r where r.workspace_id = place and r.id = current_member_id()), zone);
    return next;
end $$;
revoke execute on function active_membership(uuid, uuid) from public;

-- Time zone of the current member: the setting app.time_zone if present, else the member's, else the workspace's.
create or replace function my_time_zone() returns text language sql stable parallel safe as
$$ select coalesce(
    nullif(current_setting('app.time_zone', true), ''),
    (select time_zone from members where workspace_id = current_workspace_id() and id = current_member_id()),
    (select time_zone from workspaces where id = current_workspace_id()),
    'UTC') $$;

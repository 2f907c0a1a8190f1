-- An id names one thing in a workspace, whatever its kind: history, notices and keys are looked up by it.

-- Whether a record of any kind, in the bin or private to somebody, has this id, or something happened under it.
create function id_in_use(wanted uuid) returns boolean language sql stable set app.sees_all = 'yes' as
$$ select exists (select from events where workspace_id = current_workspace_id() and entity_id = wanted)
    or exists (select from contacts where workspace_id = current_workspace_id() and id = wanted)
    or exists (select from companies where workspace_id = current_workspace_id() and id = wanted)
    or exists (select from deals where workspace_id = current_workspace_id() and id = wanted)
    or exists (select from products where workspace_id = current_workspace_id() and id = wanted)
    or exists (select from pipelines where workspace_id = current_workspace_id() and id = wanted)
    or exists (select from stages where workspace_id = current_workspace_id() and id = wanted)
    or exists (select from teams where workspace_id = current_workspace_id() and id = wanted)
    or exists (select from members where workspace_id = current_workspace_id() and id = wanted)
    or exists (select from interactions where workspace_id = current_workspace_id() and id = wanted)
    or exists (select from tasks where workspace_id = current_workspace_id() and id = wanted)
    or exists (select from notes where workspace_id = current_workspace_id() and id = wanted)
    or exists (select from tags where workspace_id = current_workspace_id() and id = wanted)
    or exists (select from views where workspace_id = current_workspace_id() and id = wanted)
    or exists (select from imports where workspace_id = current_workspace_id() and id = wanted)
    or exists (select from shares where workspace_id = current_workspace_id() and id = wanted) $$;

-- A sum of amounts as a whole number of minor units. Beyond what eight bytes hold, with room to add up a hundred of them, it stays at the largest: one row too many
-- must not take the figures of everybody away.
create function whole(amount numeric) returns bigint language sql immutable as
$$ select least(greatest(coalesce(amount, 0), -90000000000000000), 90000000000000000)::bigint $$;

-- A team that was deleted joins nobody any more.
create or replace function my_team_members() returns text language plpgsql stable as $$
declare
    ids text;
begin
    select string_agg(t.id::text, ',') into ids
    from members me join members t on t.workspace_id = me.workspace_id and t.team_id = me.team_id
    join teams g on g.workspace_id = me.workspace_id and g.id = me.team_id and g.deleted_at is null
    where me.workspace_id = current_workspace_id() and me.id = current_member_id();
    return coalesce(ids, '');
end $$;

-- Whether a link to join as this member is open. Invitations are out of the tenant role's reach; this one fact about the own
-- workspace is not.
create function has_open_invitation(member uuid) returns boolean language sql stable security definer set search_path = pg_catalog, public as
$$ select exists (select from invitations i where i.workspace_id = current_workspace_id() and i.member_id = $1
    and i.accepted_at is null and i.revoked_at is null and i.expires_at > now()) $$;
revoke execute on function has_open_invitation(uuid) from public;
grant execute on function has_open_invitation(uuid) to rapport_tenant;

-- The rights of a request are read before its body has arrived. A transaction that writes reads them again, and holds them
-- until it ends: a change of role, a removal, a sign-out, a revoked token or a new password waits for the writes under way
-- and is seen by all that come later. The lock is an advisory one, shared by writers: it writes nothing.

-- Key of the lock of one account in one workspace.
create function rights_key(workspace uuid, account uuid) returns bigint language sql immutable as
$$ select hashtextextended('rights:' || workspace || ':' || account, 0) $$;

-- The role that an account has in the current workspace as this member, as long as the session or token (hashes) that it was
-- asked with holds; null: the membership, the account, the session or the token has ended. Holds the lock, shared.
create function hold_rights(account uuid, member uuid, session bytea, token bytea) returns text
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
declare
    held text;
begin
    perform pg_advisory_xact_lock_shared(rights_key(current_workspace_id(), account));
    -- A statement of its own: it sees what was committed while the lock was waited for.
    select m.role into held from memberships m join users u on u.id = m.user_id and u.disabled_at is null
    where m.workspace_id = current_workspace_id() and m.user_id = account and m.member_id = member and m.status = 'active'
        and ($3 is null or exists (select from sessions s where s.id_hash = $3 and s.user_id = account and s.expires_at > now()))
        and ($4 is null or exists (select from api_tokens t where t.token_hash = $4 and t.user_id = account
            and t.workspace_id = m.workspace_id and t.revoked_at is null and (t.expires_at is null or t.expires_at > now())));
    return held;
end $$;

-- Whether records may be given to a member: 'active' (held, so that they cannot leave before the transaction ends), 'left', or
-- 'placeholder' for one that nobody has joined as.
create function hold_owner(owner uuid) returns text
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
declare
    account uuid;
    found_status text;
begin
    select m.user_id into account from memberships m
    where m.workspace_id = current_workspace_id() and m.member_id = owner and m.status = 'active';
    if account is not null then
        perform pg_advisory_xact_lock_shared(rights_key(current_workspace_id(), account));
    end if;
    select m.status into found_status from memberships m
    where m.workspace_id = current_workspace_id() and m.member_id = owner order by m.status = 'active' desc limit 1;
    return case when found_status = 'active' then 'active' when found_status is null then 'placeholder' else 'left' end;
end $$;

-- The member who inherits: the one named, or the oldest owner if that one has left meanwhile. Held like an owner.
create function hold_heir(named uuid) returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
declare
    heir uuid := named;
begin
    for attempt in 1..5 loop
        if hold_owner(heir) = 'active' then
            return heir;
        end if;
        select m.member_id into heir from memberships m
        where m.workspace_id = current_workspace_id() and m.role = 'owner' and m.status = 'active' order by m.created_at, m.user_id limit 1;
    end loop;
    return null;
end $$;

-- Since when the current member is the person who is it today. A successor is somebody else.
create function member_since() returns timestamptz language sql stable security definer set search_path = pg_catalog, public as
$$ select m.created_at from memberships m
    where m.workspace_id = current_workspace_id() and m.member_id = current_member_id() and m.status = 'active' $$;

revoke execute on function hold_rights(uuid, uuid, bytea, bytea), hold_owner(uuid), hold_heir(uuid), member_since() from public;
grant execute on function hold_rights(uuid, uuid, bytea, bytea), hold_owner(uuid), hold_heir(uuid), member_since() to rapport_tenant;

-- Waits for the writes under way of these accounts, in all their workspaces, and keeps new ones out until the transaction
-- ends. For the login role alone, before it ends or changes what they may.
create function lock_rights(accounts uuid[]) returns void language plpgsql volatile as $$
declare
    place record;
begin
    for place in select workspace_id, user_id from memberships where user_id = any (accounts) order by workspace_id, user_id loop
        perform pg_advisory_xact_lock(rights_key(place.workspace_id, place.user_id));
    end loop;
end $$;
revoke execute on function lock_rights(uuid[]) from public;

-- Who made an import, for the question whether it is the reader's own: what their predecessor as this member made is nobody's.
create function import_maker(made_by uuid, made_at timestamptz) returns uuid language sql stable as
$$ select case when made_by = current_member_id() and made_at < member_since() then '00000000-0000-0000-0000-000000000000' else made_by end $$;

-- A tag typed on a private record is for those who see the record; who may narrow a record's circle, and bringing back
-- what an import's undo took away.
set lock_timeout = '2s';

-- A tag is shared once somebody makes it on purpose or puts it on a record that the whole workspace sees. Until then it is
-- seen by those who see a record that carries it: the records' own policies decide.
alter table tags add column shared boolean not null default true;

-- Without a superuser the policies would show none of these.
alter table tags no force row level security;
alter table tagged_items no force row level security;
alter table contacts no force row level security;
alter table companies no force row level security;
alter table deals no force row level security;
alter table tasks no force row level security;
alter table events no force row level security;
with carried as (
    select i.workspace_id, i.tag_id, bool_or(r.visibility = 'workspace') as openly
    from tagged_items i
    join (select workspace_id, 'contact' as entity, id, visibility from contacts
          union all select workspace_id, 'company', id, visibility from companies
          union all select workspace_id, 'deal', id, visibility from deals
          union all select workspace_id, 'task', id, visibility from tasks) r
        on r.workspace_id = i.workspace_id and r.entity = i.entity and r.id = i.record_id
    group by i.workspace_id, i.tag_id
)
update tags t set shared = false from carried c
where c.workspace_id = t.workspace_id and c.tag_id = t.id and not c.openly
    and not exists (select from events e where e.workspace_id = t.workspace_id and e.entity_id = t.id and e.entity = 'tag');
alter table events force row level security;
alter table tasks force row level security;
alter table deals force row level security;
alter table companies force row level security;
alter table contacts force row level security;
alter table tagged_items force row level security;
alter table tags force row level security;

drop policy tenant on tags;
create policy tenant on tags using (workspace_id = (select current_workspace_id()) and (
    shared
    or (select sees_all_records())
    or exists (select from tagged_items i where i.workspace_id = tags.workspace_id and i.tag_id = tags.id and (
        (i.entity = 'contact' and exists (select from contacts r where r.workspace_id = i.workspace_id and r.id = i.record_id))
        or (i.entity = 'company' and exists (select from companies r where r.workspace_id = i.workspace_id and r.id = i.record_id))
        or (i.entity = 'deal' and exists (select from deals r where r.workspace_id = i.workspace_id and r.id = i.record_id))
        or (i.entity = 'task' and exists (select from tasks r where r.workspace_id = i.workspace_id and r.id = i.record_id))
    ))
)) with check (workspace_id = (select current_workspace_id()));

-- Whether a member may give others' records away with all rights to them. Memberships are out of the tenant role's reach;
-- this one fact about the own workspace is not.
create function manages(member uuid) returns boolean language sql stable security definer set search_path = pg_catalog, public as
$$ select exists (select from memberships m where m.workspace_id = current_workspace_id() and m.member_id = $1
    and m.status = 'active' and m.role in ('owner', 'admin', 'manager')) $$;
revoke execute on function manages(uuid) from public;
grant execute on function manages(uuid) to rapport_tenant;

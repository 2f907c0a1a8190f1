-- One round trip for the date of the last contact.
set lock_timeout = '2s';

-- Recomputes last_contacted of these contacts (INT-01): the latest completed interaction that is not in the future, private
-- ones of other members included. The row locks serialise concurrent transactions, so the later one sees both interactions.
create function update_last_contacted(people uuid[]) returns void language plpgsql volatile
set search_path = pg_catalog, public set app.sees_all = 'yes' as $$
declare
    here constant uuid := current_workspace_id();
begin
    perform from contacts where workspace_id = here and id = any (people) order by id for no key update;
    update contacts c set last_contacted = (
        select max(i.occurred_at) from interactions i
        where i.workspace_id = here and i.contact_id = c.id and i.status = 'done' and i.occurred_at <= now() and i.deleted_at is null)
    where c.workspace_id = here and c.id = any (people);
end $$;

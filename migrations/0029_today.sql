-- Indexes of Today: rows of one owner in the order that Today shows them. Nobody is an owner like any other (see contacts_priority).
set lock_timeout = '2s';

-- Month and day of the birthday, such as 1224. A stored column, since row-level security keeps conditions on functions that are
-- not leakproof, such as extract(), out of an index scan.
alter table contacts add column birthday_key integer
    generated always as ((extract(month from birthday) * 100 + extract(day from birthday))::int) stored;
drop index contacts_birthday;
create index contacts_birthday on contacts (workspace_id, birthday_key) where birthday is not null and deleted_at is null;

drop index contacts_cadence;
create index contacts_cadence on contacts (workspace_id, (case when owner_id is null then '00000000-0000-0000-0000-000000000000'::uuid else owner_id end), last_contacted nulls first, id)
    where meeting_cadence > 0 and deleted_at is null;
create index contacts_follow_up_owner on contacts (workspace_id, (case when owner_id is null then '00000000-0000-0000-0000-000000000000'::uuid else owner_id end), next_follow_up, id)
    where next_follow_up is not null and deleted_at is null;
create index deals_next_action_owner on deals (workspace_id, (case when owner_id is null then '00000000-0000-0000-0000-000000000000'::uuid else owner_id end), next_action_date, id)
    where status = 'open' and deleted_at is null and next_action_date is not null;
drop index interactions_follow_up;
create index interactions_follow_up on interactions (workspace_id, follow_up_date, owner_id) where follow_up_required and deleted_at is null;

-- Indexes of Today that lead with the owner, for ordered scans per owner. The nil UUID is the sentinel for records without an owner
-- (see contacts_priority).
set lock_timeout = '2s';

-- Month and day of the birthday, such as 1224. A generated column, because under row-level security a condition on a function that is
-- not leakproof, such as extract(), is no index condition.
alter table contacts add column birthday_key integer
    generated always as ((extract(month from birthday) * 100 + extract(day from birthday))::int) stored;
drop index contacts_birthday;
create index contacts_birthday on contacts (workspace_id, birthday_key) where birthday is not null and deleted_at is null;

drop index contacts_cadence;
create index contacts_cadence on contacts (workspace_id, (case when owner_id is null then '00000000-0000-0000-0000-000000000000'::uuid else owner_id end), last_contacted nulls first, id)
    where meeting_cadence > 0 and deleted_at is null;
create index contacts_follow_up_owner on contacts (workspace_id, (case when owner_id is null then '00000000-0000-0000-0000-000000000000'::uuid else owner_id end), next_follow_up, id)
    where next_follow_up is not null and deleted_at is null;
drop index deals_next_action;
create index deals_next_action on deals (workspace_id, (case when owner_id is null then '00000000-0000-0000-0000-000000000000'::uuid else owner_id end), next_action_date, id)
    where status = 'open' and deleted_at is null and next_action_date is not null;
drop index interactions_follow_up;
create index interactions_follow_up on interactions (workspace_id, follow_up_date, owner_id) where follow_up_required and deleted_at is null;

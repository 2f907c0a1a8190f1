-- Backups on a schedule, and reminders under keys of their workspace.
set lock_timeout = '2s';

-- When the last backup was made on schedule, and what became of the last that was not. Of the installation, in one row: a
-- backup holds all workspaces, and several servers on one database make one together. The row comes with the first attempt:
-- a restore fills empty tables.
create table backup_state (
    one boolean primary key default true check (one),
    made_at timestamptz,
    -- Path on the server that made it.
    file text,
    failed_at timestamptz,
    failure text,
    -- When owners and admins were last told of a failure.
    told_at timestamptz
);

-- Jobs had the id of the task alone as their key, so that another workspace's task of the same id took the job away; and a
-- restored database had no jobs at all. What should remind and has not is asked for again: told once, however often asked.
-- The owner of the tables reads all workspaces here, whoever that is.
alter table tasks no force row level security;
insert into outbox (id, workspace_id, entity, entity_id, version, verb, run_at)
select gen_random_uuid(), workspace_id, 'task', id, 0, 'fire_reminder', reminds_at from tasks
where reminds_at is not null and reminded_at is null and completed_at is null and deleted_at is null;
alter table tasks force row level security;

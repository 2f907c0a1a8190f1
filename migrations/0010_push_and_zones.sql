-- Days where somebody is, and telling them although no page of theirs is open.
set lock_timeout = '2s';

-- The zone of whoever asks: their own, else the workspace's. `(select my_time_zone())` is asked once in a statement.
create function my_time_zone() returns text language sql stable parallel safe as
$$ select coalesce(
    (select time_zone from members where workspace_id = current_workspace_id() and id = current_member_id()),
    (select time_zone from workspaces where id = current_workspace_id()),
    'UTC') $$;

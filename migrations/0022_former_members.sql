-- When a member left or was removed. Former members stay in the history; nobody chooses them as owner, and they are not
-- mistaken for the placeholders of an import.
alter table members add column left_at timestamptz;
update members m set left_at = now() from memberships s
where s.workspace_id = m.workspace_id and s.member_id = m.id and s.status = 'revoked' and m.user_id is null;

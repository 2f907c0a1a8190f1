-- Whose team hears of a change besides `visible_to`: a record that only a team sees is not told to the rest of the workspace.
set lock_timeout = '2s';
alter table outbox add column visible_team uuid;

-- Team that receives the live message besides `visible_to`, so that team-visible records are not sent to the whole workspace.
set lock_timeout = '2s';
alter table outbox add column visible_team uuid;

-- Whether a row's visibility came from the record it is about (true), or was chosen for the row itself (false). Only an
-- inherited visibility is widened again with the record. Rows from before are taken as chosen: they stay as tight as they are.
set lock_timeout = '2s';
alter table interactions add column visibility_inherited boolean not null default false;
alter table tasks add column visibility_inherited boolean not null default false;
alter table notes add column visibility_inherited boolean not null default false;

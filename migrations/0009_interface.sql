-- What the interface knows of a workspace and its stages.
set lock_timeout = '2s';

-- The start that was chosen: it says which pages stand in the tab bar of the phone.
alter table workspaces add column template text not null default 'sales' check (template in ('sales', 'lead_sourcing', 'job_search', 'networking'));
-- Without a superuser the policy would show no pipeline at all.
alter table pipelines no force row level security;
update workspaces w set template = coalesce((select case p.kind when 'custom' then 'networking' else p.kind end
    from pipelines p where p.workspace_id = w.id and p.deleted_at is null and p.kind in ('sales', 'lead_sourcing', 'job_search', 'custom')
    order by p.created_at limit 1), 'sales');
alter table pipelines force row level security;

-- The workspace's own picture: PNG, JPEG or WebP of at most 256 kB, shown as it is.
alter table workspaces add column logo bytea check (octet_length(logo) <= 262144);
alter table workspaces add column logo_type text check (logo_type in ('image/png', 'image/jpeg', 'image/webp'));
-- Of the picture, so that a browser knows a new one.
alter table workspaces add column logo_hash text;

-- How many deals a stage should hold at most; more is said, not forbidden.
alter table stages add column wip_limit integer check (wip_limit between 1 and 100000);
-- Fields of a deal that must be filled in before it goes into the stage.
alter table stages add column required_fields text[];

-- Imports: the uploaded file in parts, its progress (committed with each batch, so a killed import goes on where it
-- was), and what was found wrong, row by row.
set lock_timeout = '2s';

create table imports (
    workspace_id uuid not null default current_workspace_id() references workspaces (id),
    id uuid not null,
    version bigint not null default 1,
    file_name text not null,
    file_bytes bigint not null default 0,
    kind text not null check (kind in ('contacts', 'companies', 'products', 'members', 'deals')),
    -- draft → ready → queued → running → done | failed; done → undone.
    status text not null default 'draft' check (status in ('draft', 'queued', 'running', 'done', 'failed', 'undone')),
    delimiter text not null default ',',
    encoding text not null default 'utf-8',
    mapping jsonb not null default '[]',
    options jsonb not null default '{}',
    rows_total bigint not null default 0,
    rows_done bigint not null default 0,
    created_count bigint not null default 0,
    matched_count bigint not null default 0,
    failed_count bigint not null default 0,
    error text,
    created_by uuid not null,
    created_at timestamptz not null default now(),
    finished_at timestamptz,
    primary key (workspace_id, id)
);
call enable_tenant_rls('imports');

create table import_parts (
    workspace_id uuid not null default current_workspace_id() references workspaces (id),
    import_id uuid not null,
    part integer not null,
    bytes bytea not null,
    primary key (workspace_id, import_id, part)
);
call enable_tenant_rls('import_parts');

create table import_findings (
    workspace_id uuid not null default current_workspace_id() references workspaces (id),
    import_id uuid not null,
    row_number bigint not null,
    field text not null,
    code text not null,
    message text not null,
    -- `error`: the row was not taken; `warning`: it was, with a guess that somebody should see.
    severity text not null check (severity in ('error', 'warning')),
    cells jsonb not null default '[]',
    primary key (workspace_id, import_id, row_number, field, code)
);
call enable_tenant_rls('import_findings');

-- What the import made, with the version it left it at: undo removes exactly these, unless somebody changed them.
create table import_records (
    workspace_id uuid not null default current_workspace_id() references workspaces (id),
    import_id uuid not null,
    entity text not null,
    record_id uuid not null,
    primary key (workspace_id, import_id, entity, record_id)
);
call enable_tenant_rls('import_records');

alter table import_parts add constraint import_parts_import foreign key (workspace_id, import_id) references imports (workspace_id, id) on delete cascade;
alter table import_findings add constraint import_findings_import foreign key (workspace_id, import_id) references imports (workspace_id, id) on delete cascade;
alter table import_records add constraint import_records_import foreign key (workspace_id, import_id) references imports (workspace_id, id) on delete cascade;

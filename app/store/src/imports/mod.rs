//! The life of an import: upload in parts, mapping, progress, findings, and taking it back.

pub(crate) mod apply;
pub(crate) mod files;
mod findings;
pub(crate) mod job;
pub(crate) mod keys;
pub(crate) mod put_back;
pub(crate) mod redo;
pub(crate) mod retention;
pub(crate) mod sample;
pub(crate) mod undo;

use crate::{
    Actor, Conflict, Database, StoreError, TenantTx,
    door::ledger,
    imports::files::{open_file, refuse_foreign},
    rights,
};
use chrono::{DateTime, Utc};
use domain::{
    CommandId, EntityKind, EventId, ImportId, MemberId, Permission, WorkspaceId,
    imports::{ColumnMapping, FindingView, ImportKind, ImportOptions, ImportView},
};
pub use findings::Finding;
pub(crate) use findings::save_findings;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

/// Most findings shown with an import; the file of failed rows has them all.
const SHOWN_FINDINGS: i64 = 200;

/// What is known of a file before its columns are settled.
#[derive(Clone, Debug)]
pub struct NewImport {
    pub file_name: String,
    pub kind: ImportKind,
    pub delimiter: u8,
    pub encoding: String,
    pub mapping: Vec<ColumnMapping>,
    pub rows_total: i64,
    pub file_bytes: i64,
}

/// An import as its worker needs it.
#[derive(Clone, Debug)]
pub struct Import {
    pub id: ImportId,
    pub file_name: String,
    pub kind: ImportKind,
    pub status: String,
    pub delimiter: u8,
    pub encoding: String,
    pub mapping: Vec<ColumnMapping>,
    pub options: ImportOptions,
    pub rows_done: i64,
}

/// One line of the list of imports.
pub type ImportSummary = ImportView;

type Row = (ImportId, String, String, String, String, String, Value, i64, i64, i64, i64, i64, Option<String>, DateTime<Utc>, Value, MemberId);
const COLUMNS: &str = "id, file_name, kind, status, delimiter, encoding, mapping, rows_total, rows_done, created_count, matched_count, failed_count, error, created_at, options, import_maker(created_by, created_at)";

fn view(tx: &TenantTx, row: Row, findings: Vec<FindingView>) -> Option<ImportView> {
    let mut mapping: Vec<ColumnMapping> = serde_json::from_value(row.6).unwrap_or_default();
    // A draft may hold private rows until its maker says what its columns mean.
    let closed = row.15 != tx.actor.member
        && (row.3 == "draft" && !tx.actor.role.allows(Permission::TakeBack) || mapping.iter().any(|c| c.target == "visibility"));
    if closed {
        mapping.iter_mut().for_each(|c| c.samples.clear());
    }
    Some(ImportView {
        id: row.0,
        file_name: row.1,
        kind: ImportKind::from_code(&row.2)?,
        status: row.3,
        mapping,
        options: serde_json::from_value(row.14).unwrap_or_default(),
        rows_total: row.7,
        rows_done: row.8,
        created: row.9,
        matched: row.10,
        failed: row.11,
        error: row.12,
        created_at: row.13,
        findings: if closed { Vec::new() } else { findings },
        may_undo: rights::refuse_others(tx, row.15).is_ok(),
        undone_by: None,
    })
}

impl Database {
    /// Creates an import for a file whose parts will follow; its name is cut to 200 characters.
    /// # Errors
    /// `Denied`: the actor may not import. `Ended`: the sign-in has ended. `Database`.
    pub async fn create_import(&self, actor: &Actor, file_name: &str) -> Result<ImportId, StoreError> {
        let mut tx = self.begin_write(actor, Permission::Import).await?;
        let id = ImportId::new();
        let name: String = file_name.chars().filter(|c| !c.is_control()).take(200).collect();
        let (workspace, member) = (tx.workspace(), tx.actor.member);
        sqlx::query("insert into imports (workspace_id, id, file_name, kind, created_by) values ($1, $2, $3, 'contacts', $4)")
            .bind(workspace)
            .bind(id)
            .bind(name)
            .bind(member)
            .execute(tx.conn())
            .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Describes the file of a draft: kind of record, format, columns.
    /// # Errors
    /// `Denied`, `Ended`, `NotFound`; `Forbidden`: another member uploaded it. `Conflict`: it is no draft any more. `Database`.
    pub async fn describe_import(&self, actor: &Actor, import: ImportId, new: &NewImport) -> Result<(), StoreError> {
        let mut tx = self.begin_write(actor, Permission::Import).await?;
        refuse_foreign(&mut tx, import).await?;
        let workspace = tx.workspace();
        let done = sqlx::query(
            "update imports set kind = $3, delimiter = $4, encoding = $5, mapping = $6, rows_total = $7, file_bytes = $8
             where workspace_id = $1 and id = $2 and status = 'draft'",
        )
        .bind(workspace)
        .bind(import)
        .bind(new.kind.code())
        .bind(char::from(new.delimiter).to_string())
        .bind(&new.encoding)
        .bind(json!(new.mapping))
        .bind(new.rows_total)
        .bind(new.file_bytes)
        .execute(tx.conn())
        .await?;
        if done.rows_affected() == 0 {
            return Err(Conflict::State("This import has started already.".into()).into());
        }
        tx.commit().await
    }

    /// Sets the member's decisions about a draft.
    /// # Errors
    /// Those of [`Database::describe_import`]; `Invalid`: too many or too long names of products.
    pub async fn set_import_options(&self, actor: &Actor, import: ImportId, options: &ImportOptions) -> Result<(), StoreError> {
        let mut tx = self.begin_write(actor, Permission::Import).await?;
        refuse_foreign(&mut tx, import).await?;
        write_options(&mut tx, import, options).await?;
        tx.commit().await
    }

    /// Queues the import for the worker.
    /// # Errors
    /// Those of [`Database::start_import_as`] without options and key.
    pub async fn start_import(&self, actor: &Actor, import: ImportId) -> Result<(), StoreError> {
        self.start_import_as(actor, import, None, None).await
    }

    /// Sets the options of a draft and queues the import for the worker, all or nothing; under a key and the hash of the request
    /// only once.
    /// # Errors
    /// Those of [`Database::set_import_options`]; `Denied` also for kinds the actor may not create, `Conflict` for a used key.
    pub async fn start_import_as(
        &self,
        actor: &Actor,
        import: ImportId,
        options: Option<&ImportOptions>,
        once: Option<(CommandId, &[u8])>,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin_write(actor, Permission::Import).await?;
        refuse_foreign(&mut tx, import).await?;
        let (workspace, member) = (tx.workspace(), tx.actor.member);
        let text = format!("select {} from imports where workspace_id = $1 and id = $2", open_file(&tx, "$3"));
        let open: Option<bool> = sqlx::query_scalar(AssertSqlSafe(text)).bind(workspace).bind(import).bind(member).fetch_optional(tx.conn()).await?;
        if open == Some(false) {
            // It runs as the member who starts it, who would read the file.
            return Err(StoreError::Forbidden("Only the member who brought this file can start it: it may hold private rows.".into()));
        }
        rights::refuse_making(&mut tx, import).await?;
        if let Some((key, body_hash)) = once
            && ledger::claim(&mut tx, key, body_hash, json!({"import": import})).await?.is_some()
        {
            return Ok(());
        }
        if let Some(options) = options {
            write_options(&mut tx, import, options).await?;
        }
        let done = sqlx::query(
            "update imports set status = 'queued', error = null where workspace_id = $1 and id = $2 and status in ('draft', 'failed')
                and exists (select from import_parts p where p.workspace_id = $1 and p.import_id = $2)",
        )
        .bind(workspace)
        .bind(import)
        .execute(tx.conn())
        .await?;
        if done.rows_affected() == 0 {
            return Err(Conflict::State("This import has started already.".into()).into());
        }
        sqlx::query(
            "insert into outbox (id, workspace_id, entity, entity_id, version, verb, visible_to) values ($1, $2, 'import', $3, 1, 'run_import', $4)",
        )
        .bind(Uuid::now_v7())
        .bind(workspace)
        .bind(import)
        .bind(member)
        .execute(tx.conn())
        .await?;
        tx.commit().await?;
        self.hub.wake();
        Ok(())
    }

    /// The actor an import runs as: the member who started it; `None` if their membership has ended.
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn import_actor(&self, workspace: WorkspaceId, import: ImportId) -> Result<Option<Actor>, StoreError> {
        // The outbox row of its start names the maker; the import itself is behind the tenant's policy.
        let user: Option<domain::UserId> = sqlx::query_scalar(
            "select m.user_id from outbox o join memberships m on m.workspace_id = o.workspace_id and m.member_id = o.visible_to
             where o.workspace_id = $1 and o.entity_id = $2 and o.verb = 'run_import' order by o.id desc limit 1",
        )
        .bind(workspace)
        .bind(import)
        .fetch_optional(&self.pool)
        .await?;
        match user {
            Some(user) => self.actor(user, workspace, domain::Surface::Import).await,
            None => Ok(None),
        }
    }

    /// Marks an import as running and returns it; `None` if it is neither queued nor running.
    /// # Errors
    /// `Denied`: the actor may not import. `Ended`: the sign-in has ended. `Database`.
    pub async fn take_import(&self, actor: &Actor, import: ImportId) -> Result<Option<Import>, StoreError> {
        let mut tx = self.begin_write(actor, Permission::Import).await?;
        let workspace = tx.workspace();
        let text = format!(
            "update imports set status = 'running' where workspace_id = $1 and id = $2 and status in ('queued', 'running') returning {COLUMNS}"
        );
        let row: Option<Row> = sqlx::query_as(AssertSqlSafe(text)).bind(workspace).bind(import).fetch_optional(tx.conn()).await?;
        tx.commit().await?;
        Ok(row.and_then(|r| {
            Some(Import {
                id: r.0,
                file_name: r.1.clone(),
                kind: ImportKind::from_code(&r.2)?,
                status: r.3,
                delimiter: r.4.bytes().next().unwrap_or(b','),
                encoding: r.5,
                mapping: serde_json::from_value(r.6).unwrap_or_default(),
                options: serde_json::from_value(r.14).unwrap_or_default(),
                rows_done: r.8,
            })
        }))
    }

    /// Ends an import that is queued or running; `error`: why it failed.
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn finish_import(&self, workspace: WorkspaceId, import: ImportId, error: Option<&str>) -> Result<(), StoreError> {
        let mut tx = self.begin_system(workspace).await?;
        sqlx::query(
            "update imports set status = case when $3::text is null then 'done' else 'failed' end, error = $3, finished_at = now(),
                rows_total = case when $3::text is null then rows_done else rows_total end
             where workspace_id = $1 and id = $2 and status in ('queued', 'running')",
        )
        .bind(workspace)
        .bind(import)
        .bind(error)
        .execute(tx.conn())
        .await?;
        if error.is_none() {
            retention::delete_parts(&mut tx, import).await?;
        }
        tx.commit().await?;
        self.renew_statistics().await;
        Ok(())
    }

    /// The planner knows nothing of so many new rows until autovacuum comes by: till then lists cost a hundred times more, and
    /// the checks of an import's own foreign keys walk whole tables.
    pub async fn renew_statistics(&self) {
        let analyzed =
            sqlx::query("analyze companies, contacts, contact_emails, contact_phones, deals, deal_contacts, deal_stage_history, external_ids")
                .execute(&self.pool)
                .await;
        if let Err(e) = analyzed {
            tracing::warn!(error = %e, "the planner's statistics could not be renewed after an import");
        }
    }

    /// One import with its first 200 findings, which are left out for files that the actor may not read.
    /// # Errors
    /// `Denied`: the actor may not import. `NotFound`: the import does not exist. `Database`.
    pub async fn import_view(&self, actor: &Actor, import: ImportId) -> Result<ImportView, StoreError> {
        let mut tx = self.begin(actor, Permission::Import).await?;
        let workspace = tx.workspace();
        let text = format!("select {COLUMNS} from imports where workspace_id = $1 and id = $2");
        let row: Option<Row> = sqlx::query_as(AssertSqlSafe(text)).bind(workspace).bind(import).fetch_optional(tx.conn()).await?;
        let row = row.ok_or(StoreError::NotFound)?;
        let findings: Vec<(i64, String, String, String)> = sqlx::query_as(
            "select row_number, field, message, severity from import_findings where workspace_id = $1 and import_id = $2
             order by severity, row_number limit $3",
        )
        .bind(workspace)
        .bind(import)
        .bind(SHOWN_FINDINGS)
        .fetch_all(tx.conn())
        .await?;
        let findings = findings
            .into_iter()
            .map(|(row_number, field, message, severity)| FindingView { row_number, field, message, severity, suggestion: None })
            .collect();
        let undone_by: Option<EventId> = sqlx::query_scalar(
            "select id from events where workspace_id = $1 and entity_id = $2 and verb = 'import_undone' and undone_by is null
                and recorded_at > now() - interval '30 days' order by id desc limit 1",
        )
        .bind(workspace)
        .bind(import)
        .fetch_optional(tx.conn())
        .await?;
        let view = view(&tx, row, findings).ok_or(StoreError::NotFound)?;
        Ok(ImportView { undone_by, ..view })
    }

    /// The newest 20 imports.
    /// # Errors
    /// `Denied`: the actor may not import. `Database`.
    pub async fn import_list(&self, actor: &Actor) -> Result<Vec<ImportSummary>, StoreError> {
        let mut tx = self.begin(actor, Permission::Import).await?;
        let workspace = tx.workspace();
        let text = format!("select {COLUMNS} from imports where workspace_id = $1 order by id desc limit 20");
        let rows: Vec<Row> = sqlx::query_as(AssertSqlSafe(text)).bind(workspace).fetch_all(tx.conn()).await?;
        Ok(rows.into_iter().filter_map(|r| view(&tx, r, Vec::new())).collect())
    }

    /// Names of a reference kind, at most 5,000, for suggestions in the dry run.
    /// # Errors
    /// `Denied`: the actor may not import. `Database`.
    pub async fn names(&self, actor: &Actor, kind: EntityKind) -> Result<Vec<String>, StoreError> {
        let mut tx = self.begin(actor, Permission::Import).await?;
        let rows = crate::records::reads::options(&mut tx, kind, "", 5000).await?;
        Ok(rows.into_iter().map(|r| r.1).collect())
    }
}

async fn write_options(tx: &mut TenantTx, import: ImportId, options: &ImportOptions) -> Result<(), StoreError> {
    if options.products.len() > 1_000 || options.products.iter().any(|(a, b)| a.chars().count() > 200 || b.chars().count() > 200) {
        return Err(domain::Invalid::one("products", "too_long", "At most 1,000 names of at most 200 characters each.").into());
    }
    let done = sqlx::query("update imports set options = $3 where workspace_id = $1 and id = $2 and status = 'draft'")
        .bind(tx.workspace())
        .bind(import)
        .bind(json!(options))
        .execute(tx.conn())
        .await?;
    if done.rows_affected() == 0 {
        return Err(Conflict::State("This import has started already.".into()).into());
    }
    Ok(())
}

impl Database {
    /// Delimiter and encoding of an import's file.
    /// # Errors
    /// `Denied`: the actor may not import. `NotFound`: the import does not exist. `Database`.
    pub async fn import_shape(&self, actor: &Actor, import: ImportId) -> Result<(u8, String), StoreError> {
        let mut tx = self.begin(actor, Permission::Import).await?;
        let workspace = tx.workspace();
        let row: Option<(String, String)> = sqlx::query_as("select delimiter, encoding from imports where workspace_id = $1 and id = $2")
            .bind(workspace)
            .bind(import)
            .fetch_optional(tx.conn())
            .await?;
        let (delimiter, encoding) = row.ok_or(StoreError::NotFound)?;
        Ok((delimiter.bytes().next().unwrap_or(b','), encoding))
    }
}

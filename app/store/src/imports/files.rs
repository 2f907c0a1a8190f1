//! The bytes of a file that is brought, in parts, and its rows that were not taken. What may hold private rows is for the member
//! who brought it.

use crate::{Actor, Database, StoreError, TenantTx};
use domain::{ImportId, MemberId, Permission};
use serde_json::Value;
use sqlx::AssertSqlSafe;

/// Imports that the reader (`{me}`) may look into: their own, and those of files whose rows are everybody's. A file with a
/// column for who sees a row may hold private ones, and until its maker, or who may settle it for them, says what its columns
/// mean, any file may.
pub(crate) fn open_file(tx: &TenantTx, me: &str) -> String {
    let settled = if tx.actor.role.allows(Permission::TakeBack) { "true" } else { "status <> 'draft'" };
    format!(
        "(import_maker(created_by, created_at) = {me} or {settled} and not exists (select from jsonb_array_elements(mapping) c where c ->> 'target' = 'visibility'))"
    )
}

impl Database {
    /// Stores one part of an import's file; parts count from 0.
    ///
    /// # Errors
    /// `Denied`: the actor may not import. `Ended`: the sign-in has ended. `Database`, also when the import does not exist or has
    /// this part.
    pub async fn add_import_part(&self, actor: &Actor, import: ImportId, part: i32, bytes: &[u8]) -> Result<(), StoreError> {
        let mut tx = self.begin_write(actor, Permission::Import).await?;
        let workspace = tx.workspace();
        sqlx::query("insert into import_parts (workspace_id, import_id, part, bytes) values ($1, $2, $3, $4)")
            .bind(workspace)
            .bind(import)
            .bind(part)
            .bind(bytes)
            .execute(tx.conn())
            .await?;
        tx.commit().await
    }

    /// Bytes of one part of an import's file; `None` after the last, and for files that the actor may not read.
    ///
    /// # Errors
    /// `Denied`: the actor may not import. `Database`.
    pub async fn import_part(&self, actor: &Actor, import: ImportId, part: i32) -> Result<Option<Vec<u8>>, StoreError> {
        let mut tx = self.begin(actor, Permission::Import).await?;
        let (workspace, me) = (tx.workspace(), tx.actor.member);
        let text = format!(
            "select bytes from import_parts p where workspace_id = $1 and import_id = $2 and part = $3
                and exists (select from imports i where i.workspace_id = p.workspace_id and i.id = p.import_id and {})",
            open_file(&tx, "$4")
        );
        Ok(sqlx::query_scalar(AssertSqlSafe(text)).bind(workspace).bind(import).bind(part).bind(me).fetch_optional(tx.conn()).await?)
    }

    /// Refuses actors who may not say what the columns of a draft mean, before any of its file is read.
    ///
    /// # Errors
    /// `Denied`: the actor may not import. `NotFound`: the import does not exist. `Forbidden`: another member uploaded it.
    /// `Database`.
    pub async fn refuse_settling(&self, actor: &Actor, import: ImportId) -> Result<(), StoreError> {
        let mut tx = self.begin(actor, Permission::Import).await?;
        refuse_foreign(&mut tx, import).await
    }

    /// Rows after `after_row` that were not taken: number, reasons, cells; at most 5,000, none of files that the actor may not
    /// read.
    ///
    /// # Errors
    /// `Denied`: the actor may not import. `Database`.
    pub async fn failed_rows(&self, actor: &Actor, import: ImportId, after_row: i64) -> Result<Vec<(i64, String, Vec<String>)>, StoreError> {
        let mut tx = self.begin(actor, Permission::Import).await?;
        let (workspace, me) = (tx.workspace(), tx.actor.member);
        let text = format!(
            "select row_number, string_agg(field || ': ' || message, '; ' order by field), (array_agg(cells))[1]
             from import_findings f where workspace_id = $1 and import_id = $2 and severity = 'error' and row_number > $3
                and exists (select from imports i where i.workspace_id = f.workspace_id and i.id = f.import_id and {})
             group by row_number order by row_number limit 5000",
            open_file(&tx, "$4")
        );
        let rows: Vec<(i64, String, Value)> =
            sqlx::query_as(AssertSqlSafe(text)).bind(workspace).bind(import).bind(after_row).bind(me).fetch_all(tx.conn()).await?;
        Ok(rows.into_iter().map(|(n, why, cells)| (n, why, serde_json::from_value(cells).unwrap_or_default())).collect())
    }
}

/// Refuses a draft to members other than its uploader, managers and admins.
pub(crate) async fn refuse_foreign(tx: &mut TenantTx, import: ImportId) -> Result<(), StoreError> {
    let maker: Option<MemberId> = sqlx::query_scalar("select import_maker(created_by, created_at) from imports where workspace_id = $1 and id = $2")
        .bind(tx.workspace())
        .bind(import)
        .fetch_optional(tx.conn())
        .await?;
    let maker = maker.ok_or(StoreError::NotFound)?;
    match maker == tx.actor.member || tx.actor.role.allows(Permission::TakeBack) {
        true => Ok(()),
        false => Err(StoreError::Forbidden("Only the member who uploaded this file, a manager or an admin can do this.".into())),
    }
}

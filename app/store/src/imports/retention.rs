//! How long the file of an import, its samples and its findings stay: they hold people who may have asked to be forgotten.

use crate::{Actor, Database, StoreError, TenantTx};
use domain::{ImportId, Permission};

/// A draft that was never started is deleted after this long.
const DRAFTS: &str = "interval '7 days'";
/// What a finished import still holds of its file is deleted after this long, when it cannot be taken back any more either.
const FINISHED: &str = "interval '30 days'";

impl Database {
    /// Deletes a draft with its file, which was refused or did not arrive whole. An import that was started stays.
    ///
    /// # Errors
    /// `Denied`: the actor may not import. `Database`.
    pub async fn discard_import(&self, actor: &Actor, import: ImportId) -> Result<(), StoreError> {
        let mut tx = self.begin(actor, Permission::Import).await?;
        delete_draft(&mut tx, import).await?;
        tx.commit().await
    }
}

/// Deletes a draft; its parts and findings go with it by their foreign keys.
pub(crate) async fn delete_draft(tx: &mut TenantTx, import: ImportId) -> Result<(), StoreError> {
    let workspace = tx.workspace();
    sqlx::query("delete from imports where workspace_id = $1 and id = $2 and status = 'draft'")
        .bind(workspace)
        .bind(import)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Deletes the uploaded file of an import that has read all of it.
pub(crate) async fn delete_parts(tx: &mut TenantTx, import: ImportId) -> Result<(), StoreError> {
    let workspace = tx.workspace();
    sqlx::query("delete from import_parts where workspace_id = $1 and import_id = $2").bind(workspace).bind(import).execute(tx.conn()).await?;
    Ok(())
}

/// Part of the nightly purge of a workspace.
pub(crate) async fn purge(tx: &mut TenantTx) -> Result<(), StoreError> {
    let workspace = tx.workspace();
    let ended = format!(
        "select id from imports where workspace_id = $1 and status in ('done', 'failed', 'undone')
         and coalesce(finished_at, created_at) < now() - {FINISHED}"
    );
    let statements = [
        format!("delete from imports where workspace_id = $1 and status = 'draft' and created_at < now() - {DRAFTS}"),
        // A file whose every row was read is of no more use, whatever became of its import.
        "delete from import_parts where workspace_id = $1 and import_id in
            (select id from imports where workspace_id = $1 and status in ('done', 'undone'))"
            .to_owned(),
        format!("delete from import_parts where workspace_id = $1 and import_id in ({ended})"),
        format!("delete from import_findings where workspace_id = $1 and import_id in ({ended})"),
        format!(
            "update imports set mapping = (select coalesce(jsonb_agg(jsonb_set(m, '{{samples}}', '[]')), '[]') from jsonb_array_elements(mapping) m)
             where workspace_id = $1 and id in ({ended}) and jsonb_path_exists(mapping, '$[*].samples[*]')"
        ),
    ];
    for text in statements {
        sqlx::query(sqlx::AssertSqlSafe(text)).bind(workspace).execute(tx.conn()).await?;
    }
    Ok(())
}

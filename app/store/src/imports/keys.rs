//! Uploads under an idempotency key: the same file sent again is the same import.

use crate::{Actor, Database, StoreError, door::ledger, imports::retention};
use domain::{CommandId, ImportId, Permission};
use serde_json::json;

impl Database {
    /// Makes uploads idempotent: returns `import` for the first one under `key`; for a repetition deletes `import` and returns
    /// the first. `body_hash`: hash of the upload.
    ///
    /// # Errors
    /// `Denied`: the actor may not import. `Ended`: the sign-in has ended. `Conflict`: the key was used for another request;
    /// `import` is deleted. `Database`.
    pub async fn keep_first_import(&self, actor: &Actor, import: ImportId, key: CommandId, body_hash: &[u8]) -> Result<ImportId, StoreError> {
        let mut tx = self.begin_write(actor, Permission::Import).await?;
        let first = ledger::claim(&mut tx, key, body_hash, json!({"import": import})).await;
        if let Ok(None) = first {
            tx.commit().await?;
            return Ok(import);
        }
        if let Err(failed @ StoreError::Database(_)) = first {
            // The transaction is aborted; a statement in it would hide the cause.
            return Err(failed);
        }
        retention::delete_draft(&mut tx, import).await?;
        tx.commit().await?;
        let first = first?.and_then(|outcome| serde_json::from_value(outcome["import"].clone()).ok());
        first.ok_or(StoreError::NotFound)
    }
}

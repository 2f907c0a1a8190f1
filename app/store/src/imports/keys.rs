//! Uploads under an idempotency key: the same file sent again is the same import.

use crate::{Actor, Database, StoreError, door::ledger, imports::retention};
use domain::{CommandId, ImportId, Permission};
use serde_json::json;

impl Database {
    /// Keeps one import of a request that was sent several times under one key: `import` the first time, later the first one,
    /// and `import` goes again. `body_hash` says what was sent.
    pub async fn keep_first_import(&self, actor: &Actor, import: ImportId, key: CommandId, body_hash: &[u8]) -> Result<ImportId, StoreError> {
        let mut tx = self.begin_write(actor, Permission::Import).await?;
        let first = ledger::claim(&mut tx, key, body_hash, json!({"import": import})).await;
        if let Ok(None) = first {
            tx.commit().await?;
            return Ok(import);
        }
        retention::delete_draft(&mut tx, import).await?;
        tx.commit().await?;
        let first = first?.and_then(|outcome| serde_json::from_value(outcome["import"].clone()).ok());
        first.ok_or(StoreError::NotFound)
    }
}

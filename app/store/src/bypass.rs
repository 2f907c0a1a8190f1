//! Bypass of the visibility policy.

use crate::{StoreError, TenantTx};

/// Turns the visibility policy off or on for the rest of the transaction; returns whether it was off.
///
/// # Errors
/// Database errors.
pub(crate) async fn visibility(tx: &mut TenantTx, all: bool) -> Result<bool, StoreError> {
    let (before, _): (Option<String>, String) = sqlx::query_as("select current_setting('app.sees_all', true), set_config('app.sees_all', $1, true)")
        .bind(if all { "yes" } else { "" })
        .fetch_one(tx.conn())
        .await?;
    tx.bypasses_visibility = all;
    Ok(before.as_deref() == Some("yes"))
}

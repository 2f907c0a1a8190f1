//! Restricts the deletion of records that others refer to.

use crate::{
    Conflict, StoreError, TenantTx, bypass,
    records::{hooks, references::pointers},
};
use domain::{EntityKind, fields::OnDelete};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

/// Refuses the deletion of a record that restricting references point at (SPEC C-40), or that its slice needs.
pub(crate) async fn refuse(tx: &mut TenantTx, kind: EntityKind, id: Uuid) -> Result<(), StoreError> {
    let restricting: Vec<(EntityKind, &str)> =
        pointers(kind).filter(|p| p.on_delete == OnDelete::Restrict).filter_map(|p| Some((p.kind, p.column?))).collect();
    let needed = hooks::needed(kind);
    if restricting.is_empty() && needed.is_none() {
        return Ok(());
    }
    let count = |(kind, column): &(EntityKind, &str)| {
        format!("(select count(*) from {} where workspace_id = $1 and {column} = $2 and deleted_at is null)", kind.plural())
    };
    let mut counts: Vec<String> = restricting.iter().map(count).collect();
    counts.extend(
        needed.map(|(condition, _)| format!("(select count(*) from {} t where t.workspace_id = $1 and t.id = $2 and ({condition}))", kind.plural())),
    );
    // Private records of other members count too.
    let before = bypass::visibility(tx, true).await?;
    let text = format!("select {}", counts.join(" + "));
    let used: i64 = sqlx::query_scalar(AssertSqlSafe(text)).bind(tx.workspace()).bind(id).fetch_one(tx.conn()).await?;
    bypass::visibility(tx, before).await?;
    if used > 0 {
        let by = needed.map(|n| n.1).or(restricting.first().map(|(kind, _)| kind.plural())).unwrap_or_default();
        return Err(Conflict::InUse(format!("This {} is in use by {by} ({used}). Move them first.", kind.noun())).into());
    }
    Ok(())
}

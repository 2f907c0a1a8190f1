//! Restricts the deletion of setup that records refer to.

use crate::{Conflict, StoreError, TenantTx, bypass, records::references::pointers};
use domain::EntityKind;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

/// Refuses to delete stages and pipelines with deals, and members who own records or sign in (SPEC C-40: stage in use → restrict).
pub(crate) async fn refuse(tx: &mut TenantTx, kind: EntityKind, id: Uuid) -> Result<(), StoreError> {
    let count =
        |table: &str, column: &str| format!("(select count(*) from {table} where workspace_id = $1 and {column} = $2 and deleted_at is null)");
    let (used_by, what) = match kind {
        EntityKind::Stage => (count("deals", "stage_id"), "deals"),
        EntityKind::Pipeline => (count("deals", "pipeline_id"), "deals"),
        EntityKind::Member => {
            // Interactions and notes keep their author; the other kinds can be reassigned, singly or in bulk.
            let owned = [EntityKind::Deal, EntityKind::Contact, EntityKind::Company, EntityKind::Task];
            let owned = pointers(kind).filter(|p| owned.contains(&p.kind)).filter_map(|p| Some(count(p.kind.plural(), p.column?)));
            let signs_in = "(select count(*) from members where workspace_id = $1 and id = $2 and user_id is not null)".to_owned();
            let invited = "has_open_invitation($2)::int".to_owned();
            (owned.chain([signs_in, invited]).collect::<Vec<_>>().join(" + "), "records, sign-ins or invitations")
        }
        _ => return Ok(()),
    };
    // Private records of other members count too.
    let before = bypass::see_all(tx, true).await?;
    let used: i64 = sqlx::query_scalar(AssertSqlSafe(format!("select {used_by}"))).bind(tx.workspace()).bind(id).fetch_one(tx.conn()).await?;
    bypass::see_all(tx, before).await?;
    if used > 0 {
        return Err(Conflict::InUse(format!("This {} is in use by {what} ({used}). Move them first.", kind.noun())).into());
    }
    Ok(())
}

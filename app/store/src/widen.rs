//! Undo of a narrowing by an admin who no longer sees the record.

use crate::{
    StoreError, TenantTx, bypass,
    change::{Change, Notices, text},
    derived, records,
    visibility::width,
};
use domain::{Command, EntityKind, EventId, FieldMap};
use serde_json::{Map, Value, json};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

/// Restores the visibility of a record before it was narrowed, for an admin who cannot see it.
pub(crate) async fn reveal(tx: &mut TenantTx, kind: EntityKind, id: Uuid, wanted: &str) -> Result<Change, StoreError> {
    bypass::see_all(tx, true).await?;
    // Deleted records too: those who see it again can restore it.
    let (_, row) = records::lock_row_anywhere(tx, kind, id).await?;
    let old = text(&row, "visibility").unwrap_or("workspace").to_owned();
    let widens = width(wanted) > width(&old);
    let text = format!(
        "update {} t set visibility = $3, version = version + 1, updated_at = now() where workspace_id = $1 and id = $2 returning version, {}, to_jsonb(t)",
        kind.plural(),
        kind.title_column()
    );
    if !widens {
        return Err(crate::Conflict::State("It is as visible as it was before by now.".into()).into());
    }
    let (version, title, after): (i64, String, Value) =
        sqlx::query_as(AssertSqlSafe(text)).bind(tx.workspace()).bind(id).bind(wanted).fetch_one(tx.conn()).await?;
    let event = EventId::new();
    let after = after.as_object().cloned().unwrap_or_default();
    derived::follow(tx, event, kind, Some(&row), Some(&after)).await?;
    let mut changes = Map::new();
    changes.insert("visibility".into(), json!({"before": old, "after": wanted}));
    // The owner usually narrowed it and must be notified that others see it again.
    let notices = Notices::about(tx, kind, &after, &changes).await?;
    let mut back = FieldMap::new();
    back.insert("visibility".into(), old.into());
    Ok(Change::of(kind, id, title, "edited")
        .version(version)
        .changes(changes)
        .undone_by(Command::Edit { kind, id, set: back })
        .notifying(notices)
        .in_event(event))
}

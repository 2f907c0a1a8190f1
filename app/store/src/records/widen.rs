//! Undo of a narrowing by an admin who no longer sees the record.

use crate::{
    StoreError, TenantTx, bypass,
    door::apply::{Apply, Context},
    door::change::{Change, Notices, text},
    records,
    records::derived,
    records::rows::{self, Transition, Written},
    visibility::width,
};
use domain::{EntityKind, EventId, FieldMap, RecordCommand, RecordInternal};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// Restores the visibility of a record before it was narrowed, for an admin who cannot see it.
pub(crate) async fn reveal(tx: &mut TenantTx, kind: EntityKind, id: Uuid, wanted: &str) -> Result<Change, StoreError> {
    bypass::visibility(tx, true).await?;
    // Deleted records too: those who see it again can restore it.
    let (_, row) = records::lock_row_anywhere(tx, kind, id).await?;
    let old = text(&row, "visibility").unwrap_or("workspace").to_owned();
    let widens = width(wanted) > width(&old);
    if !widens {
        return Err(crate::Conflict::State("It is as visible as it was before by now.".into()).into());
    }
    let columns = [("visibility".to_owned(), Value::from(wanted))].into_iter().collect();
    let written = rows::update(tx, kind, &[(id, columns)]).await?.pop();
    let Written { version, title, row: after, .. } = written.ok_or(StoreError::NotFound)?;
    let event = EventId::new();
    derived::follow(tx, event, kind, &[Transition { before: Some(&row), after: Some(&after) }]).await?;
    let mut changes = Map::new();
    changes.insert("visibility".into(), json!({"before": old, "after": wanted}));
    // The owner usually narrowed it and must be notified that others see it again.
    let notices = Notices::about(tx, kind, &after, &changes).await?;
    let mut back = FieldMap::new();
    back.insert("visibility".into(), old.into());
    Ok(Change::of(kind, id, title, "edited")
        .version(version)
        .changes(changes)
        .undone_by(RecordCommand::Edit { kind, id, set: back })
        .notifying(notices)
        .in_event(event))
}

impl Apply for RecordInternal {
    async fn apply(&self, tx: &mut TenantTx, _: &mut Context) -> Result<Change, StoreError> {
        let Self::Widen { kind, id, visibility } = self;
        reveal(tx, *kind, *id, visibility).await
    }
}

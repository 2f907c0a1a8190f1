//! Conflict detection: changes since the base version of an edit.

use crate::{Conflict, ConflictField, StoreError, TenantTx, visibility};
use domain::{EntityKind, EventId};
use serde_json::{Map, Value};
use uuid::Uuid;

/// Changes of a record since `base` that are still in effect, newest first. A change and its undo cancel out, so that a history
/// can be undone step by step.
async fn changed_since(tx: &mut TenantTx, kind: EntityKind, id: Uuid, base: i64) -> Result<Vec<(Map<String, Value>, Option<String>)>, StoreError> {
    let rows: Vec<(EventId, Option<EventId>, Value, Option<String>)> = sqlx::query_as(
        "select e.id, e.undoes, e.changes, m.name from (
            select id, undoes, changes, member_id, version from events where workspace_id = $1 and entity = $4 and entity_id = $2 and version > $3
            union all
            select b.id, b.undoes, r.changes, b.member_id, r.version from event_rows r
            join events b on b.workspace_id = r.workspace_id and b.id = r.event_id
            where r.workspace_id = $1 and r.entity = $4 and r.entity_id = $2 and r.version > $3
         ) e left join members m on m.workspace_id = $1 and m.id = e.member_id order by e.version desc limit 500",
    )
    .bind(tx.workspace())
    .bind(id)
    .bind(base)
    .bind(kind.noun())
    .fetch_all(tx.conn())
    .await?;
    let known: Vec<EventId> = rows.iter().map(|r| r.0).collect();
    let mut cancelled = Vec::new();
    let mut out = Vec::new();
    for (event, undoes, changes, by) in rows {
        if cancelled.contains(&event) {
            continue;
        }
        match undoes.filter(|u| known.contains(u)) {
            Some(undone) => cancelled.push(undone),
            None => out.push((changes.as_object().cloned().unwrap_or_default(), by)),
        }
    }
    Ok(out)
}

/// Conflicts if a record was changed since `base`, because a deletion applies to the version that the user saw. A visibility
/// inherited from another record is not a change.
pub(crate) async fn refuse_deletion(tx: &mut TenantTx, kind: EntityKind, id: Uuid, base: i64, version: i64) -> Result<(), StoreError> {
    if base >= version {
        return Ok(());
    }
    let since = changed_since(tx, kind, id, base).await?;
    let followed = |changes: &Map<String, Value>| !changes.is_empty() && changes.keys().all(|key| key == "visibility");
    if !since.is_empty() && since.iter().all(|(changes, _)| followed(changes)) {
        return Ok(());
    }
    let keys: Vec<String> = since.iter().flat_map(|(changes, _)| changes.keys().cloned()).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    refuse_overlap(tx, kind, id, base, version, &keys).await?;
    Err(Conflict::Changed { version, fields: Vec::new() }.into())
}

/// Conflicts if any field in `keys` was changed since `base`: a concurrent edit is never overwritten silently.
pub(crate) async fn refuse_overlap(tx: &mut TenantTx, kind: EntityKind, id: Uuid, base: i64, version: i64, keys: &[&str]) -> Result<(), StoreError> {
    if base >= version {
        return Ok(());
    }
    let mut fields: Vec<ConflictField> = Vec::new();
    let mut since = changed_since(tx, kind, id, base).await?;
    visibility::hide_names(tx, since.iter_mut().map(|(changes, _)| (kind, changes)).collect()).await?;
    for (changes, by) in since {
        for key in keys {
            if let Some(change) = changes.get(*key)
                && !fields.iter().any(|f| f.field == *key)
            {
                fields.push(ConflictField {
                    field: (*key).into(),
                    label: kind.field(key).map_or(*key, |f| f.label).into(),
                    theirs: in_words(change, "after"),
                    by: by.clone(),
                });
            }
        }
    }
    if fields.is_empty() { Ok(()) } else { Err(Conflict::Changed { version, fields }.into()) }
}

/// One side of a stored change in display form.
pub(crate) fn in_words(change: &Value, side: &str) -> String {
    let words = format!("{side}Words");
    match change.get(&words).and_then(Value::as_str) {
        Some(text) => text.into(),
        None => domain::records::plain(change.get(side)),
    }
}

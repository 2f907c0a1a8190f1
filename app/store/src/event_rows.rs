//! The rows of bulk events: one event, many records, with what it did to each of them.

use crate::{StoreError, TenantTx};
use domain::{EntityKind, EventId};
use serde_json::{Map, Value};
use uuid::Uuid;

/// What a bulk event did to one record.
pub(crate) struct RowChange {
    pub kind: EntityKind,
    pub id: Uuid,
    /// Version after the change.
    pub version: i64,
    /// Field → `{before, after}`, as in the event of a single record; empty for one that was made or deleted.
    pub changes: Map<String, Value>,
}

/// Writes the rows of an event down.
pub(crate) async fn write(tx: &mut TenantTx, event: EventId, rows: &[RowChange]) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let (mut kinds, mut ids, mut versions, mut changes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        kinds.push(row.kind.noun());
        ids.push(row.id);
        versions.push(row.version);
        changes.push(Value::Object(row.changes.clone()));
    }
    sqlx::query(
        "insert into event_rows (workspace_id, event_id, entity, entity_id, version, changes)
         select $1, $2, * from unnest($3::text[], $4::uuid[], $5::bigint[], $6::jsonb[]) on conflict do nothing",
    )
    .bind(tx.workspace())
    .bind(event)
    .bind(kinds)
    .bind(ids)
    .bind(versions)
    .bind(changes)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes the rows of records that an event created.
pub(crate) async fn created(tx: &mut TenantTx, event: EventId, records: &[(EntityKind, Uuid)]) -> Result<(), StoreError> {
    let (kinds, ids): (Vec<&str>, Vec<Uuid>) = records.iter().map(|(kind, id)| (kind.noun(), *id)).unzip();
    sqlx::query(
        "insert into event_rows (workspace_id, event_id, entity, entity_id, version) select $1, $2, *, 1 from unnest($3::text[], $4::uuid[])
         on conflict do nothing",
    )
    .bind(tx.workspace())
    .bind(event)
    .bind(kinds)
    .bind(ids)
    .execute(tx.conn())
    .await?;
    Ok(())
}

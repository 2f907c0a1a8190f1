//! Writes imported rows: inserts new records in one batch, fills empty fields of known ones.

use super::{
    checked::{Affected, CheckedRow},
    matches::text_of,
    names::Names,
};
use crate::{
    Finding, StoreError, TenantTx,
    event_rows::RowChange,
    records::children,
    records::derived,
    records::references::add_words_to_all,
    records::rows::{self, NewRow, Row, Written},
    records::values::{column_value, row_currency},
};
use domain::{
    Currency, EntityKind, EventId, FieldKind, FieldSpec,
    fields::{DefaultValue, FieldValue},
};
use serde_json::{Map, Value, json};
use sqlx::AssertSqlSafe;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A row as a record to insert, with the records it names.
pub(super) fn new_row(tx: &TenantTx, entity: EntityKind, id: Uuid, row: &CheckedRow, names: &Names) -> NewRow {
    let mut new = NewRow::new(id, &row.set);
    for spec in entity.fields() {
        let named = row.row.name_of(spec.key).zip(spec.kind.target());
        if let Some(id) = named.and_then(|(name, target)| names.of(target, name)) {
            new.set(spec.column, json!(id));
        }
    }
    // Without an owner a restricted record would be invisible to every member: the importing member becomes the owner.
    if new.columns.get("visibility").is_some_and(|v| v != "workspace") {
        new.columns.entry("owner_id").or_insert_with(|| json!(tx.actor.member));
    }
    new.set("imported", Value::Object(row.row.unmapped.clone()));
    new
}

pub(super) async fn insert_records(
    tx: &mut TenantTx,
    event: EventId,
    entity: EntityKind,
    rows: &[(Uuid, CheckedRow)],
    names: &Names,
) -> Result<(), StoreError> {
    let new: Vec<NewRow> = rows.iter().map(|(id, row)| new_row(tx, entity, *id, row, names)).collect();
    derived::insert(tx, event, entity, &new).await
}

/// Gives known contacts the addresses and numbers of their rows where they have none of the kind; answers the changes.
async fn fill_channels(
    tx: &mut TenantTx,
    entity: EntityKind,
    rows: &[(Uuid, CheckedRow)],
    edited: impl Fn(Uuid, &str) -> bool,
) -> Result<BTreeMap<Uuid, Map<String, Value>>, StoreError> {
    let mut changes: BTreeMap<Uuid, Map<String, Value>> = BTreeMap::new();
    for spec in entity.fields().iter().filter(|s| matches!(s.kind, FieldKind::Emails | FieldKind::Phones)) {
        for (id, row) in rows {
            let given = row.set.iter().find(|a| a.spec.key == spec.key && matches!(&a.value, FieldValue::Channels(c) if !c.is_empty()));
            let Some(given) = given.filter(|_| !edited(*id, spec.key)) else { continue };
            if children::read(tx, entity, *id, spec).await? != json!([]) {
                continue;
            }
            children::insert(tx, entity, *id, given).await?;
            let after = children::read(tx, entity, *id, spec).await?;
            changes.entry(*id).or_default().insert(spec.key.into(), json!({"before": [], "after": after}));
        }
    }
    Ok(changes)
}

/// Fills empty fields of known records. Fields that were edited since, even to empty, are left alone.
pub(super) async fn fill_empty(
    tx: &mut TenantTx,
    entity: EntityKind,
    rows: &[(Uuid, CheckedRow)],
    names: &Names,
    made: &mut Affected,
    findings: &mut Vec<Finding>,
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    // Importing is no way around the right to edit: colleagues and products stay as they are for members.
    if !tx.actor.role.allows(entity.edit_permission()) {
        findings.extend(rows.iter().map(|(_, row)| Finding {
            row_number: row.number,
            field: String::new(),
            code: "rights",
            message: "It is here already, and you may not change it, so it stays as it is.".into(),
            error: false,
            cells: Vec::new(),
        }));
        return Ok(());
    }
    let ids: Vec<Uuid> = rows.iter().map(|r| r.0).collect();
    let edited: Vec<(Uuid, String)> = sqlx::query_as(
        "select distinct entity_id, jsonb_object_keys(changes) from events where workspace_id = $1 and entity = $3 and entity_id = any($2) and verb = 'edited'",
    )
    .bind(tx.workspace())
    .bind(&ids)
    .bind(entity.noun())
    .fetch_all(tx.conn())
    .await?;
    let theirs = |id: Uuid, column: &str| edited.iter().any(|(e, k)| *e == id && entity.field(k).is_some_and(|s| s.column == column));
    // The row locks come before the check for empty fields, so that the check still holds at the update.
    let text = format!("select id, to_jsonb(t) from {} t where workspace_id = $1 and id = any($2) order by id for no key update", entity.plural());
    let now: Vec<(Uuid, Value)> = sqlx::query_as(AssertSqlSafe(text)).bind(tx.workspace()).bind(&ids).fetch_all(tx.conn()).await?;
    let mut now: BTreeMap<Uuid, Map<String, Value>> = now.into_iter().filter_map(|(id, row)| Some((id, row.as_object()?.clone()))).collect();
    let mut filled: BTreeMap<Uuid, BTreeSet<&'static str>> = BTreeMap::new();
    for (id, row) in rows {
        let Some(record) = now.get_mut(id) else { continue };
        let columns = new_row(tx, entity, *id, row, names).columns;
        for spec in
            entity.fields().iter().filter(|s| !s.column.is_empty() && !s.required && s.default == DefaultValue::Null && !theirs(*id, s.column))
        {
            let lacking = record.get(spec.column).is_none_or(|now| now.is_null() || *now == json!([]));
            let Some(value) = columns.get(spec.column).filter(|_| lacking) else { continue };
            if spec.kind == FieldKind::Money {
                let (given, own) = (text_of(row, "currency").map_or(tx.actor.currency, Currency::stored), row_currency(record));
                if given != own {
                    let message = format!("{} is in {given} and the record in {own}, so it was not filled in.", spec.label);
                    findings.push(Finding {
                        row_number: row.number,
                        field: spec.key.into(),
                        code: "currency",
                        message,
                        error: false,
                        cells: Vec::new(),
                    });
                    continue;
                }
            }
            record.insert(spec.column.into(), value.clone());
            filled.entry(*id).or_default().insert(spec.column);
        }
    }
    let edited_field = |id: Uuid, key: &str| edited.iter().any(|(e, k)| *e == id && k == key);
    let mut beside = fill_channels(tx, entity, rows, edited_field).await?;
    for id in beside.keys() {
        filled.entry(*id).or_default();
    }
    let shape: Vec<&FieldSpec> = entity.fields().iter().filter(|s| filled.values().any(|columns| columns.contains(s.column))).collect();
    if filled.is_empty() {
        return Ok(());
    }
    let columns = |record: &Row| shape.iter().map(|s| (s.column.to_owned(), record.get(s.column).cloned().unwrap_or_default())).collect();
    let records: Vec<(Uuid, Row)> = filled.keys().filter_map(|id| Some((*id, columns(now.get(id)?)))).collect();
    for Written { id, version, row, .. } in rows::update(tx, entity, &records).await? {
        let currency = row_currency(&row);
        let mut changes = beside.remove(&id).unwrap_or_default();
        for spec in shape.iter().filter(|s| filled.get(&id).is_some_and(|columns| columns.contains(s.column))) {
            changes.insert(spec.key.into(), json!({"before": null, "after": column_value(spec, &row, currency)}));
        }
        made.touched.push(RowChange { kind: entity, id, version, changes });
    }
    add_words_to_all(tx, entity, made.touched.iter_mut().map(|r| &mut r.changes)).await
}

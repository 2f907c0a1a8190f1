//! Rows become records: new ones inserted together, known ones given what they lack.

use super::{
    matches::text_of,
    names::Names,
    rows::{Made, Ready},
};
use crate::{
    Finding, StoreError, TenantTx, children,
    event_rows::RowChange,
    references::add_words_to_all,
    values::{column_type, column_value, empty_as, raw, row_currency},
};
use domain::{
    Currency, EntityKind, FieldKind, FieldSpec,
    fields::{DefaultValue, FieldValue},
};
use serde_json::{Map, Value, json};
use sqlx::AssertSqlSafe;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A row as `column → value`, references resolved.
pub(super) fn columns_of(entity: EntityKind, row: &Ready, names: &Names) -> Map<String, Value> {
    let mut out = Map::new();
    for a in row.set.iter().filter(|a| !a.spec.column.is_empty() && a.value != FieldValue::Null) {
        out.insert(a.spec.column.into(), raw(&a.value));
    }
    if entity == EntityKind::Company
        && let Some(employees) = out.get("employee_count").and_then(Value::as_i64)
    {
        out.entry("size").or_insert_with(|| json!(domain::companies::size_of(employees)));
    }
    let mut link = |column: &str, id: Option<Uuid>| {
        if let Some(id) = id {
            out.insert(column.into(), json!(id));
        }
    };
    match entity {
        EntityKind::Contact => {
            link("company_id", names.company(&row.row.company));
            link("owner_id", names.member(&row.row.owner));
        }
        EntityKind::Company => {
            link("parent_id", names.company(&row.row.parent));
            link("owner_id", names.member(&row.row.owner));
        }
        EntityKind::Member => link("manager_id", names.member(&row.row.manager)),
        EntityKind::Deal => {
            link("company_id", names.company(&row.row.company));
            link("product_id", names.product(&row.row.product));
            link("owner_id", names.member(&row.row.owner));
        }
        _ => {}
    }
    out
}

/// Columns and their types for a recordset of these rows.
pub(super) fn shape(entity: EntityKind, rows: &[Map<String, Value>]) -> Vec<(&'static str, &'static str)> {
    entity
        .fields()
        .iter()
        .filter(|s| !s.column.is_empty() && rows.iter().any(|r| r.contains_key(s.column)))
        .map(|s| (s.column, column_type(s.kind)))
        .collect()
}

/// What not everybody sees belongs to whoever brings it, unless the file names an owner: without one it would be out of
/// everybody's sight.
pub(super) fn own(tx: &TenantTx, record: &mut Map<String, Value>) {
    if record.get("visibility").is_some_and(|v| v != "workspace") {
        record.entry("owner_id").or_insert_with(|| json!(tx.actor.member.0));
    }
}

pub(super) async fn insert_records(
    tx: &mut TenantTx,
    entity: EntityKind,
    rows: &[(Uuid, Ready)],
    names: &Names,
    currency: Currency,
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut records: Vec<Map<String, Value>> = rows.iter().map(|(_, r)| columns_of(entity, r, names)).collect();
    records.iter_mut().for_each(|record| own(tx, record));
    let has_currency = entity.field("currency").is_some();
    let shape: Vec<(&str, &str)> = shape(entity, &records).into_iter().filter(|(c, _)| *c != "currency").collect();
    let shown = |s: &&FieldSpec| shape.iter().any(|(c, _)| *c == s.column);
    let defaults: Vec<(&str, Value)> = entity.fields().iter().filter(shown).filter_map(|s| Some((s.column, raw(&empty_as(s, currency)?)))).collect();
    for (record, (id, row)) in records.iter_mut().zip(rows) {
        record.insert("id".into(), json!(id));
        record.insert("imported".into(), Value::Object(row.row.kept.clone()));
        if has_currency {
            record.entry("currency").or_insert_with(|| json!(currency.code()));
        }
        for (column, default) in &defaults {
            record.entry(*column).or_insert_with(|| default.clone());
        }
    }
    let columns: String = shape.iter().map(|(c, _)| format!(", {c}")).collect();
    let selected: String = shape.iter().map(|(c, _)| format!(", x.{c}")).collect();
    let types: String = shape.iter().map(|(c, t)| format!(", {c} {t}")).collect();
    let money = if has_currency { (", currency", ", x.currency", ", currency text") } else { ("", "", "") };
    let text = format!(
        "insert into {} (workspace_id, id, imported{}{columns}) select $1, x.id, x.imported{}{selected}
         from jsonb_to_recordset($2) as x (id uuid, imported jsonb{}{types})",
        entity.plural(),
        money.0,
        money.1,
        money.2
    );
    sqlx::query(AssertSqlSafe(text)).bind(tx.workspace()).bind(json!(records)).execute(tx.conn()).await?;
    if entity == EntityKind::Contact {
        insert_channels(tx, rows, FieldKind::Emails, "contact_emails").await?;
        insert_channels(tx, rows, FieldKind::Phones, "contact_phones").await?;
    }
    Ok(())
}

pub(super) async fn insert_channels(tx: &mut TenantTx, rows: &[(Uuid, Ready)], kind: FieldKind, table: &str) -> Result<(), StoreError> {
    let (mut ids, mut positions, mut values, mut kinds, mut primaries) = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (id, row) in rows {
        for a in row.set.iter().filter(|a| a.spec.kind == kind) {
            let FieldValue::Channels(channels) = &a.value else { continue };
            for (i, c) in channels.iter().enumerate() {
                ids.push(*id);
                positions.push(i as i32);
                values.push(c.value.clone());
                kinds.push(c.kind.clone());
                primaries.push(c.primary);
            }
        }
    }
    if ids.is_empty() {
        return Ok(());
    }
    let text = format!(
        "insert into {table} (workspace_id, contact_id, position, value, kind, is_primary)
         select $1, * from unnest($2::uuid[], $3::int[], $4::text[], $5::text[], $6::bool[])"
    );
    sqlx::query(AssertSqlSafe(text))
        .bind(tx.workspace())
        .bind(ids)
        .bind(positions)
        .bind(values)
        .bind(kinds)
        .bind(primaries)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Gives known contacts the addresses and numbers of their rows where they have none of the kind; answers the changes.
async fn fill_channels(
    tx: &mut TenantTx,
    entity: EntityKind,
    rows: &[(Uuid, Ready)],
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

/// A known record gets what it lacks. Fields that somebody edited, even to nothing, are theirs.
pub(super) async fn fill_empty(
    tx: &mut TenantTx,
    entity: EntityKind,
    rows: &[(Uuid, Ready)],
    names: &Names,
    made: &mut Made,
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
    // Locked before they are looked at: what is empty now is empty when it is filled.
    let text = format!("select id, to_jsonb(t) from {} t where workspace_id = $1 and id = any($2) order by id for no key update", entity.plural());
    let now: Vec<(Uuid, Value)> = sqlx::query_as(AssertSqlSafe(text)).bind(tx.workspace()).bind(&ids).fetch_all(tx.conn()).await?;
    let mut now: BTreeMap<Uuid, Map<String, Value>> = now.into_iter().filter_map(|(id, row)| Some((id, row.as_object()?.clone()))).collect();
    let mut filled: BTreeMap<Uuid, BTreeSet<&'static str>> = BTreeMap::new();
    for (id, row) in rows {
        let Some(record) = now.get_mut(id) else { continue };
        let columns = columns_of(entity, row, names);
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
    let records: Vec<&Map<String, Value>> = filled.keys().filter_map(|id| now.get(id)).collect();
    let sets: String = shape.iter().map(|s| format!(", {c} = x.{c}", c = s.column)).collect();
    let types: String = shape.iter().map(|s| format!(", {} {}", s.column, column_type(s.kind))).collect();
    let text = format!(
        "update {} t set version = version + 1, updated_at = now(){sets}
         from jsonb_to_recordset($2) as x (id uuid{types})
         where t.workspace_id = $1 and t.id = x.id returning t.id, t.version, to_jsonb(t)",
        entity.plural(),
    );
    let touched: Vec<(Uuid, i64, Value)> = sqlx::query_as(AssertSqlSafe(text)).bind(tx.workspace()).bind(json!(records)).fetch_all(tx.conn()).await?;
    for (id, version, row) in touched {
        let row = row.as_object().cloned().unwrap_or_default();
        let currency = row_currency(&row);
        let mut changes = beside.remove(&id).unwrap_or_default();
        for spec in shape.iter().filter(|s| filled.get(&id).is_some_and(|columns| columns.contains(s.column))) {
            changes.insert(spec.key.into(), json!({"before": null, "after": column_value(spec, &row, currency)}));
        }
        made.touched.push(RowChange { kind: entity, id, version, changes });
    }
    add_words_to_all(tx, entity, made.touched.iter_mut().map(|r| &mut r.changes)).await
}

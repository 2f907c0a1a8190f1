//! Rows become records: new ones inserted together, known ones given what they lack.

use super::{Made, Ready, names::Names};
use crate::{StoreError, TenantTx};
use domain::{Currency, EntityKind, FieldKind, fields::FieldValue};
use serde_json::{Map, Value, json};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

pub(super) fn column_type(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Int { .. } | FieldKind::Money => "bigint",
        FieldKind::Date => "date",
        FieldKind::Instant => "timestamptz",
        FieldKind::Bool => "boolean",
        FieldKind::Ref(_) => "uuid",
        FieldKind::List => "text[]",
        _ => "text",
    }
}

pub(super) fn raw(value: &FieldValue) -> Value {
    match value {
        FieldValue::Null | FieldValue::Ids(_) | FieldValue::Channels(_) => Value::Null,
        FieldValue::Text(t) => json!(t),
        FieldValue::Int(n) => json!(n),
        FieldValue::Date(d) => json!(d.to_string()),
        FieldValue::Instant(at) => json!(at),
        FieldValue::Bool(b) => json!(b),
        FieldValue::Id(id) => json!(id),
        FieldValue::List(l) => json!(l),
    }
}

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
    let has_currency = entity.field("currency").is_some();
    let shape: Vec<(&str, &str)> = shape(entity, &records).into_iter().filter(|(c, _)| *c != "currency").collect();
    for (record, (id, row)) in records.iter_mut().zip(rows) {
        record.insert("id".into(), json!(id));
        record.insert("imported".into(), Value::Object(row.row.kept.clone()));
        if has_currency {
            record.entry("currency").or_insert_with(|| json!(currency.code()));
        }
        for (column, default) in [
            ("last_name", json!("")),
            ("status", json!("active")),
            ("visibility", json!("workspace")),
            ("warmness_score", json!(0)),
            ("is_primary_contact", json!(false)),
        ] {
            if shape.iter().any(|(c, _)| *c == column) {
                record.entry(column).or_insert(default);
            }
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

/// A known record gets what it lacks. Fields that somebody edited, even to nothing, are theirs.
pub(super) async fn fill_empty(
    tx: &mut TenantTx,
    entity: EntityKind,
    rows: &[(Uuid, Ready)],
    names: &Names,
    made: &mut Made,
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = rows.iter().map(|r| r.0).collect();
    let edited: Vec<(Uuid, String)> = sqlx::query_as(
        "select distinct entity_id, jsonb_object_keys(changes) from events where workspace_id = $1 and entity_id = any($2) and verb = 'edited'",
    )
    .bind(tx.workspace())
    .bind(&ids)
    .fetch_all(tx.conn())
    .await?;
    let theirs = |id: Uuid, column: &str| edited.iter().any(|(e, k)| *e == id && entity.field(k).is_some_and(|s| s.column == column));
    let mut records = Vec::new();
    for (id, row) in rows {
        let mut columns = columns_of(entity, row, names);
        columns.retain(|column, _| !theirs(*id, column));
        columns.insert("id".into(), json!(id));
        records.push(columns);
    }
    let shape: Vec<(&str, &str)> = shape(entity, &records)
        .into_iter()
        .filter(|(c, _)| {
            !matches!(*c, "name" | "first_name" | "last_name" | "status" | "visibility" | "warmness_score" | "is_primary_contact" | "currency")
        })
        .collect();
    if shape.is_empty() {
        return Ok(());
    }
    let sets: String = shape.iter().map(|(c, _)| format!(", {c} = coalesce(t.{c}, x.{c})")).collect();
    let types: String = shape.iter().map(|(c, t)| format!(", {c} {t}")).collect();
    let lacks: Vec<String> = shape.iter().map(|(c, _)| format!("(t.{c} is null and x.{c} is not null)")).collect();
    let text = format!(
        "update {} t set version = version + 1, updated_at = now(){sets}
         from jsonb_to_recordset($2) as x (id uuid{types})
         where t.workspace_id = $1 and t.id = x.id and ({}) returning t.id",
        entity.plural(),
        lacks.join(" or ")
    );
    let touched: Vec<Uuid> = sqlx::query_scalar(AssertSqlSafe(text)).bind(tx.workspace()).bind(json!(records)).fetch_all(tx.conn()).await?;
    made.touched.extend(touched.into_iter().map(|id| (entity, id)));
    Ok(())
}

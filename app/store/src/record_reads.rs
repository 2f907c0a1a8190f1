//! Reading records of every kind: one with the names behind its references, and short lists for pickers.

use crate::{
    StoreError, TenantTx, children,
    records::{column_value, labels, row_currency},
};
use chrono::{DateTime, Utc};
use domain::{EntityKind, FieldKind, FieldMap, Record};
use serde_json::Value;
use sqlx::AssertSqlSafe;
use std::collections::BTreeMap;
use uuid::Uuid;

/// A whole record with the names behind its references.
pub async fn get(tx: &mut TenantTx, kind: EntityKind, id: Uuid) -> Result<Record, StoreError> {
    let text = format!(
        "select version, {}, imported, created_at, updated_at, to_jsonb(t) from {} t where workspace_id = $1 and id = $2 and deleted_at is null",
        kind.title_column(),
        kind.plural()
    );
    let row: Option<(i64, String, Value, DateTime<Utc>, DateTime<Utc>, Value)> =
        sqlx::query_as(AssertSqlSafe(text)).bind(tx.workspace()).bind(id).fetch_optional(tx.conn()).await?;
    let (version, title, imported, created_at, updated_at, row) = row.ok_or(StoreError::NotFound)?;
    let row = row.as_object().cloned().unwrap_or_default();
    let currency = row_currency(&row);
    let mut fields = FieldMap::new();
    let mut wanted: BTreeMap<EntityKind, Vec<Uuid>> = BTreeMap::new();
    for spec in kind.fields() {
        let value = match spec.column {
            "" => children::read(tx, kind, id, spec).await?,
            _ => column_value(spec, &row, currency),
        };
        let target = match spec.kind {
            FieldKind::Ref(target) => Some(target),
            FieldKind::Contacts => Some(EntityKind::Contact),
            _ => None,
        };
        if let Some(target) = target {
            let list = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
            wanted.entry(target).or_default().extend(list.iter().filter_map(|v| v.as_str()?.parse::<Uuid>().ok()));
        }
        fields.insert(spec.key.into(), value);
    }
    for extra in ["status", "openedAt", "closedAt", "pipelineId", "lastContacted"] {
        let column = match extra {
            "openedAt" => "opened_at",
            "closedAt" => "closed_at",
            "pipelineId" => "pipeline_id",
            "lastContacted" => "last_contacted",
            other => other,
        };
        if let Some(value) = row.get(column) {
            fields.entry(extra).or_insert_with(|| value.clone());
        }
    }
    let mut names = BTreeMap::new();
    for (target, ids) in wanted {
        names.extend(labels(tx, target, &ids).await?);
    }
    let imported = imported.as_object().cloned().unwrap_or_default();
    Ok(Record { kind, id, version, title, fields, labels: names, imported, created_at, updated_at })
}

/// Ids and names for a picker: those whose name contains `q`, at most `limit`.
pub async fn options(tx: &mut TenantTx, kind: EntityKind, q: &str, limit: i64) -> Result<Vec<(Uuid, String)>, StoreError> {
    let title = kind.title_column();
    let text = format!(
        "select id, {title} from {} where workspace_id = $1 and deleted_at is null and ($2 = '' or strpos(lower({title}), lower($2)) > 0)
         order by {title}, id limit $3",
        kind.plural()
    );
    Ok(sqlx::query_as(AssertSqlSafe(text)).bind(tx.workspace()).bind(q).bind(limit).fetch_all(tx.conn()).await?)
}

/// All records of a small setup kind, by name.
pub async fn simple_list(tx: &mut TenantTx, kind: EntityKind) -> Result<Vec<Record>, StoreError> {
    let ids: Vec<(Uuid, String)> = options(tx, kind, "", 200).await?;
    let mut out = Vec::with_capacity(ids.len());
    for (id, _) in ids {
        out.push(get(tx, kind, id).await?);
    }
    Ok(out)
}

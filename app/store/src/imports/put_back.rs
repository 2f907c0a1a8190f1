//! Restores values from before a bulk event.

use crate::{
    StoreError, TenantTx,
    event_rows::{self, RowChange},
    records::children,
    records::derived,
    records::rows::{self, Row, Transition, Written},
    records::values::{column_value, empty_as, raw, row_currency},
};
use domain::{
    EntityKind, EventId, FieldKind, FieldMap,
    fields::{self, Assignment, FieldValue},
};
use serde_json::{Map, Value, json};
use sqlx::AssertSqlSafe;
use std::collections::BTreeMap;
use uuid::Uuid;

/// A field that was not restored because it was changed since.
pub(crate) struct Left {
    pub title: String,
    /// Label of the field.
    pub label: &'static str,
}

/// Result of restoring values.
#[derive(Default)]
pub(crate) struct PutBack {
    /// Number of records with at least one restored value.
    pub records: i64,
    pub left: Vec<Left>,
}

/// Restores the `before` value of each field in `rows` (newest first) that was not changed since, recorded as rows of `event`.
/// Skips records that the actor cannot see.
pub(crate) async fn put_back(tx: &mut TenantTx, event: EventId, rows: &[(EntityKind, Uuid, Row)]) -> Result<PutBack, StoreError> {
    let mut done = PutBack::default();
    for kind in EntityKind::ALL {
        let mut wanted: BTreeMap<Uuid, Vec<&Row>> = BTreeMap::new();
        for (_, id, changes) in rows.iter().filter(|(k, _, changes)| *k == kind && !changes.is_empty()) {
            wanted.entry(*id).or_default().push(changes);
        }
        if !wanted.is_empty() {
            put_back_kind(tx, event, kind, &wanted, &mut done).await?;
        }
    }
    Ok(done)
}

/// Ids among the values to restore whose records are deleted.
async fn gone_targets(tx: &mut TenantTx, kind: EntityKind, wanted: &BTreeMap<Uuid, Vec<&Row>>) -> Result<Vec<String>, StoreError> {
    let mut gone = Vec::new();
    for spec in kind.fields() {
        let FieldKind::Ref(target) = spec.kind else { continue };
        let ids: Vec<Uuid> = wanted.values().flatten().filter_map(|changes| changes.get(spec.key)?["before"].as_str()?.parse().ok()).collect();
        if ids.is_empty() {
            continue;
        }
        let text = format!(
            "select w.id::text from unnest($2::uuid[]) w (id)
             where not exists (select from {} t where t.workspace_id = $1 and t.id = w.id and t.deleted_at is null)",
            target.plural()
        );
        gone.extend(sqlx::query_scalar::<_, String>(AssertSqlSafe(text)).bind(tx.workspace()).bind(ids).fetch_all(tx.conn()).await?);
    }
    Ok(gone)
}

async fn put_back_kind(
    tx: &mut TenantTx,
    event: EventId,
    kind: EntityKind,
    wanted: &BTreeMap<Uuid, Vec<&Row>>,
    done: &mut PutBack,
) -> Result<(), StoreError> {
    let text = format!("select id, to_jsonb(t) from {} t where workspace_id = $1 and id = any($2) order by id for no key update", kind.plural());
    let ids: Vec<Uuid> = wanted.keys().copied().collect();
    let now: Vec<(Uuid, Value)> = sqlx::query_as(AssertSqlSafe(text)).bind(tx.workspace()).bind(ids).fetch_all(tx.conn()).await?;
    let gone = gone_targets(tx, kind, wanted).await?;
    let mut back: BTreeMap<Uuid, (Row, Row, Row)> = BTreeMap::new();
    for (id, row) in now {
        let row = row.as_object().cloned().unwrap_or_default();
        let mut after = row.clone();
        let mut restored = Map::new();
        for (key, change) in wanted[&id].iter().flat_map(|changes| changes.iter()) {
            let Some(spec) = kind.field(key) else { continue };
            let currency = row_currency(&row);
            let (before, left_as) = (change["before"].clone(), &change["after"]);
            // The target of the old reference is deleted.
            let dangling = before.as_str().is_some_and(|id| gone.iter().any(|g| g == id));
            let now = if spec.column.is_empty() { children::read(tx, kind, id, spec).await? } else { column_value(spec, &after, currency) };
            if dangling || now != *left_as {
                // Everyone with the import permission reads this list: it omits titles that are not visible to the whole workspace.
                let openly = row.get("visibility").is_none_or(|v| v == "workspace");
                let title = if openly { domain::records::plain(row.get(kind.title_column())) } else { "…".into() };
                done.left.push(Left { title, label: spec.label });
                continue;
            }
            let set: FieldMap = [(key.clone(), before.clone())].into_iter().collect();
            let Some(value) = fields::check(kind, &set, false, currency)?.into_iter().next().map(|a| a.value) else { continue };
            if spec.column.is_empty() {
                children::replace(tx, kind, id, &Assignment { spec, value }).await?;
            } else {
                let value = if value == FieldValue::Null { empty_as(spec, tx.actor.currency).unwrap_or(value) } else { value };
                after.insert(spec.column.into(), raw(&value));
            }
            let first = restored.entry(key.clone()).or_insert_with(|| json!({"before": left_as, "beforeWords": change["afterWords"]}));
            first["after"] = before;
            first["afterWords"] = change["beforeWords"].clone();
        }
        if !restored.is_empty() {
            back.insert(id, (row, after, restored));
        }
    }
    if back.is_empty() {
        return Ok(());
    }
    // Each record has all columns of the batch; the row lock keeps the other columns unchanged.
    let shape: Vec<_> =
        kind.fields().iter().filter(|s| back.values().any(|(_, _, restored)| !s.column.is_empty() && restored.contains_key(s.key))).collect();
    let columns = |after: &Row| shape.iter().filter_map(|s| Some((s.column.to_owned(), after.get(s.column)?.clone()))).collect();
    let records: Vec<(Uuid, Row)> = back.iter().map(|(id, (_, after, _))| (*id, columns(after))).collect();
    let written = rows::update(tx, kind, &records).await?;
    done.records += written.len() as i64;
    let transitions: Vec<_> = written.iter().filter_map(|w| Some(Transition { before: Some(&back.get(&w.id)?.0), after: Some(&w.row) })).collect();
    derived::follow(tx, event, kind, &transitions).await?;
    let changed = |w: &Written| Some(RowChange { kind, id: w.id, version: w.version, changes: back.get(&w.id)?.2.clone() });
    let out: Vec<RowChange> = written.iter().filter_map(changed).collect();
    event_rows::write(tx, event, &out).await
}

//! The rows of bulk events: one event, many records, with what it did to each of them; and conflicts of an edit with what
//! events, bulk or not, changed since the version it was made from.

use crate::{
    Conflict, ConflictField, StoreError, TenantTx, children, derived,
    values::{column_type, column_value, empty_as, raw, row_currency},
    visibility,
};
use domain::{
    EntityKind, EventId, FieldKind, FieldMap,
    fields::{self, Assignment, FieldValue},
};
use serde_json::{Map, Value, json};
use sqlx::AssertSqlSafe;
use std::collections::BTreeMap;
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

/// A field that was left alone because it is no longer as the event left it.
pub(crate) struct Left {
    pub title: String,
    /// What people call the field.
    pub label: &'static str,
}

/// What putting values back did.
#[derive(Default)]
pub(crate) struct PutBack {
    /// Records that got at least one value back.
    pub records: i64,
    pub left: Vec<Left>,
}

type Row = Map<String, Value>;

/// Gives each field in `rows` (newest first) its value from before, where it is still as that change left it. Written down as
/// rows of `event`. Records that the actor does not see stay as they are.
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

/// Ids among the values to put back that name records which are in the bin, or nowhere.
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
        let mut told = Map::new();
        for (key, change) in wanted[&id].iter().flat_map(|changes| changes.iter()) {
            let Some(spec) = kind.field(key) else { continue };
            let currency = row_currency(&row);
            let (before, left_as) = (change["before"].clone(), &change["after"]);
            // What it would point at again is deleted by now.
            let dangling = before.as_str().is_some_and(|id| gone.iter().any(|g| g == id));
            let now = if spec.column.is_empty() { children::read(tx, kind, id, spec).await? } else { column_value(spec, &after, currency) };
            if dangling || now != *left_as {
                // What is left is read by everybody who may import: a name that not everybody sees stays out of it.
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
                let value = if value == FieldValue::Null { empty_as(kind, spec, tx.actor.currency).unwrap_or(value) } else { value };
                after.insert(spec.column.into(), raw(&value));
            }
            let first = told.entry(key.clone()).or_insert_with(|| json!({"before": left_as, "beforeWords": change["afterWords"]}));
            first["after"] = before;
            first["afterWords"] = change["beforeWords"].clone();
        }
        if !told.is_empty() {
            back.insert(id, (row, after, told));
        }
    }
    if back.is_empty() {
        return Ok(());
    }
    // Every record with all columns of the batch: those it keeps as they are now, which nobody changes while it is locked.
    let shape: Vec<_> = kind.fields().iter().filter(|s| back.values().any(|(_, _, told)| !s.column.is_empty() && told.contains_key(s.key))).collect();
    let sets: String = shape.iter().map(|s| format!(", {c} = x.{c}", c = s.column)).collect();
    let types: String = shape.iter().map(|s| format!(", {} {}", s.column, column_type(s.kind))).collect();
    let records: Vec<&Row> = back.values().map(|(_, after, _)| after).collect();
    let text = format!(
        "update {} t set version = version + 1, updated_at = now(){sets} from jsonb_to_recordset($2) as x (id uuid{types})
         where t.workspace_id = $1 and t.id = x.id returning t.id, t.version, to_jsonb(t)",
        kind.plural()
    );
    let written: Vec<(Uuid, i64, Value)> = sqlx::query_as(AssertSqlSafe(text)).bind(tx.workspace()).bind(json!(records)).fetch_all(tx.conn()).await?;
    done.records += written.len() as i64;
    let mut out = Vec::new();
    for (id, version, after) in written {
        let Some((before, _, changes)) = back.remove(&id) else { continue };
        derived::follow(tx, event, kind, Some(&before), after.as_object()).await?;
        out.push(RowChange { kind, id, version, changes });
    }
    write(tx, event, &out).await
}

/// What happened to a record since `base` and still holds, field by field (newest first): a change and the undoing of
/// it cancel each other, so that a history can be undone step by step.
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

/// Fails if anything of a record was changed since `base`: what is deleted is what the reader saw. Visibility that followed
/// another record's is no change of this one.
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

/// Fails if any of `keys` was changed by somebody since `base`: never last-write-wins in silence.
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

/// One side of a stored change, as people read it.
pub(crate) fn in_words(change: &Value, side: &str) -> String {
    let words = format!("{side}Words");
    match change.get(&words).and_then(Value::as_str) {
        Some(text) => text.into(),
        None => domain::records::plain(change.get(side)),
    }
}

//! References between records: checked before they are written, and named in words for those who read.

use crate::{StoreError, TenantTx};
use domain::{
    EntityKind, FieldSpec, Invalid,
    fields::{Assignment, FieldValue, OnDelete},
};
use serde_json::{Map, Value, json};
use sqlx::{Postgres, QueryBuilder};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Names of records by id.
pub(crate) type Names = BTreeMap<Uuid, String>;

/// The records that a value refers to, if its field is a reference.
fn targets(spec: &FieldSpec, value: &FieldValue) -> Option<(EntityKind, Vec<Uuid>)> {
    let ids = match value {
        FieldValue::Id(id) => vec![*id],
        FieldValue::Ids(ids) if !ids.is_empty() => ids.clone(),
        _ => return None,
    };
    Some((spec.kind.target()?, ids))
}

/// A field by which records of `kind` point at records of another kind.
pub(crate) struct Pointer {
    pub kind: EntityKind,
    /// Column of the kind's own table; `None`: rows of `deal_contacts`.
    pub column: Option<&'static str>,
    pub on_delete: OnDelete,
}

/// All fields that may point at a record of `target`, from the field tables.
pub(crate) fn pointers(target: EntityKind) -> impl Iterator<Item = Pointer> {
    EntityKind::ALL.into_iter().flat_map(move |kind| {
        let here = kind.fields().iter().filter(move |field| field.kind.target() == Some(target));
        here.map(move |field| Pointer { kind, column: Some(field.column).filter(|column| !column.is_empty()), on_delete: field.on_delete })
    })
}

/// Condition on `t`: no live record points at it by one of these fields.
pub(crate) fn unpointed(pointers: impl Iterator<Item = Pointer>) -> String {
    pointers
        .map(|pointer| {
            let table = pointer.kind.plural();
            match pointer.column {
                Some(column) => {
                    format!(
                        " and not exists (select from {table} d where d.workspace_id = t.workspace_id and d.{column} = t.id and d.deleted_at is null)"
                    )
                }
                None => format!(
                    " and not exists (select from deal_contacts c join {table} d on d.workspace_id = c.workspace_id and d.id = c.deal_id
                        where c.workspace_id = t.workspace_id and c.contact_id = t.id and d.deleted_at is null)"
                ),
            }
        })
        .collect()
}

/// Every reference must be a record this actor can see: foreign, invisible and unknown ids look the same. Answers the
/// names of all of them.
pub(crate) async fn check_references(tx: &mut TenantTx, set: &[Assignment]) -> Result<Names, StoreError> {
    let wanted: Vec<_> = set.iter().filter_map(|a| targets(a.spec, &a.value).map(|t| (a.spec, t))).collect();
    let all: Vec<_> = wanted.iter().map(|(_, t)| t.clone()).collect();
    let names = labels(tx, &all).await?;
    let mut errors = Invalid::default();
    for (spec, (_, ids)) in wanted {
        if ids.iter().any(|id| !names.contains_key(id)) {
            errors.add(spec.key, "not_found", format!("{} was not found", spec.label));
        }
    }
    errors.or(names).map_err(Into::into)
}

/// Names of records by id, of all kinds in one query.
pub(crate) async fn labels(tx: &mut TenantTx, wanted: &[(EntityKind, Vec<Uuid>)]) -> Result<Names, StoreError> {
    let workspace = tx.workspace();
    let mut query = QueryBuilder::<Postgres>::new("");
    let mut any = false;
    for kind in EntityKind::ALL {
        let ids: Vec<Uuid> = wanted.iter().filter(|(k, _)| *k == kind).flat_map(|(_, ids)| ids.iter().copied()).collect();
        if ids.is_empty() {
            continue;
        }
        query.push(if any { " union all " } else { "" });
        query.push(format!("select id, {} from {} where deleted_at is null and workspace_id = ", kind.title_column(), kind.plural()));
        query.push_bind(workspace).push(" and id = any(").push_bind(ids).push(")");
        any = true;
    }
    if !any {
        return Ok(Names::new());
    }
    let rows: Vec<(Uuid, String)> = query.build_query_as().fetch_all(tx.conn()).await?;
    Ok(rows.into_iter().collect())
}

/// Ids on one side of a change of a reference.
fn change_ids(change: &Value, side: &str) -> Vec<Uuid> {
    let value = change.get(side).cloned().unwrap_or_default();
    let list = value.as_array().cloned().unwrap_or_else(|| vec![value]);
    list.iter().filter_map(|v| v.as_str()?.parse().ok()).collect()
}

/// Words for both sides of changed references, so that history stays readable when names change. `known` are names
/// looked up already.
pub(crate) async fn add_words(tx: &mut TenantTx, kind: EntityKind, changes: &mut Map<String, Value>, known: Names) -> Result<(), StoreError> {
    add_known_words(tx, kind, &mut [changes], known).await
}

/// The same for many records of a kind, with one look-up of names.
pub(crate) async fn add_words_to_all<'a>(
    tx: &mut TenantTx,
    kind: EntityKind,
    all: impl Iterator<Item = &'a mut Map<String, Value>>,
) -> Result<(), StoreError> {
    add_known_words(tx, kind, &mut all.collect::<Vec<_>>(), Names::new()).await
}

async fn add_known_words(tx: &mut TenantTx, kind: EntityKind, all: &mut [&mut Map<String, Value>], mut known: Names) -> Result<(), StoreError> {
    let target = |key: &str| kind.field(key)?.kind.target();
    let mut wanted = Vec::new();
    for (key, change) in all.iter().flat_map(|changes| changes.iter()) {
        if let Some(target) = target(key) {
            let ids = [change_ids(change, "before"), change_ids(change, "after")].concat();
            wanted.push((target, ids.into_iter().filter(|id| !known.contains_key(id)).collect::<Vec<_>>()));
        }
    }
    known.extend(labels(tx, &wanted).await?);
    let words = |ids: &[Uuid]| ids.iter().filter_map(|i| known.get(i).map(String::as_str)).collect::<Vec<_>>().join(", ");
    for (_, change) in all.iter_mut().flat_map(|changes| changes.iter_mut()).filter(|(key, _)| target(key).is_some()) {
        let (before, after) = (words(&change_ids(change, "before")), words(&change_ids(change, "after")));
        if let Some(change) = change.as_object_mut() {
            change.insert("beforeWords".into(), json!(before));
            change.insert("afterWords".into(), json!(after));
        }
    }
    Ok(())
}

//! Resolves the names in a batch to ids; missing records are created.

use super::{
    alike::find_alike,
    checked::{Affected, CheckedRow},
    named::{insert_named, key},
};
use crate::{Finding, StoreError, TenantTx, records::settle};
use domain::{EntityKind, imports::ImportOptions};
use sqlx::AssertSqlSafe;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// Ids of the records that a batch names, by kind and name.
#[derive(Default)]
pub(super) struct Names(HashMap<EntityKind, HashMap<String, Uuid>>);

impl Names {
    pub(super) async fn resolve(
        tx: &mut TenantTx,
        entity: EntityKind,
        rows: &[CheckedRow],
        options: &ImportOptions,
        made: &mut Affected,
        findings: &mut Vec<Finding>,
    ) -> Result<Self, StoreError> {
        let mut wanted: BTreeMap<EntityKind, Vec<String>> = BTreeMap::new();
        for (spec, target) in entity.fields().iter().filter_map(|s| Some((s, s.kind.target()?))) {
            wanted.entry(target).or_default().extend(rows.iter().filter_map(|r| r.row.name_of(spec.key)).cloned());
        }
        let mut names = Self::default();
        for (target, all) in wanted {
            let mut seen = BTreeSet::new();
            let all: Vec<String> = all.into_iter().filter(|n| seen.insert(key(n))).collect();
            let found = match target.spec().named_loosely {
                true => find_alike(tx, target, &all, rows, options, made, findings).await?,
                false => find_or_make(tx, target, &all, made).await?,
            };
            names.0.insert(target, found);
        }
        Ok(names)
    }

    pub(super) fn of(&self, kind: EntityKind, name: &str) -> Option<Uuid> {
        self.0.get(&kind)?.get(&key(name)).copied()
    }
}

pub(super) async fn find_or_make(
    tx: &mut TenantTx,
    entity: EntityKind,
    names: &[String],
    made: &mut Affected,
) -> Result<HashMap<String, Uuid>, StoreError> {
    if names.is_empty() {
        return Ok(HashMap::new());
    }
    let keys: Vec<String> = names.iter().map(|n| key(n)).collect();
    let by = if entity.spec().typed_by_name { "name_key" } else { "lower(name)" };
    let text = format!(
        "select distinct on (k) {by} as k, id from {} where workspace_id = $1 and deleted_at is null and {by} = any($2) order by k, created_at, id",
        entity.plural()
    );
    let mut found: HashMap<String, Uuid> = HashMap::new();
    for locked in [false, true] {
        let rows: Vec<(String, Uuid)> = sqlx::query_as(AssertSqlSafe(text.clone())).bind(tx.workspace()).bind(&keys).fetch_all(tx.conn()).await?;
        found = rows.into_iter().collect();
        if locked || found.len() == keys.len() {
            break;
        }
        // Another transaction may be creating one of them.
        settle::lock_names(tx).await?;
    }
    let missing: Vec<(Uuid, String)> = names.iter().filter(|n| !found.contains_key(&key(n))).map(|n| (Uuid::now_v7(), n.trim().to_owned())).collect();
    if !missing.is_empty() {
        insert_named(tx, entity, &missing).await?;
        made.created.extend(missing.iter().map(|(id, _)| (entity, *id)));
        found.extend(missing.into_iter().map(|(id, name)| (key(&name), id)));
    }
    Ok(found)
}

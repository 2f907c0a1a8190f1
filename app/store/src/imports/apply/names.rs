//! Names of companies, products and people in a batch become ids: found, or made.

use super::ready::{Made, Ready};
use crate::{
    Finding, StoreError, TenantTx,
    records::rows::{self, NewRow},
    records::settle,
};
use domain::{
    EntityKind,
    imports::{ImportOptions, suggest},
};
use sqlx::AssertSqlSafe;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// Ids of the records that a batch names, by kind and name.
#[derive(Default)]
pub(super) struct Names(HashMap<EntityKind, HashMap<String, Uuid>>);

pub(super) fn key(name: &str) -> String {
    name.trim().to_lowercase()
}

impl Names {
    pub(super) async fn resolve(
        tx: &mut TenantTx,
        entity: EntityKind,
        rows: &[Ready],
        options: &ImportOptions,
        made: &mut Made,
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
            let found = match target {
                EntityKind::Product => find_products(tx, &all, rows, options, made, findings).await?,
                _ => find_or_make(tx, target, &all, made).await?,
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
    made: &mut Made,
) -> Result<HashMap<String, Uuid>, StoreError> {
    if names.is_empty() {
        return Ok(HashMap::new());
    }
    let keys: Vec<String> = names.iter().map(|n| key(n)).collect();
    let by = if entity == EntityKind::Company { "name_key" } else { "lower(name)" };
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
        // Somebody may be making one of them at this moment.
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

async fn insert_named(tx: &mut TenantTx, entity: EntityKind, named: &[(Uuid, String)]) -> Result<(), StoreError> {
    let new = |(id, name): &(Uuid, String)| {
        let mut row = NewRow { id: *id, ..NewRow::default() };
        row.set("name", name.as_str());
        row
    };
    rows::insert(tx, None, entity, &named.iter().map(new).collect::<Vec<_>>(), false).await.map(drop)
}

/// Products are matched loosely: "GTXPro" is taken as "GTX Pro", visibly; anything further off becomes a product of its own.
pub(super) async fn find_products(
    tx: &mut TenantTx,
    names: &[String],
    rows: &[Ready],
    options: &ImportOptions,
    made: &mut Made,
    findings: &mut Vec<Finding>,
) -> Result<HashMap<String, Uuid>, StoreError> {
    if names.is_empty() {
        return Ok(HashMap::new());
    }
    let known: Vec<(Uuid, String)> =
        sqlx::query_as("select id, name from products where workspace_id = $1 and deleted_at is null order by created_at, id limit 20000")
            .bind(tx.workspace())
            .fetch_all(tx.conn())
            .await?;
    let titles: Vec<String> = known.iter().map(|k| k.1.clone()).collect();
    let mut found = HashMap::new();
    let mut missing = Vec::new();
    let choices: HashMap<String, &String> = options.products.iter().map(|(from, to)| (key(from), to)).collect();
    for name in names {
        let warn = |message: String| -> Vec<Finding> {
            let row = rows.iter().find(|r| r.row.product.as_ref().is_some_and(|p| key(p) == key(name)));
            row.map(|r| Finding { row_number: r.number, field: "product".into(), code: "suggested", message, error: false, cells: Vec::new() })
                .into_iter()
                .collect()
        };
        // What a person chose stands above any likeness.
        if let Some(chosen) = choices.get(&key(name)) {
            match titles.iter().position(|t| key(t) == key(chosen)) {
                Some(at) => found.insert(key(name), known[at].0),
                None => {
                    missing.push((Uuid::now_v7(), name.trim().to_owned()));
                    None
                }
            };
            continue;
        }
        match suggest(name, &titles) {
            Some((at, _)) if key(&titles[at]) == key(name) => {
                found.insert(key(name), known[at].0);
            }
            Some((at, likeness)) if likeness >= 1.0 => {
                findings.extend(warn(format!("“{name}” was taken as “{}”", titles[at])));
                found.insert(key(name), known[at].0);
            }
            other => {
                if let Some((at, _)) = other {
                    findings.extend(warn(format!("“{name}” is new; it looks like “{}”", titles[at])));
                }
                missing.push((Uuid::now_v7(), name.trim().to_owned()));
            }
        }
    }
    if !missing.is_empty() {
        insert_named(tx, EntityKind::Product, &missing).await?;
        made.created.extend(missing.iter().map(|(id, _)| (EntityKind::Product, *id)));
        found.extend(missing.into_iter().map(|(id, name)| (key(&name), id)));
    }
    Ok(found)
}

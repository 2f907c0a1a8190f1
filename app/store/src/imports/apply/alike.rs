//! Loose matching of names in a batch.

use super::{
    checked::{Affected, CheckedRow},
    named::{insert_named, key},
};
use crate::{Finding, StoreError, TenantTx};
use domain::{
    EntityKind,
    imports::{ImportOptions, suggest},
};
use sqlx::AssertSqlSafe;
use std::collections::HashMap;
use uuid::Uuid;

/// Matches names loosely: "GTXPro" is taken as "GTX Pro", with a finding; a less similar name becomes a record of its own.
pub(super) async fn find_alike(
    tx: &mut TenantTx,
    kind: EntityKind,
    names: &[String],
    rows: &[CheckedRow],
    options: &ImportOptions,
    made: &mut Affected,
    findings: &mut Vec<Finding>,
) -> Result<HashMap<String, Uuid>, StoreError> {
    if names.is_empty() {
        return Ok(HashMap::new());
    }
    let known: Vec<(Uuid, String)> = sqlx::query_as(AssertSqlSafe(format!(
        "select id, name from {} where workspace_id = $1 and deleted_at is null order by created_at, id limit 20000",
        kind.plural()
    )))
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
        // The member's choice takes precedence over similarity.
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
        insert_named(tx, kind, &missing).await?;
        made.created.extend(missing.iter().map(|(id, _)| (kind, *id)));
        found.extend(missing.into_iter().map(|(id, name)| (key(&name), id)));
    }
    Ok(found)
}

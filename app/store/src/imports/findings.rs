//! Findings of an import: what its rows could not give, and what was left out.

use crate::{StoreError, TenantTx};
use domain::ImportId;
use serde_json::{Value, json};

/// A problem or a note about one row.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub row_number: i64,
    pub field: String,
    pub code: &'static str,
    pub message: String,
    /// `true`: the row was not taken.
    pub error: bool,
    pub cells: Vec<String>,
}

/// Stores findings; those found before stay as they are.
pub(crate) async fn save_findings(tx: &mut TenantTx, import: ImportId, findings: &[Finding]) -> Result<(), StoreError> {
    if findings.is_empty() {
        return Ok(());
    }
    let rows: Vec<Value> = findings
        .iter()
        .map(|f| {
            json!({"row_number": f.row_number, "field": clean(&f.field), "code": f.code, "message": clean(&f.message),
                "severity": if f.error { "error" } else { "warning" },
                "cells": if f.error { f.cells.iter().map(|c| clean(c)).collect() } else { Vec::new() }})
        })
        .collect();
    let workspace = tx.workspace();
    sqlx::query(
        "insert into import_findings (workspace_id, import_id, row_number, field, code, message, severity, cells)
         select $1, $2, x.row_number, x.field, x.code, x.message, x.severity, x.cells
         from jsonb_to_recordset($3) as x (row_number bigint, field text, code text, message text, severity text, cells jsonb)
         where x.code <> 'suggested' or not exists (
            select from import_findings f where f.workspace_id = $1 and f.import_id = $2 and f.code = 'suggested' and f.message = x.message
         )
         on conflict do nothing",
    )
    .bind(workspace)
    .bind(import)
    .bind(json!(rows))
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Removes NUL, which Postgres rejects, and truncates to 2,000 characters.
fn clean(text: &str) -> String {
    text.chars().filter(|c| *c != '\0').take(2_000).collect()
}

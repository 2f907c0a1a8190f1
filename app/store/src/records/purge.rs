//! Purge: deletes records that were in the bin for 30 days, and the command ledger after 30 days (DESIGN §3, §6).
//!
//! One transaction per workspace, as the restricted role like everything else.

use crate::{
    Database, StoreError, TenantTx,
    imports::retention,
    records::{hooks, references::pointers},
};
use domain::{EntityKind, WorkspaceId, fields::OnDelete};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

/// Retention of the bin and of the command ledger.
const RETENTION: &str = "interval '30 days'";
/// Rows taken at once, so that no workspace holds the others up.
const BATCH: i64 = 1000;

/// Stands for the name of a purged record in the history of others.
const GONE: &str = "(deleted)";

/// What a purge took away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    pub records: u64,
    pub commands: u64,
}

/// Purged kinds, referencing kinds first.
fn kinds() -> impl Iterator<Item = EntityKind> {
    EntityKind::referrers_first().into_iter().filter(|k| !k.spec().stays)
}

/// Statements that clear references to records of `kind` (SPEC C-40).
fn references(kind: EntityKind) -> Vec<String> {
    let cleared = pointers(kind).filter(|p| p.on_delete != OnDelete::Cascade).map(|p| match p.column {
        Some(column) => format!("update {} set {column} = null where workspace_id = $1 and {column} = any($2)", p.kind.plural()),
        None => "delete from deal_contacts where workspace_id = $1 and contact_id = any($2)".to_owned(),
    });
    cleared.chain(hooks::detach(kind).iter().map(|&text| text.to_owned())).collect()
}

impl Database {
    /// Purges every workspace and returns the numbers of deleted rows.
    ///
    /// # Errors
    /// Only `Database`. A workspace that fails is logged and does not stop the others.
    pub async fn purge(&self) -> Result<Purged, StoreError> {
        let all: Vec<WorkspaceId> = sqlx::query_scalar("select id from workspaces order by id").fetch_all(&self.pool).await?;
        let mut sum = Purged::default();
        for workspace in all {
            match self.purge_workspace(workspace).await {
                Ok(p) => {
                    sum.records += p.records;
                    sum.commands += p.commands;
                }
                Err(e) => tracing::warn!(error = %e, "a workspace could not be purged"),
            }
        }
        Ok(sum)
    }

    async fn purge_workspace(&self, workspace: WorkspaceId) -> Result<Purged, StoreError> {
        let mut done = Purged::default();
        let mut tx = self.begin_system(workspace).await?;
        for kind in kinds() {
            done.records += purge_kind(&mut tx, kind).await?;
        }
        retention::purge(&mut tx).await?;
        let text = format!(
            "delete from commands where workspace_id = $1 and id in
                (select id from commands where workspace_id = $1 and created_at < now() - {RETENTION} order by created_at limit {BATCH})"
        );
        done.commands = sqlx::query(AssertSqlSafe(text)).bind(workspace).execute(tx.conn()).await?.rows_affected();
        tx.commit().await?;
        Ok(done)
    }
}

async fn purge_kind(tx: &mut TenantTx, kind: EntityKind) -> Result<u64, StoreError> {
    let table = kind.plural();
    let text =
        format!("select id from {table} where workspace_id = $1 and deleted_at < now() - {RETENTION} order by deleted_at limit {BATCH} for update");
    let ids: Vec<Uuid> = sqlx::query_scalar(AssertSqlSafe(text)).bind(tx.workspace()).fetch_all(tx.conn()).await?;
    if ids.is_empty() {
        return Ok(0);
    }
    for pointer in pointers(kind).filter(|p| p.on_delete == OnDelete::Cascade) {
        let Some(column) = pointer.column else { continue };
        let text = format!("select id from {} where workspace_id = $1 and {column} = any($2)", pointer.kind.plural());
        let theirs: Vec<Uuid> = sqlx::query_scalar(AssertSqlSafe(text)).bind(tx.workspace()).bind(&ids).fetch_all(tx.conn()).await?;
        erase(tx, pointer.kind, &theirs).await?;
    }
    erase(tx, kind, &ids).await?;
    Ok(ids.len() as u64)
}

/// Deletes records and every row that says something of them.
async fn erase(tx: &mut TenantTx, kind: EntityKind, ids: &[Uuid]) -> Result<(), StoreError> {
    let noun = kind.noun();
    let own = [
        // What happened to somebody who is gone is about them as well.
        format!("delete from events where workspace_id = $1 and entity = '{noun}' and entity_id = any($2)"),
        format!("delete from event_rows where workspace_id = $1 and entity = '{noun}' and entity_id = any($2)"),
        format!("delete from snoozes where workspace_id = $1 and entity = '{noun}' and record_id = any($2)"),
        format!("delete from notifications where workspace_id = $1 and entity = '{noun}' and entity_id = any($2)"),
        format!("delete from tagged_items where workspace_id = $1 and entity = '{noun}' and record_id = any($2)"),
        format!("delete from external_ids where workspace_id = $1 and entity = '{noun}' and record_id = any($2)"),
        format!("delete from {} where workspace_id = $1 and id = any($2)", kind.plural()),
    ];
    for text in references(kind).into_iter().chain(own) {
        sqlx::query(AssertSqlSafe(text)).bind(tx.workspace()).bind(ids).execute(tx.conn()).await?;
    }
    forget_names(tx, ids).await
}

/// Takes the names of purged records out of the history of others (a deal's contact, a person's company). The ids stay, and lead
/// nowhere.
async fn forget_names(tx: &mut TenantTx, ids: &[Uuid]) -> Result<(), StoreError> {
    let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
    for table in ["events", "event_rows"] {
        let text = format!(
            "update {table} e set changes = (
                select jsonb_object_agg(f.key, f.value
                    || case when f.value->'before' ?| $2 then jsonb_build_object('beforeWords', $3::text) else '{{}}' end
                    || case when f.value->'after' ?| $2 then jsonb_build_object('afterWords', $3::text) else '{{}}' end)
                from jsonb_each(e.changes) f)
             where e.workspace_id = $1 and exists (
                select from jsonb_each(e.changes) f where f.value->'before' ?| $2 or f.value->'after' ?| $2)"
        );
        sqlx::query(AssertSqlSafe(text)).bind(tx.workspace()).bind(&ids).bind(GONE).execute(tx.conn()).await?;
    }
    Ok(())
}

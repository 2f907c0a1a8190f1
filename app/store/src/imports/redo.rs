//! Bringing back what taking an import back removed: the inverse of an import's undo, in one event like it.

use crate::{
    Conflict, StoreError, TenantTx, bypass,
    deals::moves,
    door::apply::{Apply, Context},
    door::change::Change,
    imports::put_back,
    rights,
};
use domain::{EntityKind, EventId, ImportCommand, ImportId, ImportInternal, MemberId, imports::ImportKind};
use serde_json::{Map, Value, json};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

/// Brings back the records that `undone`, the event of the taking back, put into the bin and that nobody touched since.
pub(crate) async fn redo(tx: &mut TenantTx, import: ImportId, undone: EventId) -> Result<Change, StoreError> {
    let workspace = tx.workspace();
    let row: Option<(String, String, bool, MemberId)> = sqlx::query_as(
        "update imports set status = case when error is null then 'done' else 'failed' end where workspace_id = $1 and id = $2 and status = 'undone'
         returning file_name, kind, options ? 'sample', import_maker(created_by, created_at)",
    )
    .bind(workspace)
    .bind(import)
    .fetch_optional(tx.conn())
    .await?;
    let (file_name, kind, sample, maker) = row.ok_or_else(|| Conflict::State("This import is not taken back.".into()))?;
    rights::refuse_others(tx, maker)?;
    if sample {
        let another: bool =
            sqlx::query_scalar("select exists (select from imports where workspace_id = $1 and id <> $2 and status = 'done' and options ? 'sample')")
                .bind(workspace)
                .bind(import)
                .fetch_one(tx.conn())
                .await?;
        if another {
            return Err(Conflict::State("The sample data is here already.".into()).into());
        }
    }
    let event = EventId::new();
    // All that went comes back, what only its owner sees too.
    let before = bypass::visibility(tx, true).await?;
    let deals: Vec<Uuid> = sqlx::query_scalar("select entity_id from event_rows where workspace_id = $1 and event_id = $2 and entity = 'deal'")
        .bind(workspace)
        .bind(undone)
        .fetch_all(tx.conn())
        .await?;
    moves::refuse_without_stage(tx, &deals).await?;
    let mut restored = free_ranks(tx, undone, event).await?;
    let gone: Vec<String> = sqlx::query_scalar("select distinct entity from event_rows where workspace_id = $1 and event_id = $2")
        .bind(workspace)
        .bind(undone)
        .fetch_all(tx.conn())
        .await?;
    for entity in EntityKind::referrers_first().into_iter().rev().filter(|k| gone.iter().any(|noun| noun == k.noun())) {
        let text = format!(
            "with back as (
                update {} t set deleted_at = null, version = t.version + 1, updated_at = now() from event_rows r
                where r.workspace_id = $1 and r.event_id = $2 and r.entity = $3 and t.workspace_id = $1 and t.id = r.entity_id
                    and t.version = r.version and t.deleted_at is not null returning t.id, t.version
             ), told as (
                insert into event_rows (workspace_id, event_id, entity, entity_id, version) select $1, $4, $3, id, version from back
             )
             select count(*) from back",
            entity.plural()
        );
        restored += sqlx::query_scalar::<_, i64>(AssertSqlSafe(text))
            .bind(workspace)
            .bind(undone)
            .bind(entity.noun())
            .bind(event)
            .fetch_one(tx.conn())
            .await?;
    }
    bypass::visibility(tx, before).await?;
    let filled = fill_again(tx, undone, event).await?;
    for text in [
        "delete from import_findings where workspace_id = $1 and import_id = $2 and code = 'kept' and $3::uuid is not null",
        // What told of the import holds again, and can be taken back again.
        "update events set undone_by = null where workspace_id = $1 and entity_id = $2 and undone_by = $3",
    ] {
        sqlx::query(text).bind(workspace).bind(import).bind(undone).execute(tx.conn()).await?;
    }
    let mut changes = Map::new();
    changes.insert("restored".into(), json!({"before": null, "after": restored}));
    changes.insert("putBack".into(), json!({"before": null, "after": filled}));
    Ok(Change::of_import(import, ImportKind::from_code(&kind).unwrap_or_default().entity(), file_name, "import_redone")
        .version(3)
        .changes(changes)
        .undone_by(ImportCommand::UndoImport { import })
        .in_event(event))
}

/// What the import had filled in and the taking back emptied is filled in again, where nobody wrote something else since.
async fn fill_again(tx: &mut TenantTx, undone: EventId, event: EventId) -> Result<i64, StoreError> {
    let rows: Vec<(String, Uuid, Value)> =
        sqlx::query_as("select entity, entity_id, changes from event_rows where workspace_id = $1 and event_id = $2 and changes <> '{}'")
            .bind(tx.workspace())
            .bind(undone)
            .fetch_all(tx.conn())
            .await?;
    let rows: Vec<_> =
        rows.into_iter().filter_map(|(entity, id, changes)| Some((EntityKind::from_noun(&entity)?, id, changes.as_object()?.clone()))).collect();
    Ok(put_back::put_back(tx, event, &rows).await?.records)
}

/// Deals whose place on the board somebody took meanwhile come back at the top of their stage, one after the other.
async fn free_ranks(tx: &mut TenantTx, undone: EventId, event: EventId) -> Result<i64, StoreError> {
    let workspace = tx.workspace();
    let taken: Vec<(Uuid, Value)> = sqlx::query_as(
        "select d.id, to_jsonb(d) from event_rows r
         join deals d on d.workspace_id = r.workspace_id and d.id = r.entity_id and d.deleted_at is not null and d.version = r.version
         where r.workspace_id = $1 and r.event_id = $2 and r.entity = 'deal' and exists (
            select from deals o where o.workspace_id = $1 and o.stage_id = d.stage_id and o.rank = d.rank and o.deleted_at is null)
         order by d.rank desc",
    )
    .bind(workspace)
    .bind(undone)
    .fetch_all(tx.conn())
    .await?;
    let count = taken.len() as i64;
    for (id, row) in taken {
        let rank = moves::free_rank(tx, id, row.as_object().unwrap_or(&Map::new())).await?;
        sqlx::query(
            "with back as (update deals set deleted_at = null, rank = $3, version = version + 1, updated_at = now()
                where workspace_id = $1 and id = $2 returning id, version)
             insert into event_rows (workspace_id, event_id, entity, entity_id, version) select $1, $4, 'deal', id, version from back",
        )
        .bind(workspace)
        .bind(id)
        .bind(rank)
        .bind(event)
        .execute(tx.conn())
        .await?;
    }
    Ok(count)
}

impl Apply for ImportInternal {
    async fn apply(&self, tx: &mut TenantTx, _: &mut Context) -> Result<Change, StoreError> {
        let Self::RedoImport { import, event } = self;
        redo(tx, *import, *event).await
    }
}

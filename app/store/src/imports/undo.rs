//! Taking an import back: exactly what it made, except what somebody changed or used since.

use crate::{
    Actor, Conflict, Database, StoreError, TenantTx, bypass,
    door::apply::{Apply, Context},
    door::change::Change,
    imports::put_back::{self, PutBack},
    imports::sample,
    imports::{Finding, save_findings},
    keys::{TenantKey, Use},
    records::{
        hooks,
        references::{pointers, unpointed},
    },
    rights,
};
use domain::{
    EntityKind, EventId, ImportCommand, ImportId, ImportInternal, MemberId, Permission,
    imports::{FindingView, ImportKind, UndoPreview},
};
use serde_json::{Map, Value, json};
use sqlx::AssertSqlSafe;
use std::time::Duration;
use uuid::Uuid;

impl Database {
    /// Counts of what undoing an import would do: carried out and rolled back, so it costs as much time and as many dead rows.
    ///
    /// # Errors
    /// `Denied`: the actor may not import. `NotFound`: the import does not exist. `Forbidden`: another member made it.
    /// `Conflict`: it has not ended, was undone, or an import is being undone. `Database`.
    pub async fn import_undo_preview(&self, actor: &Actor, import: ImportId) -> Result<UndoPreview, StoreError> {
        let mut tx = self.begin(actor, Permission::Import).await?;
        one_at_a_time(&mut tx, 0).await?;
        Ok(take_back(&mut tx, import).await?.1)
    }
}

/// Takes back what an import made. Records that somebody changed since stay, and are listed.
pub(crate) async fn undo(tx: &mut TenantTx, import: ImportId) -> Result<Change, StoreError> {
    // The same request may be sent several times at once: the first one is done in a moment.
    one_at_a_time(tx, 20).await?;
    Ok(take_back(tx, import).await?.0)
}

/// It walks over all that the import made. Others that waited for it would each hold a connection to the database, of which all
/// workspaces share a few: so they wait `tries` times a tenth of a second and no longer.
async fn one_at_a_time(tx: &mut TenantTx, tries: u32) -> Result<(), StoreError> {
    let key = TenantKey::once(tx.workspace(), Use::TakingBack);
    for turn in 0..=tries {
        if key.try_take(tx.conn()).await? {
            return Ok(());
        }
        if turn < tries {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    Err(Conflict::State("An import is being taken back right now. Try again in a moment.".into()).into())
}

/// What stays, as findings of the import; numbered in their order.
fn findings(kept: &[String]) -> Vec<Finding> {
    let finding = |(at, message): (usize, &String)| Finding {
        row_number: at as i64 + 1,
        field: FindingView::UNDO.into(),
        code: "kept",
        message: message.clone(),
        error: false,
        cells: Vec::new(),
    };
    kept.iter().enumerate().map(finding).collect()
}

async fn take_back(tx: &mut TenantTx, import: ImportId) -> Result<(Change, UndoPreview), StoreError> {
    let workspace = tx.workspace();
    let row: Option<(String, String, bool, MemberId)> = sqlx::query_as(
        "update imports set status = 'undone' where workspace_id = $1 and id = $2 and status in ('done', 'failed')
         returning file_name, kind, options ? 'sample', import_maker(created_by, created_at)",
    )
    .bind(workspace)
    .bind(import)
    .fetch_optional(tx.conn())
    .await?;
    let Some((file_name, kind, sample, maker)) = row else {
        let exists: Option<MemberId> = sqlx::query_scalar("select created_by from imports where workspace_id = $1 and id = $2")
            .bind(workspace)
            .bind(import)
            .fetch_optional(tx.conn())
            .await?;
        return Err(match exists {
            Some(_) => Conflict::State("Only an import that has ended can be taken back, once.".into()).into(),
            None => StoreError::NotFound,
        });
    };
    rights::refuse_others(tx, maker)?;
    let event = EventId::new();
    let (mut goes, mut kept, mut stays) = (Vec::new(), Vec::new(), 0);
    // Emptied first: what only these values pointed at is not in use any more.
    let filled = put_back(tx, import, event).await?;
    // All that the import made, and all that stands on it, whoever may see it.
    let all = bypass::visibility(tx, true).await?;
    let made: Vec<String> = sqlx::query_scalar("select distinct entity from import_records where workspace_id = $1 and import_id = $2")
        .bind(workspace)
        .bind(import)
        .fetch_all(tx.conn())
        .await?;
    for entity in EntityKind::referrers_first().into_iter().filter(|k| made.iter().any(|noun| noun == k.noun())) {
        let mut gone = 0;
        let (more, rest) = loop {
            let (now, more, rest) = take_kind(tx, import, event, entity, sample).await?;
            gone += now;
            // Those that only others of their kind pointed at go once those are gone: leaves first.
            if now == 0 || more == 0 || !pointers(entity).any(|p| p.kind == entity) {
                break (more, rest);
            }
        };
        goes.push((entity, gone));
        stays += more;
        kept.extend(rest.into_iter().map(|title| format!("The {} {title} was changed or used since, so it stays.", entity.noun())));
    }
    bypass::visibility(tx, all).await?;
    kept.extend(filled.left.iter().map(|l| format!("{} of {} was changed since, so it stays.", l.label, l.title)));
    save_findings(tx, import, &findings(&kept)).await?;
    // What told of the import does not hold any more, and is not taken back a second time.
    sqlx::query(
        "update events set undone_by = $3 where workspace_id = $1 and entity_id = $2 and verb in ('imported', 'import_redone') and undone_by is null",
    )
    .bind(workspace)
    .bind(import)
    .bind(event)
    .execute(tx.conn())
    .await?;
    goes.retain(|(_, n)| *n > 0);
    let removed: i64 = goes.iter().map(|(_, n)| n).sum();
    let entity = ImportKind::from_code(&kind).unwrap_or_default().entity();
    let mut changes = Map::new();
    changes.insert("removed".into(), json!({"before": null, "after": removed}));
    changes.insert("putBack".into(), json!({"before": null, "after": filled.records}));
    changes.insert("kept".into(), json!({"before": null, "after": kept.len()}));
    kept.truncate(UndoPreview::KEPT);
    let preview = UndoPreview { goes, stays, kept, put_back: filled.records };
    let change = Change::of_import(import, entity, file_name, "import_undone")
        .version(2)
        .changes(changes)
        .undone_by(ImportInternal::RedoImport { import, event })
        .in_event(event);
    Ok((change, preview))
}

/// Condition on `t`: nothing that stays needs it. What was tried out on sample data (notes, conversations, tasks) does not keep
/// it.
fn unused(entity: EntityKind, sample: bool) -> String {
    let needed = hooks::needed(entity);
    let tried = |kind: EntityKind| sample && needed.is_none() && kind.is_activity();
    let text = unpointed(pointers(entity).filter(|p| !tried(p.kind)));
    match needed {
        Some((condition, _)) => format!("{text} and not ({condition})"),
        None => text,
    }
}

/// Puts the records of one kind that the import made into the bin: how many went, how many stay, and what those are called.
async fn take_kind(
    tx: &mut TenantTx,
    import: ImportId,
    event: EventId,
    entity: EntityKind,
    sample: bool,
) -> Result<(i64, i64, Vec<String>), StoreError> {
    // A later version than the import left it at is somebody's. Sample data goes even when somebody tried things out on
    // it, unless records of their own stand on it.
    let untouched = if sample { "" } else { "and t.version = mine.left_at" };
    let in_use = unused(entity, sample);
    let text = format!(
        "with brought_back as (
            select r.entity_id, max(r.version) as version from events e join event_rows r on r.workspace_id = e.workspace_id and r.event_id = e.id
            where e.workspace_id = $1 and e.entity_id = $2 and e.verb = 'import_redone' and r.entity = $3 group by r.entity_id
         ), mine as (
            -- An import may fill in what an earlier batch of it made.
            select m.record_id, greatest(1 + count(r.event_id), max(b.version)) as left_at from import_records m
            left join event_rows r on r.workspace_id = m.workspace_id and r.entity = m.entity and r.entity_id = m.record_id and r.changes <> '{{}}'
                and r.event_id in (select id from events where workspace_id = $1 and entity_id = $2 and verb = 'imported')
            -- Brought back, it is as the bringing back left it.
            left join brought_back b on b.entity_id = m.record_id
            where m.workspace_id = $1 and m.import_id = $2 and m.entity = $3 group by m.record_id
         ),
         gone as (
            update {plural} t set deleted_at = now(), version = version + 1, updated_at = now()
            from mine where t.workspace_id = $1 and t.id = mine.record_id {untouched} and t.deleted_at is null {in_use}
            returning t.id, t.version
         ), told as (
            insert into event_rows (workspace_id, event_id, entity, entity_id, version) select $1, $4, $3, id, version from gone
         ), rest as (
            select t.{title} as title, {openly} as openly from {plural} t
            where t.workspace_id = $1 and t.deleted_at is null and t.id in (select record_id from mine) and t.id not in (select id from gone)
         )
         select (select count(*) from gone), (select count(*) from rest),
            coalesce((select jsonb_agg(case when openly then title else '…' end) from (select * from rest limit 200) r), '[]')",
        plural = entity.plural(),
        title = entity.title_column(),
        // Everybody who may import reads what stayed: names that not everybody sees are left out.
        openly = if entity.is_owned() { "t.visibility = 'workspace'" } else { "true" },
    );
    let (gone, stays, rest): (i64, i64, Value) =
        sqlx::query_as(AssertSqlSafe(text)).bind(tx.workspace()).bind(import).bind(entity.noun()).bind(event).fetch_one(tx.conn()).await?;
    Ok((gone, stays, serde_json::from_value(rest).unwrap_or_default()))
}

/// Empties what an import filled in, where it is still as the import left it. What the import made itself is not concerned.
async fn put_back(tx: &mut TenantTx, import: ImportId, event: EventId) -> Result<PutBack, StoreError> {
    let rows: Vec<(String, Uuid, Value)> = sqlx::query_as(
        "select r.entity, r.entity_id, r.changes from events e
         join event_rows r on r.workspace_id = e.workspace_id and r.event_id = e.id and r.changes <> '{}'
         where e.workspace_id = $1 and e.entity_id = $2 and e.verb = 'imported'
            and not exists (select from import_records m where m.workspace_id = $1 and m.import_id = $2 and m.entity = r.entity and m.record_id = r.entity_id)
         order by e.id desc",
    )
    .bind(tx.workspace())
    .bind(import)
    .fetch_all(tx.conn())
    .await?;
    let rows: Vec<_> =
        rows.into_iter().filter_map(|(entity, id, changes)| Some((EntityKind::from_noun(&entity)?, id, changes.as_object()?.clone()))).collect();
    put_back::put_back(tx, event, &rows).await
}

impl Apply for ImportCommand {
    async fn apply(&self, tx: &mut TenantTx, _: &mut Context) -> Result<Change, StoreError> {
        match self {
            Self::AddSample { import } => sample::add(tx, *import).await,
            Self::UndoImport { import } => undo(tx, *import).await,
        }
    }
}

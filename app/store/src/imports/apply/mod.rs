//! Writing a batch of imported rows: matched or made, counted, told as one event, with the progress, in one transaction.

mod alike;
mod checked;
mod deals;
mod matches;
mod named;
mod names;
mod records;

use crate::{Actor, Conflict, Database, Finding, StoreError, TenantTx, event_rows, imports::save_findings, records::hooks};
use checked::{Affected, CheckedRow};
use deals::create_deals;
use domain::{
    Currency, EntityKind, EventId, ImportId, Permission, fields,
    imports::{ImportKind, ImportOptions, KnownRows, MappedRow},
};
use matches::{Matches, Wider, find_matches, identity, source_id};
use names::Names;
use records::{fill_empty, insert_records};
use serde_json::json;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// One row of a file, understood.
#[derive(Clone, Debug)]
pub struct ImportRow {
    /// Line of the record in the file, the first after the header being 1.
    pub number: i64,
    pub cells: Vec<String>,
    pub row: MappedRow,
    /// Hash of all cells: the identity of a row that has no other.
    pub hash: String,
}

/// Rows to write together, and the progress they bring.
#[derive(Clone, Debug)]
pub struct Batch {
    pub import: ImportId,
    pub kind: ImportKind,
    pub file_name: String,
    pub options: ImportOptions,
    pub rows: Vec<ImportRow>,
    /// Rows that could not even be read.
    pub findings: Vec<Finding>,
    /// Progress the batch starts from: another worker that already went past it makes this one stop.
    pub rows_before: i64,
    pub rows_after: i64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BatchResult {
    pub created: i64,
    pub matched: i64,
    pub failed: i64,
}

impl Database {
    /// Writes one batch, all or nothing. A lost race is tried again, five times at most.
    ///
    /// # Errors
    /// `Denied`: the actor may not import. `Ended`: the sign-in has ended. `Conflict`: the import is not running, or another
    /// worker went past `rows_before`. `Database`.
    pub async fn apply_import_batch(&self, actor: &Actor, batch: &Batch) -> Result<BatchResult, StoreError> {
        for attempt in 1.. {
            match self.try_batch(actor, batch).await {
                Err(e) if attempt < 5 && e.is_retryable() => continue,
                other => {
                    self.hub.wake();
                    return other;
                }
            }
        }
        Err(StoreError::NotFound)
    }

    async fn try_batch(&self, actor: &Actor, batch: &Batch) -> Result<BatchResult, StoreError> {
        let mut tx = self.begin_write(actor, Permission::Import).await?;
        let workspace = tx.workspace();
        let fenced = sqlx::query("update imports set rows_done = $3 where workspace_id = $1 and id = $2 and rows_done = $4 and status = 'running'")
            .bind(workspace)
            .bind(batch.import)
            .bind(batch.rows_after)
            .bind(batch.rows_before)
            .execute(tx.conn())
            .await?;
        if fenced.rows_affected() == 0 {
            return Err(Conflict::OtherWorker.into());
        }
        let entity = batch.kind.entity();
        let currency = tx.actor.currency;
        let mut findings = batch.findings.clone();
        let event = EventId::new();
        let mut ready = check_rows(entity, currency, &batch.rows, &mut findings);
        for row in &mut ready {
            hooks::derive(&mut tx, entity, true, &mut row.set).await?;
        }
        let mut made = Affected::default();
        let names = Names::resolve(&mut tx, entity, &ready, &batch.options, &mut made, &mut findings).await?;
        let again = batch.options.known == KnownRows::Create;
        let matches = if again { Matches::default() } else { find_matches(&mut tx, batch.kind, &ready, &names).await? };
        let wider = Wider::read(&mut tx, entity, &ready, &matches).await?;
        let mut result = BatchResult::default();

        let mut fresh: Vec<(Uuid, CheckedRow)> = Vec::new();
        let mut known: Vec<(Uuid, CheckedRow)> = Vec::new();
        let mut in_batch: HashMap<String, Uuid> = HashMap::new();
        for row in ready.drain(..) {
            let key = identity(batch.kind, &row, &names);
            match matches.of(&row, &key).filter(|id| !wider.keeps_apart(*id, &row, &mut findings)) {
                Some(id) => known.push((id, row)),
                None if !again && in_batch.contains_key(&key) => result.matched += 1,
                None => {
                    let id = Uuid::now_v7();
                    in_batch.insert(key, id);
                    fresh.push((id, row));
                }
            }
        }
        result.matched += known.len() as i64;
        if entity == EntityKind::Deal {
            create_deals(&mut tx, event, &mut fresh, &names, &mut findings).await?;
        } else {
            insert_records(&mut tx, event, entity, &fresh, &names).await?;
            if batch.options.known == KnownRows::Fill {
                fill_empty(&mut tx, entity, &known, &names, &mut made, &mut findings).await?;
            }
        }
        result.created = fresh.len() as i64;
        made.created.extend(fresh.iter().map(|(id, _)| (entity, *id)));
        remember_sources(&mut tx, entity, &fresh).await?;
        save_findings(&mut tx, batch.import, &findings).await?;
        let failed: BTreeSet<i64> = findings.iter().filter(|f| f.error).map(|f| f.row_number).collect();
        result.failed = failed.len() as i64;
        record_batch(&mut tx, batch, (event, entity), &made, result).await?;
        tx.commit().await?;
        Ok(result)
    }
}

fn check_rows(entity: EntityKind, currency: Currency, rows: &[ImportRow], findings: &mut Vec<Finding>) -> Vec<CheckedRow> {
    let mut ready = Vec::with_capacity(rows.len());
    for row in rows {
        match fields::check(entity, &row.row.fields, true, currency) {
            Ok(set) => ready.push(CheckedRow { number: row.number, row: row.row.clone(), hash: row.hash.clone(), set, cells: row.cells.clone() }),
            // A deal's stage and a stage's pipeline come from their own columns, so only real field errors are left here.
            Err(errors) => findings.extend(errors.0.into_iter().map(|e| Finding {
                row_number: row.number,
                field: e.field,
                code: "invalid",
                message: e.message,
                error: true,
                cells: row.cells.clone(),
            })),
        }
    }
    ready
}

/// A row that was added once more stays known as the record it was at first, which outlives an undo of the second; unless
/// that one is in the bin, as after the undo of its import.
async fn remember_sources(tx: &mut TenantTx, entity: EntityKind, rows: &[(Uuid, CheckedRow)]) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut seen = BTreeSet::new();
    let (sources, ids): (Vec<String>, Vec<Uuid>) = rows.iter().map(|(id, row)| (source_id(row), *id)).filter(|(s, _)| seen.insert(s.clone())).unzip();
    // An id that names a record somebody else alone sees stays theirs, so the whole workspace is asked.
    let all = crate::bypass::visibility(tx, true).await?;
    let gone = format!(
        "not exists (select from {} t where t.workspace_id = external_ids.workspace_id and t.id = external_ids.record_id and t.deleted_at is null)",
        entity.plural()
    );
    let text = format!(
        "insert into external_ids (workspace_id, entity, source, external_id, record_id)
         select $1, $2, 'csv', * from unnest($3::text[], $4::uuid[]) on conflict (workspace_id, entity, source, external_id)
            do update set record_id = excluded.record_id where {gone}"
    );
    sqlx::query(sqlx::AssertSqlSafe(text)).bind(tx.workspace()).bind(entity.noun()).bind(sources).bind(ids).execute(tx.conn()).await?;
    crate::bypass::visibility(tx, all).await?;
    Ok(())
}

/// Counts, the batch's command and event with its rows, and one live message.
async fn record_batch(
    tx: &mut TenantTx,
    batch: &Batch,
    (event, entity): (EventId, EntityKind),
    made: &Affected,
    result: BatchResult,
) -> Result<(), StoreError> {
    let workspace = tx.workspace();
    let member = tx.actor.member;
    sqlx::query(
        "update imports set created_count = created_count + $3, matched_count = matched_count + $4, failed_count = failed_count + $5
         where workspace_id = $1 and id = $2",
    )
    .bind(workspace)
    .bind(batch.import)
    .bind(result.created)
    .bind(result.matched)
    .bind(result.failed)
    .execute(tx.conn())
    .await?;
    // The same batch of the same import is the same command, whoever retries it.
    let command = Uuid::new_v5(&batch.import.0, batch.rows_before.to_string().as_bytes());
    let outcome = json!({"kind": entity.noun(), "id": batch.import, "version": 1, "event": event});
    sqlx::query("insert into commands (workspace_id, id, member_id, body_hash, outcome) values ($1, $2, $3, '', $4)")
        .bind(workspace)
        .bind(command)
        .bind(member)
        .bind(outcome)
        .execute(tx.conn())
        .await?;
    if made.created.is_empty() && made.touched.is_empty() {
        return Ok(());
    }
    let title = format!("{} {} from {}", result.created, entity.plural(), batch.file_name);
    sqlx::query(
        "insert into events (workspace_id, id, command_id, member_id, surface, verb, entity, entity_id, title, version, occurred_at)
         values ($1, $2, $3, $4, 'import', 'imported', $5, $6, $7, 1, now())",
    )
    .bind(workspace)
    .bind(event)
    .bind(command)
    .bind(member)
    .bind(entity.noun())
    .bind(batch.import)
    .bind(title)
    .execute(tx.conn())
    .await?;
    event_rows::created(tx, event, &made.created).await?;
    event_rows::write(tx, event, &made.touched).await?;
    sqlx::query("insert into outbox (id, workspace_id, entity, entity_id, version, verb, command_id) values ($1, $2, $3, $4, 1, 'imported', $5)")
        .bind(event)
        .bind(workspace)
        .bind(entity.noun())
        .bind(batch.import)
        .bind(command)
        .execute(tx.conn())
        .await?;
    Ok(())
}

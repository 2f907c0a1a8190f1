//! The worker's side: read, understand, write in batches, go on where a killed run stood.

use super::reader::{CsvReader, Record};
use app::AppError;
use domain::{
    EntityKind, ImportId, fields,
    imports::{FindingView, ImportKind, map_row, suggest},
};
use sha2::{Digest, Sha256};
use std::{future::Future, pin::Pin, sync::Arc};
use store::{Actor, Batch, Database, Finding, Import, ImportRow, JobRunner, RunImport};

/// Rows of a batch: one transaction, one event, well under a quarter of a second.
const BATCH: usize = 500;
/// Findings a dry run tells.
const DRY_FINDINGS: usize = 200;

fn hash(cells: &[String]) -> String {
    let mut sum = Sha256::new();
    for cell in cells {
        sum.update((cell.len() as u64).to_le_bytes());
        sum.update(cell.as_bytes());
    }
    sum.finalize().iter().take(16).map(|b| format!("{b:02x}")).collect()
}

/// One record of the file: understood, or as findings.
fn understand(import: &Import, number: i64, record: Record) -> Result<ImportRow, Vec<Finding>> {
    let finding =
        |field: String, message: String, cells: Vec<String>| Finding { row_number: number, field, code: "unreadable", message, error: true, cells };
    match record {
        Record::Bad(why) => Err(vec![finding("row".into(), why, Vec::new())]),
        Record::Row(cells) => match map_row(import.kind, &import.mapping, &cells) {
            Ok(row) => Ok(ImportRow { number, hash: hash(&cells), row, cells }),
            Err(errors) => Err(errors.into_iter().map(|(field, message)| finding(field, message, cells.clone())).collect()),
        },
    }
}

/// Runs an import to its end. Killed and run again, it goes on after the last batch that was committed.
pub async fn run(db: &Database, job: RunImport) -> Result<(), AppError> {
    let Some(actor) = db.import_actor(job.workspace, job.import).await? else { return Ok(()) };
    let Some(import) = db.take_import(&actor, job.import).await? else { return Ok(()) };
    match write_all(db, &actor, &import).await {
        Ok(()) => Ok(db.finish_import(&actor, job.import, None).await?),
        // The database is away: the job is tried again. Anything else ends the import with its reason.
        Err(e @ (AppError::Bug(_) | AppError::Unreachable)) => Err(e),
        Err(e) => Ok(db.finish_import(&actor, job.import, Some(&e.to_string())).await?),
    }
}

async fn write_all(db: &Database, actor: &Actor, import: &Import) -> Result<(), AppError> {
    let mut reader = CsvReader::new(db.clone(), actor.clone(), import.id, import.delimiter, &import.encoding);
    reader.next().await?; // the header
    let mut number = 0;
    while number < import.rows_done && reader.next().await?.is_some() {
        number += 1;
    }
    let mut before = number;
    let (mut rows, mut findings) = (Vec::with_capacity(BATCH), Vec::new());
    loop {
        let record = reader.next().await?;
        let ended = record.is_none();
        if let Some(record) = record {
            number += 1;
            match understand(import, number, record) {
                Ok(row) => rows.push(row),
                Err(found) => findings.extend(found),
            }
        }
        if (ended && number > before) || number - before >= BATCH as i64 {
            let batch = Batch {
                import: import.id,
                kind: import.kind,
                file_name: import.file_name.clone(),
                rows: std::mem::take(&mut rows),
                findings: std::mem::take(&mut findings),
                rows_before: before,
                rows_after: number,
            };
            db.apply_import_batch(actor, &batch).await?;
            before = number;
        }
        if ended {
            return Ok(());
        }
    }
}

/// Reads everything and writes nothing: what would not be taken, and what would be guessed.
pub async fn dry_run(db: &Database, actor: &Actor, id: ImportId) -> Result<Vec<FindingView>, AppError> {
    let view = db.import_view(actor, id).await?;
    let (delimiter, encoding) = db.import_shape(actor, id).await?;
    let import =
        Import { id, file_name: view.file_name, kind: view.kind, status: view.status, delimiter, encoding, mapping: view.mapping, rows_done: 0 };
    let products = if import.kind == ImportKind::Deals { db.names(actor, EntityKind::Product).await? } else { Vec::new() };
    let mut told: Vec<String> = Vec::new();
    let mut out: Vec<FindingView> = Vec::new();
    let mut reader = CsvReader::new(db.clone(), actor.clone(), id, import.delimiter, &import.encoding);
    reader.next().await?;
    let mut number = 0;
    while let Some(record) = reader.next().await? {
        number += 1;
        if out.len() >= DRY_FINDINGS {
            break;
        }
        let mut add = |field: &str, message: String, severity: &str| {
            out.push(FindingView { row_number: number, field: field.into(), message, severity: severity.into() });
        };
        match understand(&import, number, record) {
            Err(found) => found.into_iter().for_each(|f| add(&f.field, f.message, "error")),
            Ok(row) => {
                if let Err(wrong) = fields::check(import.kind.entity(), &row.row.fields, true, domain::Currency::USD) {
                    wrong.0.into_iter().for_each(|e| add(&e.field, e.message, "error"));
                }
                if let Some(product) = row.row.product.filter(|p| !told.contains(p)) {
                    match suggest(&product, &products) {
                        Some((at, likeness)) if products[at] != product && likeness >= 1.0 => {
                            add("product", format!("“{product}” will be taken as “{}”", products[at]), "warning");
                        }
                        Some((at, likeness)) if likeness < 1.0 => {
                            add("product", format!("“{product}” will be a new product; it looks like “{}”", products[at]), "warning");
                        }
                        _ => {}
                    }
                    told.push(product);
                }
            }
        }
    }
    Ok(out)
}

/// [`dry_run`] for the wizard's server functions.
pub fn dry_run_later(db: Database, actor: Actor, import: ImportId) -> Pin<Box<dyn Future<Output = Result<Vec<FindingView>, AppError>> + Send>> {
    Box::pin(async move { dry_run(&db, &actor, import).await })
}

/// The work behind the jobs.
pub fn runner(db: Database) -> JobRunner {
    JobRunner(Arc::new(move |job| {
        let db = db.clone();
        Box::pin(async move { run(&db, job).await.map_err(|e| e.to_string()) })
    }))
}

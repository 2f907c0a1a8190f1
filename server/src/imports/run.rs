//! The worker's side: read, understand, write in batches, go on where a killed run stood.

use super::reader::{CsvReader, Record};
use app::AppError;
use domain::{
    ImportId, fields,
    imports::{FindingView, PreviewRow, Suggestion, map_row, suggest},
};
use sha2::{Digest, Sha256};
use std::{future::Future, pin::Pin, sync::Arc, time::Duration};
use store::{Actor, Batch, Conflict, Database, Finding, Import, ImportRow, JobRunner, RunImport, StoreError};

/// Rows of a batch: one transaction, one event, well under a quarter of a second.
const BATCH: usize = 500;
/// Findings a dry run tells.
const DRY_FINDINGS: usize = 200;
/// Rows after which the planner looks at the tables anew: plans made for empty tables do not suit full ones.
/// They are also renewed at the end of the import.
const STATISTICS_AT: [i64; 3] = [1_000, 10_000, 200_000];
/// Rows of the preview.
const PREVIEW: usize = 20;

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
    let written = async {
        let actor = db.import_actor(job.workspace, job.import).await?.ok_or(AppError::SignInNeeded)?;
        match db.take_import(&actor, job.import).await? {
            Some(import) => write_all(db, &actor, &import).await.map(|()| true),
            None => Ok(false),
        }
    };
    let ended = async |error: Option<&str>| {
        crate::allocator::purge_soon();
        Ok(db.finish_import(job.workspace, job.import, error).await?)
    };
    match written.await {
        Ok(true) => ended(None).await,
        Ok(false) => Ok(()),
        // The database is away: the job is tried again. Anything else ends the import with its reason.
        Err(e) if e.is_temporary() || matches!(e, AppError::Bug(_)) => Err(e),
        Err(AppError::SignInNeeded | AppError::NotAllowed) => ended(Some("The member who started this import may not import any more.")).await,
        Err(e) => ended(Some(&e.to_string())).await,
    }
}

/// Reads up to [`BATCH`] rows after row `number`; `None` at the end of the file.
async fn read_batch(reader: &mut CsvReader, import: &Import, mut number: i64) -> Result<Option<Batch>, AppError> {
    let before = number;
    let (mut rows, mut findings) = (Vec::with_capacity(BATCH), Vec::new());
    while number - before < BATCH as i64
        && let Some(record) = reader.next().await?
    {
        number += 1;
        match understand(import, number, record) {
            Ok(row) => rows.push(row),
            Err(found) => findings.extend(found),
        }
    }
    let (kind, file_name, options) = (import.kind, import.file_name.clone(), import.options.clone());
    let batch = Batch { import: import.id, kind, file_name, options, rows, findings, rows_before: before, rows_after: number };
    Ok((number > before).then_some(batch))
}

async fn write_batch(db: &Database, actor: &Actor, batch: &Batch) -> Result<(), AppError> {
    db.apply_import_batch(actor, batch).await.map_err(|e| match e {
        // Another worker runs this import: retry later.
        StoreError::Conflict(c @ Conflict::OtherWorker) => AppError::Unavailable(c.to_string()),
        e => e.into(),
    })?;
    if STATISTICS_AT.iter().any(|n| batch.rows_before < *n && *n <= batch.rows_after) {
        db.renew_statistics().await;
    }
    Ok(())
}

async fn write_all(db: &Database, actor: &Actor, import: &Import) -> Result<(), AppError> {
    let mut reader = CsvReader::new(db.clone(), actor.clone(), import.id, import.delimiter, &import.encoding);
    reader.next().await?; // the header
    let mut number = 0;
    while number < import.rows_done && reader.next().await?.is_some() {
        number += 1;
    }
    let mut next = read_batch(&mut reader, import, number).await?;
    while let Some(batch) = next {
        // The next batch is parsed while Postgres executes the statements of this one.
        ((), next) = tokio::try_join!(write_batch(db, actor, &batch), read_batch(&mut reader, import, batch.rows_after))?;
    }
    Ok(())
}

async fn as_draft(db: &Database, actor: &Actor, id: ImportId) -> Result<Import, AppError> {
    let view = db.import_view(actor, id).await?;
    let (delimiter, encoding) = db.import_shape(actor, id).await?;
    Ok(Import {
        id,
        file_name: view.file_name,
        kind: view.kind,
        status: view.status,
        delimiter,
        encoding,
        mapping: view.mapping,
        options: view.options,
        rows_done: 0,
    })
}

/// The first rows as they would be taken.
async fn preview(db: &Database, actor: &Actor, id: ImportId) -> Result<Vec<PreviewRow>, AppError> {
    let import = as_draft(db, actor, id).await?;
    let mut reader = CsvReader::new(db.clone(), actor.clone(), id, import.delimiter, &import.encoding);
    reader.next().await?;
    let mut rows = Vec::new();
    while rows.len() < PREVIEW
        && let Some(record) = reader.next().await?
    {
        let number = rows.len() as i64 + 1;
        let shown = match &record {
            Record::Row(cells) => cells.iter().map(|c| c.chars().filter(|c| *c != '\0').take(80).collect()).collect(),
            Record::Bad(_) => Vec::new(),
        };
        let problems = match understand(&import, number, record) {
            Err(found) => found.into_iter().map(|f| format!("{}: {}", f.field, f.message)).collect(),
            Ok(row) => match fields::check(import.kind.entity(), &row.row.fields, true, actor.currency) {
                Err(wrong) => wrong.0.into_iter().map(|e| e.message).collect(),
                Ok(_) => Vec::new(),
            },
        };
        rows.push(PreviewRow { number, cells: shown, problems });
    }
    Ok(rows)
}

/// Reads everything and writes nothing: what would not be taken, and what would be guessed.
pub async fn dry_run(db: &Database, actor: &Actor, id: ImportId) -> Result<Vec<FindingView>, AppError> {
    let import = as_draft(db, actor, id).await?;
    let products = match import.kind.entity().field("productId").and_then(|f| f.kind.target()) {
        Some(kind) => db.names(actor, kind).await?,
        None => Vec::new(),
    };
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
        let mut add = |field: &str, message: String, suggestion: Option<Suggestion>| {
            let severity = if suggestion.is_some() { "warning" } else { "error" };
            out.push(FindingView { row_number: number, field: field.into(), message, severity: severity.into(), suggestion });
        };
        match understand(&import, number, record) {
            Err(found) => found.into_iter().for_each(|f| add(&f.field, f.message, None)),
            Ok(row) => {
                if let Err(wrong) = fields::check(import.kind.entity(), &row.row.fields, true, actor.currency) {
                    wrong.0.into_iter().for_each(|e| add(&e.field, e.message, None));
                }
                if let Some(product) = row.row.product.filter(|p| !told.contains(p)) {
                    match suggest(&product, &products) {
                        Some((at, likeness)) if products[at].to_lowercase() != product.to_lowercase() => {
                            let taken = likeness >= 1.0;
                            let suggestion = Suggestion { name: product.clone(), like: products[at].clone(), taken };
                            add("product", format!("“{product}” is like “{}”, which is there", products[at]), Some(suggestion));
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

/// [`preview`] for the wizard's server functions.
pub fn preview_later(db: Database, actor: Actor, import: ImportId) -> Pin<Box<dyn Future<Output = Result<Vec<PreviewRow>, AppError>> + Send>> {
    Box::pin(async move { preview(&db, &actor, import).await })
}

/// [`dry_run`] for the wizard's server functions.
pub fn dry_run_later(db: Database, actor: Actor, import: ImportId) -> Pin<Box<dyn Future<Output = Result<Vec<FindingView>, AppError>> + Send>> {
    Box::pin(async move { dry_run(&db, &actor, import).await })
}

/// How often an import that finds the database away looks again before it counts as an attempt of its job: an hour. A job
/// has ten attempts, and a full disk over a weekend must not use them up within one night.
const LOOKS: u32 = 120;
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// The work behind the jobs.
pub fn runner(db: Database) -> JobRunner {
    JobRunner(Arc::new(move |job| {
        let db = db.clone();
        Box::pin(async move {
            let mut looks = 0;
            loop {
                match run(&db, job).await {
                    Err(e) if e.is_temporary() && looks < LOOKS => {
                        tracing::warn!(import = %job.import, error = %e, "an import waits for the database");
                        looks += 1;
                        // The first few soon: most absences are a restart.
                        tokio::time::sleep(LOOK_EVERY.min(Duration::from_secs(1) * looks)).await;
                    }
                    other => return other.map_err(|e| e.to_string()),
                }
            }
        })
    }))
}

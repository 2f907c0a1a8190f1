//! Taking a file in, and giving the failed rows out.

use crate::{flash::keep_flash, pages::error_page, state::AppState};
use app::{
    AppError,
    context::{Flash, RequestContext},
};
use axum::{
    Extension,
    extract::{Multipart, Path, State},
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use bytes::Bytes;
use domain::{FieldError, ImportId, imports::ImportKind, paths};
use futures::{Stream, StreamExt};
use store::{Actor, Database, StoreError};
use tower_sessions::Session;

/// Bytes of a stored part. Each connection's buffers keep the capacity of the largest message they carried, and the pool hands out
/// one connection after the other: parts of a megabyte cost some 30 MB.
const PART: usize = 128 * 1024;

/// Longest line of a file that is worth keeping; the reader gives up on rows of this length.
const LINE: usize = 64 * 1024 * 1024;

/// A file on its way into the database, a part at a time: memory stays flat whatever its size.
pub struct Upload {
    db: Database,
    actor: Actor,
    import: ImportId,
    buffer: Vec<u8>,
    parts: i32,
    /// Bytes since the last line break.
    line: usize,
    lines: u64,
    hopeless: bool,
}

impl Upload {
    pub fn new(db: Database, actor: Actor, import: ImportId) -> Self {
        Self { db, actor, import, buffer: Vec::with_capacity(PART), parts: 0, line: 0, lines: 0, hopeless: false }
    }

    /// Takes the next bytes. Once a line is hopelessly long nothing more is kept, but the rest is still taken in, so
    /// that the sender gets to hear the answer.
    pub async fn push(&mut self, mut bytes: &[u8]) -> Result<(), StoreError> {
        for part in bytes.split_inclusive(|b| *b == b'\n') {
            self.line += part.len();
            self.hopeless |= self.line > LINE;
            if part.ends_with(b"\n") && !self.hopeless {
                self.line = 0;
                self.lines += 1;
            }
        }
        if self.hopeless {
            return Ok(());
        }
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(PART - self.buffer.len()));
            self.buffer.extend_from_slice(now);
            bytes = later;
            if self.buffer.len() == PART {
                self.store().await?;
            }
        }
        Ok(())
    }

    async fn store(&mut self) -> Result<(), StoreError> {
        self.db.add_import_part(&self.actor, self.import, self.parts, &self.buffer).await?;
        self.parts += 1;
        self.buffer.clear();
        Ok(())
    }

    pub async fn finish(mut self) -> Result<(), AppError> {
        if self.hopeless {
            let message = format!("Line {} of this file is longer than 64 megabytes: it is no CSV file.", self.lines + 1);
            return Err(AppError::Invalid(vec![FieldError { field: "file".into(), code: "unreadable".into(), message }]));
        }
        if !self.buffer.is_empty() {
            self.store().await?;
        }
        Ok(())
    }
}

/// `POST /import/upload` from the wizard's form.
pub async fn upload(State(state): State<AppState>, Extension(request): Extension<RequestContext>, session: Session, form: Multipart) -> Response {
    let Some(actor) = request.actor else { return Redirect::to(paths::SIGN_IN).into_response() };
    match take(&state.db, &actor, form).await {
        Ok(import) => Redirect::to(&format!("{}/{import}", paths::IMPORT)).into_response(),
        Err(e) if e.is_temporary() => error_page(&e, &state),
        // Said where the file was chosen, so that the next one can be.
        Err(e) => {
            let errors = vec![FieldError { field: "file".into(), code: e.code().into(), message: e.to_string() }];
            keep_flash(&session, Flash { form: "import".into(), errors, ..Default::default() }).await;
            Redirect::to(paths::IMPORT).into_response()
        }
    }
}

async fn take(db: &Database, actor: &Actor, mut form: Multipart) -> Result<ImportId, AppError> {
    while let Some(field) = form.next_field().await.map_err(|_| broken())? {
        if field.name() != Some("file") {
            continue;
        }
        let name = field.file_name().unwrap_or("upload.csv").to_owned();
        return draft(db, actor, &name, field, None).await;
    }
    Err(AppError::Conflict("Choose a file first.".into()))
}

fn broken() -> AppError {
    AppError::Conflict("The file did not arrive whole, or is larger than this server takes.".into())
}

/// Takes a file in as the draft of an import. A file that is refused or does not arrive whole leaves nothing in the database.
pub async fn draft<E>(
    db: &Database,
    actor: &Actor,
    name: &str,
    mut chunks: impl Stream<Item = Result<Bytes, E>> + Unpin,
    kind: Option<ImportKind>,
) -> Result<ImportId, AppError> {
    let import = db.create_import(actor, name).await?;
    let unfinished = Unfinished(Some((db.clone(), actor.clone(), import)));
    let taken = async {
        let mut upload = Upload::new(db.clone(), actor.clone(), import);
        while let Some(chunk) = chunks.next().await {
            upload.push(&chunk.map_err(|_| broken())?).await?;
        }
        upload.finish().await?;
        super::describe(db, actor, import, kind, None).await
    };
    let taken = taken.await;
    unfinished.ends(taken.is_ok()).await;
    taken.map(|_| import)
}

/// A draft whose file is on its way. Dropped with the request when the sender goes away; the draft goes with it.
struct Unfinished(Option<(Database, Actor, ImportId)>);

async fn discard((db, actor, import): (Database, Actor, ImportId)) {
    if let Err(e) = db.discard_import(&actor, import).await {
        // The purge takes it after some days.
        tracing::warn!(error = %e, "a refused upload could not be deleted");
    }
}

impl Unfinished {
    async fn ends(mut self, whole: bool) {
        if let Some(draft) = self.0.take().filter(|_| !whole) {
            discard(draft).await;
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(draft) = self.0.take() {
            #[expect(clippy::disallowed_methods, reason = "deletes what a broken upload left, and ends")]
            tokio::spawn(discard(draft));
        }
    }
}

/// `GET /import/{id}/failed.csv`: the rows that were not taken, as they were, with the reason in front.
pub async fn failed_csv(State(state): State<AppState>, Extension(request): Extension<RequestContext>, Path(import): Path<String>) -> Response {
    let Some(actor) = request.actor else { return Redirect::to(paths::SIGN_IN).into_response() };
    match write_failed(&state.db, &actor, &import).await {
        Ok(bytes) => {
            ([(header::CONTENT_TYPE, "text/csv; charset=utf-8"), (header::CONTENT_DISPOSITION, "attachment; filename=\"failed-rows.csv\"")], bytes)
                .into_response()
        }
        Err(e) => error_page(&e, &state),
    }
}

async fn write_failed(db: &Database, actor: &Actor, import: &str) -> Result<Vec<u8>, AppError> {
    let import = ImportId(import.parse().map_err(|_| AppError::NotFound)?);
    let view = db.import_view(actor, import).await?;
    let mut out = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    // Written into memory: there is nothing to fail.
    let trouble = |_| AppError::Bug(app::reference());
    let head = ["row", "reason"].into_iter().map(str::to_owned).chain(view.mapping.into_iter().map(|m| m.header));
    out.write_record(head.map(|c| harmless(&c))).map_err(trouble)?;
    let mut after = 0;
    loop {
        let rows = db.failed_rows(actor, import, after).await?;
        let Some(last) = rows.last() else { break };
        after = last.0;
        for (number, why, cells) in rows {
            let cells = [number.to_string(), why].into_iter().chain(cells);
            out.write_record(cells.map(|c| harmless(&c))).map_err(trouble)?;
        }
    }
    out.into_inner().map_err(|_| AppError::Bug(app::reference()))
}

/// A cell that no spreadsheet takes for a formula: the first thing in it that is no blank is not `= + - @`.
fn harmless(cell: &str) -> String {
    let first = cell.trim_start_matches(|c: char| c.is_whitespace() || c.is_control()).chars().next();
    if matches!(first, Some('=' | '+' | '-' | '@')) && cell.parse::<f64>().is_err() { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn no_cell_starts_a_formula() {
        for cell in ["=1+1", "+cmd", "-2+3", "@x", " =1", "\t=1", "\u{a0}=HYPERLINK(1)"] {
            assert!(harmless(cell).starts_with('\''), "{cell:?}");
        }
        for cell in ["-12.50", "Acme", "", "a=b"] {
            assert_eq!(harmless(cell), cell);
        }
    }
}

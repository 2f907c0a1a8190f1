//! File reading of the server crate, which the server functions of the wizard call through the request.

use crate::AppError;
use domain::{
    ImportId,
    imports::{FindingView, ImportKind, PreviewRow},
};
use leptos::prelude::use_context;
use store::{Actor, Database};

type Later<T> = std::pin::Pin<Box<dyn std::future::Future<Output = Result<T, AppError>> + Send>>;
/// Reads the head of an uploaded file and determines its kind and mapping.
pub type Describer = fn(Database, Actor, ImportId, Option<ImportKind>, Option<Vec<String>>) -> Later<()>;
/// Dry run: reads a whole file without writing and returns the findings.
pub type DryRunner = fn(Database, Actor, ImportId) -> Later<Vec<FindingView>>;

/// Reads the first rows as they would be taken.
pub type Previewer = fn(Database, Actor, ImportId) -> Later<Vec<PreviewRow>>;

/// The server crate's file reading, given to the wizard's server functions.
#[derive(Clone, Copy)]
pub struct ImportReading {
    pub describe: Describer,
    pub dry_run: DryRunner,
    pub preview: Previewer,
}

fn reading() -> Result<ImportReading, AppError> {
    use_context::<http::request::Parts>()
        .and_then(|parts| parts.extensions.get::<ImportReading>().copied())
        .ok_or_else(|| AppError::Bug("NOREADER".into()))
}

pub fn describer() -> Result<Describer, AppError> {
    Ok(reading()?.describe)
}

pub fn previewer() -> Result<Previewer, AppError> {
    Ok(reading()?.preview)
}

pub fn dry_runner() -> Result<DryRunner, AppError> {
    Ok(reading()?.dry_run)
}

//! The job that runs an import.

use crate::{job::Job, keys::Use};
use domain::{ImportId, WorkspaceId};
use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};
use serde::{Deserialize, Serialize};
use std::{future::Future, pin::Pin, sync::Arc};
use uuid::Uuid;

/// Runs an import, resuming after its last committed batch.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct RunImport {
    pub workspace: WorkspaceId,
    pub import: ImportId,
}

/// The future of a run, whose error is logged and retried.
pub type JobFuture = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

/// Runs an import. The server provides it, because it reads the files.
#[derive(Clone)]
pub struct JobRunner(pub Arc<dyn Fn(RunImport) -> JobFuture + Send + Sync>);

impl std::fmt::Debug for JobRunner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JobRunner")
    }
}

impl TaskHandler for RunImport {
    const IDENTIFIER: &'static str = "run_import";

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        match ctx.get_ext::<JobRunner>() {
            Some(runner) => (runner.0)(self).await,
            None => Err("no runner".to_owned()),
        }
    }
}

impl Job for RunImport {
    const USE: Use = Use::Import;
    const ATTEMPTS: i32 = 10;

    fn of(workspace: WorkspaceId, record: Uuid) -> Self {
        Self { workspace, import: ImportId(record) }
    }
}

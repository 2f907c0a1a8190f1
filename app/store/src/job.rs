//! A background job: asked for by an outbox row, queued by the relay, run by a worker.

use crate::{
    StoreError,
    keys::{TenantKey, Use},
};
use chrono::{DateTime, Utc};
use domain::WorkspaceId;
use graphile_worker::TaskHandler;
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

/// A job about one record. Its identifier is the verb of the outbox row that asks for it; `jobs.rs` registers it.
pub(crate) trait Job: TaskHandler {
    /// First part of the job's key: a job that is requested again while it is queued is replaced.
    const USE: Use;
    /// Attempts before the queue gives the job up.
    const ATTEMPTS: i32;
    /// The outbox row is no news for browsers.
    const SILENT: bool = false;

    fn of(workspace: WorkspaceId, record: Uuid) -> Self;
}

/// Queues a job; it runs at `at`, or at once.
///
/// # Errors
/// Database errors.
pub(crate) async fn enqueue<J: Job>(
    conn: &mut PgConnection,
    workspace: WorkspaceId,
    record: Uuid,
    at: Option<DateTime<Utc>>,
) -> Result<(), StoreError> {
    TenantKey::new(workspace, J::USE, record).enqueue(conn, J::IDENTIFIER, json!(J::of(workspace, record)), at, J::ATTEMPTS).await
}

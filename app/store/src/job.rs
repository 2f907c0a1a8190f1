//! A background job: requested by an outbox row, queued by the relay, run by a worker.

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

/// A job about one record, registered in `jobs.rs`. Its identifier is the verb of the requesting outbox row.
pub(crate) trait Job: TaskHandler {
    /// First part of the job's key. A repeated request replaces the queued job.
    const USE: Use;
    /// Maximum number of attempts.
    const ATTEMPTS: i32;
    /// No live message is sent for the outbox row.
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

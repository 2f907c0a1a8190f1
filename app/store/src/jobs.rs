//! Background work through graphile_worker, in a schema of its own that the restricted role cannot reach.

use crate::{
    Database, StoreError,
    job_tables::{FIRE_REMINDER, RUN_IMPORT, SCHEMA},
    keys::{TenantKey, Use},
};
use chrono::{DateTime, Utc};
use domain::{ImportId, WorkspaceId};
use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext, WorkerOptions};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::PgConnection;
use std::{future::Future, pin::Pin, sync::Arc, time::Duration};
use uuid::Uuid;

/// One job per import: asking again while it waits changes nothing.
pub(crate) async fn enqueue_import(tx: &mut PgConnection, workspace: WorkspaceId, import: Uuid) -> Result<(), StoreError> {
    let payload = json!({"workspace": workspace, "import": import});
    TenantKey::new(workspace, Use::Import, import).enqueue(tx, RUN_IMPORT, payload, None, 10).await
}

/// One job per reminder: set anew, it moves.
pub(crate) async fn enqueue_reminder(tx: &mut PgConnection, workspace: WorkspaceId, task: Uuid, at: DateTime<Utc>) -> Result<(), StoreError> {
    let payload = json!({"workspace": workspace, "task": task});
    TenantKey::new(workspace, Use::Reminder, task).enqueue(tx, FIRE_REMINDER, payload, Some(at), 25).await
}

/// Reminds somebody of a task.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct FireReminder {
    pub workspace: WorkspaceId,
    pub task: Uuid,
}

impl TaskHandler for FireReminder {
    const IDENTIFIER: &'static str = FIRE_REMINDER;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        match ctx.get_ext::<Database>() {
            Some(db) => db.work_reminder(self.workspace, self.task, Utc::now()).await.map_err(|e| e.to_string()),
            None => Err("no database".to_owned()),
        }
    }
}

/// Runs one import, from where it stands to its end.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct RunImport {
    pub workspace: WorkspaceId,
    pub import: ImportId,
}

/// What the server does for a job; the store only knows that there is something to do.
pub type JobFuture = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

/// The work behind the jobs.
#[derive(Clone)]
pub struct JobRunner(pub Arc<dyn Fn(RunImport) -> JobFuture + Send + Sync>);

impl std::fmt::Debug for JobRunner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JobRunner")
    }
}

impl TaskHandler for RunImport {
    const IDENTIFIER: &'static str = RUN_IMPORT;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        match ctx.get_ext::<JobRunner>() {
            Some(runner) => (runner.0)(self).await,
            None => Err("no runner".to_owned()),
        }
    }
}

/// Works jobs until the process ends. Jobs of a killed process are taken up again after a minute.
pub async fn work(db: Database, runner: JobRunner) -> Result<(), String> {
    let worker = WorkerOptions::default()
        .schema(SCHEMA)
        .pg_pool(db.pool.clone())
        .concurrency(2)
        .poll_interval(Duration::from_millis(500))
        .listen_os_shutdown_signals(false)
        .heartbeat_interval(Duration::from_secs(5))
        .sweep_interval(Duration::from_secs(5))
        .sweep_threshold(Duration::from_secs(15))
        .recovery_delay(Duration::from_millis(100))
        .add_extension(runner)
        .add_extension(db.clone())
        .define_job::<RunImport>()
        .define_job::<FireReminder>()
        .init()
        .await
        .map_err(|e| e.to_string())?;
    worker.run().await.map_err(|e| e.to_string())
}

/// How the machinery is doing, for whoever watches over it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Vitals {
    pub connections_busy: u32,
    pub connections_idle: usize,
    pub live_streams: usize,
    pub outbox_waiting: i64,
    pub jobs_waiting: i64,
    pub mails_waiting: i64,
    /// Mails that may or may not have gone out: somebody should look.
    pub mails_unknown: i64,
}

impl Database {
    pub async fn vitals(&self) -> Result<Vitals, StoreError> {
        let (outbox_waiting, jobs_waiting, mails_waiting, mails_unknown): (i64, i64, i64, i64) = sqlx::query_as(
            "select (select count(*) from outbox where position is null), (select count(*) from rapport_jobs._private_jobs where run_at <= now()),
                (select count(*) from mails where state in ('queued', 'sending')), (select count(*) from mails where state = 'unknown')",
        )
        .fetch_one(&self.pool)
        .await?;
        let idle = self.pool.num_idle();
        Ok(Vitals {
            connections_busy: self.pool.size().saturating_sub(idle as u32),
            connections_idle: idle,
            live_streams: self.hub.listeners(),
            outbox_waiting,
            jobs_waiting,
            mails_waiting,
            mails_unknown,
        })
    }

    /// Gives back jobs that a dead process held. Only for whoever knows that no other worker lives. Being cut off is no
    /// failure of the job, so it is not counted as an attempt: ten power cuts must not end an import.
    pub async fn release_jobs(&self) -> Result<(), StoreError> {
        sqlx::query(
            "update rapport_jobs._private_jobs set locked_at = null, locked_by = null, attempts = greatest(attempts - 1, 0) where locked_at is not null",
        )
            .execute(&self.pool)
            .await?;
        sqlx::query("update rapport_jobs._private_job_queues set locked_at = null, locked_by = null where locked_at is not null")
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

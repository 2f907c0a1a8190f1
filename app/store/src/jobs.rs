//! Background work through graphile_worker, in a schema of its own that the restricted role cannot reach.

use crate::{
    Database, StoreError,
    imports::job::{JobRunner, RunImport},
    job::{Job, enqueue},
    job_tables::SCHEMA,
    tasks::reminders::FireReminder,
};
use chrono::{DateTime, Utc};
use domain::WorkspaceId;
use graphile_worker::{TaskHandler, WorkerOptions};
use sqlx::PgConnection;
use std::time::Duration;
use uuid::Uuid;

/// Registry of jobs.
macro_rules! jobs {
    ($($job:ty,)*) => {
        fn define(options: WorkerOptions) -> WorkerOptions {
            options$(.define_job::<$job>())*
        }

        /// Queues the job named by the verb of an outbox row, if any.
        ///
        /// # Errors
        /// Database errors.
        pub(crate) async fn enqueue_requested(
            conn: &mut PgConnection,
            verb: &str,
            workspace: WorkspaceId,
            record: Uuid,
            at: Option<DateTime<Utc>>,
        ) -> Result<(), StoreError> {
            $(if verb == <$job as TaskHandler>::IDENTIFIER {
                return enqueue::<$job>(conn, workspace, record, at).await;
            })*
            Ok(())
        }

        /// Whether no live message is sent for an outbox row with this verb.
        pub(crate) fn is_silent(verb: &str) -> bool {
            $((<$job as Job>::SILENT && verb == <$job as TaskHandler>::IDENTIFIER))||*
        }
    };
}
jobs! {
    RunImport,
    FireReminder,
}

/// Works jobs until the process ends. Jobs of a killed process are taken up again after a minute.
///
/// # Errors
/// A sentence of the job library: the worker could not start, or ended.
pub async fn work(db: Database, runner: JobRunner) -> Result<(), String> {
    let options = WorkerOptions::default()
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
        .add_extension(db.clone());
    let worker = define(options).init().await.map_err(|e| e.to_string())?;
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
    /// Numbers of connections, streams, and waiting work.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
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

    /// Releases the jobs of a dead process. Only safe while no other worker runs. Being cut off is no failure of the job, so it
    /// does not count as an attempt: ten power cuts must not end an import.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
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

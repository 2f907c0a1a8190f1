//! The tables of the job queue, and the names of the jobs in them.

use crate::{
    StoreError,
    keys::{self, InstallationLock},
};
use graphile_worker::WorkerUtils;
use sqlx::PgPool;

pub(crate) const SCHEMA: &str = "rapport_jobs";
/// Verb of an outbox row that asks for an import to be run; also the job's name.
pub(crate) const RUN_IMPORT: &str = "run_import";
/// Verb of an outbox row that asks for a reminder to be fired at its `run_at`; also the job's name.
pub(crate) const FIRE_REMINDER: &str = "fire_reminder";

pub(crate) async fn migrate(pool: &PgPool) -> Result<(), StoreError> {
    // Several processes may start at once; the library's own migrations do not lock.
    let mut guard = pool.begin().await?;
    InstallationLock::JOB_TABLES.wait(&mut guard).await?;
    WorkerUtils::new(pool.clone(), SCHEMA)
        .migrate()
        .await
        .map_err(|e| StoreError::Database(sqlx::Error::Configuration(format!("job tables: {e}").into())))?;
    keys::rewrite_old(pool).await?;
    guard.commit().await?;
    Ok(())
}

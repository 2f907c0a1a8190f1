//! The tables of the job queue.

use crate::{
    StoreError,
    keys::{self, InstallationLock},
};
use graphile_worker::WorkerUtils;
use sqlx::PgPool;

pub(crate) const SCHEMA: &str = "rapport_jobs";

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

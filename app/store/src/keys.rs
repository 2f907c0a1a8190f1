//! Keys outside the tenant tables: of jobs, and of locks. There row security sees nothing, so the key itself must say whose
//! it is. Record ids are unique within a workspace alone, and anybody may make a record under an id of their choice; a key
//! of the id alone is a key of somebody else's, too (`end2end/rules.sh` finds keys that are built elsewhere).

use crate::StoreError;
use chrono::{DateTime, Utc};
use domain::WorkspaceId;
use serde_json::Value;
use sqlx::{PgConnection, PgPool};
use std::fmt;
use uuid::Uuid;

/// What a tenant's key is for; its word is the key's first part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    Reminder,
    Import,
    /// The names by which records are found or made.
    Names,
    /// How many records of others a member deletes.
    Deletions,
    /// How many share links there are.
    Shares,
    /// Taking imports back, in earnest or to see what would go: one at a time.
    TakingBack,
    /// What an account may do in a workspace (migration 0023 makes the same key).
    Rights,
}

impl Use {
    /// All of them: those who go through every key.
    pub const ALL: [Self; 7] = [Self::Reminder, Self::Import, Self::Names, Self::Deletions, Self::Shares, Self::TakingBack, Self::Rights];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Reminder => "reminder",
            Self::Import => "import",
            Self::Names => "names",
            Self::Deletions => "deletions",
            Self::Shares => "shares",
            Self::TakingBack => "taking-back",
            Self::Rights => "rights",
        }
    }
}

/// The key of something in one workspace. There is none without a workspace.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TenantKey(String);

impl TenantKey {
    pub fn new(workspace: WorkspaceId, what: Use, record: Uuid) -> Self {
        Self(format!("{}:{workspace}:{record}", what.word()))
    }

    /// Of something that a workspace has once.
    pub fn once(workspace: WorkspaceId, what: Use) -> Self {
        Self(format!("{}:{workspace}", what.word()))
    }

    /// Waits for the lock of this key; it is held until the transaction ends.
    pub(crate) async fn wait(&self, tx: &mut PgConnection) -> Result<(), StoreError> {
        sqlx::query("select pg_advisory_xact_lock(hashtextextended($1, 0))").bind(&self.0).execute(tx).await?;
        Ok(())
    }

    /// Tries the lock without waiting; held until the transaction ends.
    pub(crate) async fn try_take(&self, tx: &mut PgConnection) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar("select pg_try_advisory_xact_lock(hashtextextended($1, 0))").bind(&self.0).fetch_one(tx).await?)
    }

    /// A job under this key: asked for again while it waits, it is replaced. Name, payload and attempts are the job's; without
    /// a time it runs at once.
    pub(crate) async fn enqueue(
        &self,
        conn: &mut PgConnection,
        job: &'static str,
        payload: Value,
        at: Option<DateTime<Utc>>,
        attempts: i32,
    ) -> Result<(), StoreError> {
        sqlx::query("select rapport_jobs.add_job(identifier => $1, payload => $2::json, run_at => $3, job_key => $4, max_attempts => $5)")
            .bind(job)
            .bind(payload)
            .bind(at)
            .bind(&self.0)
            .bind(attempts)
            .execute(conn)
            .await?;
        Ok(())
    }
}

impl fmt::Display for TenantKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Gives jobs that were queued under a record's id alone, as versions before this one did, the key of their workspace. Where
/// the new key is taken the old job stays as it is: what it does is done once, however often it is asked.
pub(crate) async fn rewrite_old(pool: &PgPool) -> Result<(), StoreError> {
    let words: Vec<&str> = Use::ALL.into_iter().map(Use::word).collect();
    sqlx::query(
        "update rapport_jobs._private_jobs j set key = n.key
         from (select id, split_part(key, ':', 1) || ':' || (payload->>'workspace') || ':' || split_part(key, ':', 2) as key
               from rapport_jobs._private_jobs where split_part(key, ':', 1) = any($1) and split_part(key, ':', 3) = '' and payload->>'workspace' is not null) n
         where j.id = n.id and not exists (select from rapport_jobs._private_jobs o where o.key = n.key)",
    )
    .bind(&words)
    .execute(pool)
    .await?;
    Ok(())
}

/// A lock of the whole installation, with the reason why it is nobody's in particular. The numbers lie beyond those that a
/// text's hash can have, so no job's key ever meets them.
#[derive(Clone, Copy, Debug)]
pub struct InstallationLock {
    number: i64,
    /// Why no workspace is in it.
    pub reason: &'static str,
}

impl InstallationLock {
    pub(crate) const RELAY: Self = Self::new(1, "positions count the changes of all workspaces in one order");
    pub(crate) const JOB_TABLES: Self = Self::new(2, "the job library's tables are made once for all workspaces");
    pub(crate) const DELETIONS: Self = Self::new(3, "accounts are in several workspaces, and their deletion walks through all");
    pub(crate) const BACKUP: Self = Self::new(4, "a backup holds all workspaces");

    const fn new(n: u8, reason: &'static str) -> Self {
        Self { number: 0x7261_7070_6f72_7400 | n as i64, reason }
    }

    /// Waits for the lock; it is held until the transaction ends.
    pub(crate) async fn wait(self, tx: &mut PgConnection) -> Result<(), StoreError> {
        sqlx::query("select pg_advisory_xact_lock($1)").bind(self.number).execute(tx).await?;
        Ok(())
    }

    /// Takes the lock if it is free; it is held until the transaction ends.
    pub(crate) async fn take(self, tx: &mut PgConnection) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar("select pg_try_advisory_xact_lock($1)").bind(self.number).fetch_one(tx).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_record_id_in_two_workspaces_is_two_keys() {
        let (a, b, record) = (WorkspaceId(Uuid::now_v7()), WorkspaceId(Uuid::now_v7()), Uuid::now_v7());
        for what in Use::ALL {
            let key = TenantKey::new(a, what, record);
            assert_ne!(key, TenantKey::new(b, what, record));
            assert_eq!(key, TenantKey::new(a, what, record));
            assert!(key.to_string().contains(&a.to_string()), "{key}");
            assert_ne!(TenantKey::once(a, what), TenantKey::once(b, what));
        }
        assert_ne!(TenantKey::new(a, Use::Reminder, record), TenantKey::new(a, Use::Import, record));
    }

    #[test]
    fn no_hash_of_a_text_is_a_lock_of_the_installation() {
        let all = [InstallationLock::RELAY, InstallationLock::JOB_TABLES, InstallationLock::DELETIONS, InstallationLock::BACKUP];
        for lock in all {
            assert!(i32::try_from(lock.number).is_err() && !lock.reason.is_empty());
            assert_eq!(all.iter().filter(|l| l.number == lock.number).count(), 1);
        }
        assert_eq!(InstallationLock::RELAY.number, 0x7261_7070_6f72_7401, "servers of the version before hold this one");
    }
}

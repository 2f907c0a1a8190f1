//! Backups on a schedule: when one is due, one server at a time, and what is known of the last.

use super::{BackupError, Manifest};
use crate::{Database, StoreError, door::change::Notices, keys::InstallationLock, notify};
use chrono::{DateTime, Duration, Utc};
use domain::{EntityKind, MemberId, WorkspaceId, notifications::BACKUP_FAILED};
use std::{collections::BTreeMap, path::Path};

/// After a failure it is tried again at the latest after this.
const AGAIN: Duration = Duration::minutes(15);
/// Of failures that go on, people are told once a day.
const TELL: Duration = Duration::hours(24);

/// What is known of the backups of this installation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BackupState {
    pub made_at: Option<DateTime<Utc>>,
    /// Path on the server that made it.
    pub file: Option<String>,
    pub failed_at: Option<DateTime<Utc>>,
    /// Why the last attempt failed; none if it did not.
    pub failure: Option<String>,
    told_at: Option<DateTime<Utc>>,
}

impl BackupState {
    /// When the next one is to be made: `every` after the newest of those that are there. `here` is the newest file of this
    /// server's folder. One whose file was taken out of the folder again does not count.
    pub fn due(&self, folder: &Path, here: Option<DateTime<Utc>>, every: Duration, now: DateTime<Utc>) -> DateTime<Utc> {
        let gone = self.file.as_deref().map(Path::new).is_some_and(|f| f.parent() == Some(folder) && !f.exists());
        let last = self.made_at.filter(|_| !gone).max(here).filter(|at| *at <= now + Duration::hours(1));
        let due = last.map_or(now, |at| at + every);
        match self.failed_at {
            Some(at) if self.failure.is_some() && at <= now => due.max(at + every.min(AGAIN)),
            _ => due,
        }
    }

    fn is_news(&self, now: DateTime<Utc>) -> bool {
        self.told_at.is_none_or(|told| told < now - TELL || self.made_at.is_some_and(|made| made > told))
    }
}

/// What a look at the schedule led to.
#[derive(Debug)]
pub enum Scheduled {
    Made(Manifest),
    /// Not yet, or another server is at it.
    Waits,
    /// Why, and how many people were told.
    Failed(BackupError, usize),
}

impl Database {
    /// State of the installation's backups; empty before the first.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn backup_state(&self) -> Result<BackupState, StoreError> {
        type Time = Option<DateTime<Utc>>;
        let row: Option<(Time, Option<String>, Time, Option<String>, Time)> =
            sqlx::query_as("select made_at, file, failed_at, failure, told_at from backup_state").fetch_optional(&self.pool).await?;
        let (made_at, file, failed_at, failure, told_at) = row.unwrap_or_default();
        Ok(BackupState { made_at, file, failed_at, failure, told_at })
    }

    /// Makes the backup that is due into `file`, one server of this database at a time. `here`: time of the newest backup in the
    /// file's folder. A failure is stored, and owners and admins are notified, once a day while it lasts.
    ///
    /// # Errors
    /// Only `Database`. A backup that fails is [`Scheduled::Failed`], no error.
    pub async fn backup_if_due(
        &self,
        file: &Path,
        here: Option<DateTime<Utc>>,
        every: Duration,
        now: DateTime<Utc>,
    ) -> Result<Scheduled, StoreError> {
        let folder = file.parent().unwrap_or(Path::new("."));
        let mut guard = self.pool.begin().await?;
        if !InstallationLock::BACKUP.take(&mut guard).await? {
            return Ok(Scheduled::Waits);
        }
        let done = self.backup_in_turn(file, folder, here, every, now).await;
        // Released now: a transaction that is dropped ends some time later, and the next turn would find the lock taken.
        guard.rollback().await?;
        done
    }

    /// The part of it that one server does at a time.
    async fn backup_in_turn(
        &self,
        file: &Path,
        folder: &Path,
        here: Option<DateTime<Utc>>,
        every: Duration,
        now: DateTime<Utc>,
    ) -> Result<Scheduled, StoreError> {
        let state = self.backup_state().await?;
        if state.due(folder, here, every, now) > now {
            return Ok(Scheduled::Waits);
        }
        let made = self.write_backup(file, true).await;
        match made {
            Ok(manifest) => {
                sqlx::query(
                    "insert into backup_state (made_at, file) values ($1, $2)
                     on conflict (one) do update set made_at = excluded.made_at, file = excluded.file, failed_at = null, failure = null",
                )
                .bind(now)
                .bind(file.display().to_string())
                .execute(&self.pool)
                .await?;
                Ok(Scheduled::Made(manifest))
            }
            Err(e) => {
                let cause = std::error::Error::source(&e).map(ToString::to_string);
                let why = cause.filter(|c| !e.to_string().contains(c)).map_or_else(|| e.to_string(), |c| format!("{e}: {c}"));
                let news = state.is_news(now);
                sqlx::query(
                    "insert into backup_state (failed_at, failure, told_at) values ($1, left($2, 500), case when $3 then $1 end)
                     on conflict (one) do update set failed_at = excluded.failed_at, failure = excluded.failure,
                        told_at = coalesce(excluded.told_at, backup_state.told_at)",
                )
                .bind(now)
                .bind(why)
                .bind(news)
                .execute(&self.pool)
                .await?;
                let told = if news { self.tell_owners(BACKUP_FAILED).await? } else { 0 };
                Ok(Scheduled::Failed(e, told))
            }
        }
    }

    /// Tells owners and admins of every workspace something about the installation; answers how many were to be told.
    async fn tell_owners(&self, kind: &'static str) -> Result<usize, StoreError> {
        let rows: Vec<(WorkspaceId, MemberId)> =
            sqlx::query_as("select workspace_id, member_id from memberships where status = 'active' and role in ('owner', 'admin') order by 1, 2")
                .fetch_all(&self.pool)
                .await?;
        let count = rows.len();
        let mut people: BTreeMap<WorkspaceId, Vec<(MemberId, &'static str)>> = BTreeMap::new();
        for (workspace, member) in rows {
            people.entry(workspace).or_default().push((member, kind));
        }
        for (workspace, to) in people {
            let mut tx = self.begin_system(workspace).await?;
            let about = Notices { to, owner: None, visibility: "workspace".into() };
            notify::deliver(&mut tx, EntityKind::Member, workspace.0, "", None, &about).await?;
            tx.commit().await?;
        }
        self.hub.wake();
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_08_restarts_neither_delay_nor_repeat_a_scheduled_backup() {
        let at = |h: i64| DateTime::UNIX_EPOCH + Duration::hours(h);
        let (folder, day) = (Path::new("/nowhere"), Duration::hours(24));
        let none = BackupState::default();
        assert_eq!(none.due(folder, None, day, at(5)), at(5), "the first one is made at once");
        // Whenever the server starts, the next one comes a day after the last.
        for now in [10, 20, 33] {
            assert_eq!(none.due(folder, Some(at(10)), day, at(now)), at(34));
        }
        let other = BackupState { made_at: Some(at(12)), file: Some("/elsewhere/x".into()), ..none.clone() };
        assert_eq!(other.due(folder, Some(at(10)), day, at(20)), at(36), "another server's counts too");
        let gone = BackupState { made_at: Some(at(12)), file: Some("/nowhere/x".into()), ..none.clone() };
        assert_eq!(gone.due(folder, None, day, at(20)), at(20), "a file that was taken away does not");
        // A failure is tried again soon, not at once.
        let failed = BackupState { failed_at: Some(at(40)), failure: Some("full".into()), ..other };
        assert_eq!(failed.due(folder, None, day, at(40)), at(40) + AGAIN);
        assert_eq!(failed.due(folder, None, Duration::minutes(1), at(40)), at(40) + Duration::minutes(1));
        // A clock that was far ahead must not put backups off for years.
        assert_eq!(none.due(folder, Some(at(90_000)), day, at(20)), at(20));
    }

    #[test]
    fn people_are_told_once_of_failures_that_go_on() {
        let at = |h: i64| DateTime::UNIX_EPOCH + Duration::hours(h);
        let told = |told: i64, made: i64| BackupState { told_at: Some(at(told)), made_at: Some(at(made)), ..BackupState::default() };
        assert!(BackupState::default().is_news(at(1)));
        assert!(!told(10, 5).is_news(at(11)), "told an hour ago");
        assert!(told(10, 11).is_news(at(12)), "it worked in between");
        assert!(told(10, 5).is_news(at(35)), "still failing a day later");
    }
}

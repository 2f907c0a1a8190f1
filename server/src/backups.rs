//! The commands around backups: making one, restoring one, going back before an upgrade; and those made on a schedule.
#![expect(clippy::print_stdout, reason = "a command line answers on standard output")]

use crate::{
    backup_files::{STAMP, folder, new_file},
    config::Settings,
    postgres::{DATABASE, Running},
};
use anyhow::{Context, bail};
use chrono::{DateTime, NaiveDateTime, Utc};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use store::{BackupState, Database, Manifest, Scheduled};

/// Names of backups made on a schedule begin so; no other may be deleted by it.
const SCHEDULED: &str = "scheduled-";
/// How often the schedule is looked at, so that a clock put right, or a machine that slept, is noticed.
const LOOK: Duration = Duration::from_secs(60);

fn rows(manifest: &Manifest) -> u64 {
    manifest.tables.iter().map(|t| t.rows).sum()
}

pub async fn backup(settings: &Settings, db: &Database, file: Option<PathBuf>) -> anyhow::Result<()> {
    let file = file.unwrap_or_else(|| new_file(settings, "rapport"));
    let manifest = db.backup(&file).await?;
    println!("{} rows of {} tables are in {}", rows(&manifest), manifest.tables.len(), file.display());
    Ok(())
}

/// In a private server the backup is built beside what is there and changes places with it; in somebody else's it goes
/// into the database they named, which must be empty.
pub async fn restore(settings: &Settings, running: &Running, file: &Path) -> anyhow::Result<()> {
    if settings.database_url.is_some() {
        let manifest = store::restore(&running.options, file).await?;
        println!("{} rows of {} are restored.", rows(&manifest), manifest.made_at);
        return Ok(());
    }
    // Before a database is made for it.
    store::check_backup(file)?;
    let fresh = format!("{DATABASE}_restored");
    store::create_beside(&running.options, &fresh).await?;
    let manifest = match store::restore(&running.options.clone().database(&fresh), file).await {
        Ok(manifest) => manifest,
        Err(e) => {
            store::drop_beside(&running.options, &fresh).await?;
            return Err(e.into());
        }
    };
    let aside = format!("{DATABASE}_before_{}", Utc::now().format("%Y%m%d_%H%M%S_%3f"));
    store::take_over(&running.options, &fresh, DATABASE, &aside).await?;
    println!("{} rows of {} are restored. What was there before is kept as the database {aside}.", rows(&manifest), manifest.made_at);
    Ok(())
}

/// The newest backup under the data folder that this program can hold.
pub async fn rollback(settings: &Settings, running: &Running) -> anyhow::Result<()> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder(settings))
        .with_context(|| format!("there are no backups under {}", folder(settings).display()))?
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.extension().is_some_and(|e| e == "backup"))
        .collect();
    files.sort_by_key(|p| std::fs::metadata(p).and_then(|m| m.modified()).ok());
    for file in files.into_iter().rev() {
        // One that is damaged is no way back; the one before may be.
        match store::check_backup(&file) {
            Ok(m) if m.schema <= store::newest_schema() => {
                println!("Going back to {}", file.display());
                return restore(settings, running, &file).await;
            }
            Ok(_) => {}
            Err(e) => println!("Left out: {e}"),
        }
    }
    bail!("there is no backup under {} that this program can hold", folder(settings).display())
}

/// Backups that a running server makes by itself.
#[derive(Clone, Debug)]
pub struct Schedule {
    pub folder: PathBuf,
    pub every: Duration,
    /// How many of its own it leaves in the folder.
    pub keep: usize,
}

/// When a file of the schedule was made, by its name; none for anybody else's file.
fn scheduled_at(file: &Path) -> Option<DateTime<Utc>> {
    let stamp = file.file_name()?.to_str()?.strip_prefix(SCHEDULED)?.strip_suffix(".backup")?;
    NaiveDateTime::parse_from_str(stamp, STAMP).ok().filter(|at| at.format(STAMP).to_string() == stamp).map(|at| at.and_utc())
}

impl Schedule {
    /// The schedule that the settings ask for, if they do.
    pub fn of(settings: &Settings) -> Option<Self> {
        Some(Self { folder: folder(settings), every: settings.backup_every?, keep: settings.backup_keep as usize })
    }

    /// Its files in the folder, the oldest first.
    fn files(&self) -> Vec<(DateTime<Utc>, PathBuf)> {
        let entries = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let files = entries.filter(|e| e.file_type().is_ok_and(|t| t.is_file())).map(|e| e.path());
        let mut files: Vec<_> = files.filter_map(|f| Some((scheduled_at(&f)?, f))).collect();
        files.sort();
        files
    }

    /// Looks whether a backup is due, and makes it.
    pub async fn turn(&self, db: &Database, now: DateTime<Utc>) -> anyhow::Result<Scheduled> {
        let here = self.files().last().map(|f| f.0);
        let every = chrono::Duration::from_std(self.every)?;
        let file = self.folder.join(format!("{SCHEDULED}{}.backup", now.format(STAMP)));
        // Another server on this machine may have the folder under another name.
        let file = std::path::absolute(file)?;
        let done = db.backup_if_due(&file, here, every, now).await?;
        if let Scheduled::Made(_) = done {
            self.retain();
        }
        Ok(done)
    }

    /// Deletes the oldest of its own beyond `keep`: those whose name and contents both say that the schedule made them.
    fn retain(&self) {
        let own: Vec<PathBuf> = self.files().into_iter().map(|f| f.1).filter(|f| store::read_manifest(f).is_ok_and(|m| m.scheduled)).collect();
        for file in &own[..own.len().saturating_sub(self.keep)] {
            match std::fs::remove_file(file) {
                Ok(()) => tracing::info!(file = %file.display(), "an old backup was deleted"),
                Err(e) => tracing::warn!(file = %file.display(), error = %e, "an old backup could not be deleted"),
            }
        }
    }

    /// Keeps to the schedule until the returned future is dropped.
    pub async fn run(self, db: Database) {
        loop {
            match self.turn(&db, Utc::now()).await {
                Ok(Scheduled::Made(m)) => tracing::info!(rows = rows(&m), "a backup was made"),
                Ok(Scheduled::Waits) => {}
                Ok(Scheduled::Failed(e, told)) => {
                    tracing::error!(error = %crate::sentence::sentence(&e.into()), told, "a backup failed; it is tried again within a quarter of an hour")
                }
                Err(e) => tracing::error!(error = %crate::sentence::sentence(&e), "the schedule of backups could not be looked at"),
            }
            tokio::time::sleep(LOOK.min(self.every)).await;
        }
    }
}

/// The line of `doctor`.
pub fn report(settings: &Settings, state: &BackupState) -> String {
    let day = |at: Option<DateTime<Utc>>| at.map(|at| at.format("%Y-%m-%d %H:%M UTC").to_string());
    let last = day(state.made_at).map_or_else(|| "none was made on schedule yet".to_owned(), |at| format!("the last one on schedule is of {at}"));
    match (&state.failure, Schedule::of(settings)) {
        (Some(why), _) => format!("FAILED on {}: {why}; {last}", day(state.failed_at).unwrap_or_default()),
        (None, Some(s)) => format!("every {}, {} kept under {}; {last}", humantime::format_duration(s.every), s.keep, s.folder.display()),
        (None, None) => format!("no schedule here (serve --backup-every 1d makes one); {last}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_the_schedule_gives_are_its_own() {
        let at = |name: &str| scheduled_at(&Path::new("/backups").join(name));
        assert_eq!(at("scheduled-20261128-220051.backup").unwrap().to_rfc3339(), "2026-11-28T22:00:51+00:00");
        for foreign in [
            "scheduled-20261128-220051-copy.backup",
            "scheduled-2026112-220051.backup",
            "rapport-20261128-220051.backup",
            "scheduled-.backup",
            "scheduled-20261128-220051.backup.gpg",
        ] {
            assert_eq!(at(foreign), None, "{foreign}");
        }
    }
}

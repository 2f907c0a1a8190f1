//! The commands around backups: making one, restoring one, going back before an upgrade.
#![expect(clippy::print_stdout, reason = "a command line answers on standard output")]

use crate::{
    config::Settings,
    postgres::{DATABASE, Running},
};
use anyhow::{Context, anyhow, bail};
use std::path::{Path, PathBuf};
use store::{Database, Manifest};

fn folder(settings: &Settings) -> PathBuf {
    settings.data.join("backups")
}

fn stamp() -> String {
    chrono::Utc::now().format("%Y%m%d-%H%M%S").to_string()
}

/// A name for a new backup, by what it is for.
pub fn new_file(settings: &Settings, what: &str) -> PathBuf {
    folder(settings).join(format!("{what}-{}.backup", stamp()))
}

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
    store::read_manifest(file)?;
    if settings.database_url.is_some() {
        let manifest = store::restore(&running.options, file).await?;
        println!("{} rows of {} are restored.", rows(&manifest), manifest.made_at);
        return Ok(());
    }
    let fresh = format!("{DATABASE}_restored");
    store::create_beside(&running.options, &fresh).await?;
    let manifest = store::restore(&running.options.clone().database(&fresh), file).await?;
    let aside = format!("{DATABASE}_before_{}", chrono::Utc::now().format("%Y%m%d_%H%M%S_%3f"));
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
    let newest = files.into_iter().rev().find(|f| store::read_manifest(f).is_ok_and(|m| m.schema <= store::newest_schema()));
    let Some(file) = newest else { bail!("{}", anyhow!("there is no backup here that this program can hold")) };
    println!("Going back to {}", file.display());
    restore(settings, running, &file).await
}

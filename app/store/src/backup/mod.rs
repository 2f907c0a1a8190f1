//! Backup and restore: every table of one moment in one file, through COPY, so that no program of Postgres is needed.
//!
//! The file is a gzipped tar: `manifest.json`, `manifest.sha256`, then one file per table in Postgres's own binary COPY form.

mod archive;
mod copy;
mod restore;
mod schedule;

pub use archive::{check, read_manifest};
pub use restore::{create_beside, drop_beside, restore, take_over};
pub use schedule::{BackupState, Scheduled};

use crate::{
    Database, StoreError,
    names::{quoted, quoted_list},
};
use flate2::{Compression, write::GzEncoder};
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, PgConnection, migrate::Migrator};
use std::{
    collections::BTreeMap,
    fs::{File, Permissions},
    io::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("the backup file cannot be read or written")]
    File(#[from] std::io::Error),
    /// Not what it should be, as a sentence.
    #[error("{0}")]
    Unfit(String),
    /// The file is not as it was written.
    #[error("{file} is damaged {place}: {why}. Nothing was changed; use another backup.", file = .file.display())]
    Damaged { file: PathBuf, place: String, why: String },
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for BackupError {
    fn from(e: sqlx::Error) -> Self {
        Self::Store(e.into())
    }
}

/// What a backup says about itself.
#[derive(Default, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Always `rapport backup 1`: programs from before there were checksums can go back to a copy made by a newer one.
    pub format: String,
    pub made_at: String,
    /// Made by the schedule, which may delete it again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub scheduled: bool,
    /// The newest migration of the schema that the rows are of.
    pub schema: i64,
    pub tables: Vec<Table>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    pub name: String,
    pub columns: Vec<String>,
    pub rows: u64,
    /// Size, and SHA-256 in hex, of the table's file. Backups of versions before have neither.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

const FORMAT: &str = "rapport backup 1";
const MANIFEST: &str = "manifest.json";
/// SHA-256 of the manifest's bytes, in hex.
const CHECKSUM: &str = "manifest.sha256";
/// What a backup is called while it is made: left behind by a process that was killed, it is swept by the next backup.
const UNFINISHED: &str = ".rapport-unfinished-";
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|b| format!("{b:02x}")).collect()
}

/// Our tables with the columns that are stored, not reckoned, out of the catalog.
async fn tables(conn: &mut PgConnection) -> Result<BTreeMap<String, Vec<String>>, sqlx::Error> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "select c.table_name::text, c.column_name::text from information_schema.columns c
         join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name and t.table_type = 'BASE TABLE'
         where c.table_schema = 'public' and c.table_name <> '_sqlx_migrations' and c.is_generated = 'NEVER' order by 1, c.ordinal_position",
    )
    .fetch_all(conn)
    .await?;
    let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (table, column) in rows {
        out.entry(table).or_default().push(column);
    }
    Ok(out)
}

/// The newest migration that this program knows.
pub fn newest_schema() -> i64 {
    MIGRATIONS.iter().map(|m| m.version).max().unwrap_or(0)
}

impl Database {
    /// Version of the newest migration of the database; `None` before the first.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn schema(&self) -> Result<Option<i64>, StoreError> {
        let known: bool = sqlx::query_scalar("select to_regclass('public._sqlx_migrations') is not null").fetch_one(&self.pool).await?;
        if !known {
            return Ok(None);
        }
        Ok(sqlx::query_scalar("select max(version) from _sqlx_migrations where success").fetch_one(&self.pool).await?)
    }

    /// Whether the schema is older than this program and the database holds a workspace.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn upgrade_ahead(&self) -> Result<bool, StoreError> {
        match self.schema().await? {
            Some(n) if n < newest_schema() => Ok(sqlx::query_scalar("select exists (select from workspaces)").fetch_one(&self.pool).await?),
            _ => Ok(false),
        }
    }

    /// Writes all tables, as of one moment, into a new file. Other work goes on meanwhile.
    ///
    /// # Errors
    /// `Unfit`: the file exists already. `File`: it cannot be written. `Store`: the database.
    pub async fn backup(&self, file: &Path) -> Result<Manifest, BackupError> {
        self.write_backup(file, false).await
    }

    async fn write_backup(&self, file: &Path, scheduled: bool) -> Result<Manifest, BackupError> {
        if file.symlink_metadata().is_ok() {
            return Err(occupied(file));
        }
        let folder = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
        std::fs::create_dir_all(&folder)?;
        sweep(&folder);
        // It holds what its owner alone may read.
        let work = tempfile::Builder::new().prefix(UNFINISHED).permissions(Permissions::from_mode(0o700)).tempdir_in(&folder)?;
        let manifest = self.copy_tables(work.path(), scheduled).await?;
        let (packed, file) = (manifest.clone(), file.to_owned());
        let done = tokio::task::spawn_blocking(move || pack(&packed, work.path(), &folder, &file)).await;
        done.map_err(|e| std::io::Error::other(e.to_string()))??;
        Ok(manifest)
    }

    /// Every table into a file of its own, all of one moment.
    async fn copy_tables(&self, work: &Path, scheduled: bool) -> Result<Manifest, BackupError> {
        // Dropped in the middle, the transaction ends with its connection.
        let mut tx = self.pool.begin_with("begin isolation level repeatable read read only").await?;
        // A login that row security applies to would read nothing and call it everything: fail instead.
        sqlx::query("set local row_security = off").execute(&mut *tx).await?;
        let schema: i64 = sqlx::query_scalar("select max(version) from _sqlx_migrations where success").fetch_one(&mut *tx).await?;
        let made_at: String =
            sqlx::query_scalar("select to_char(now() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')").fetch_one(&mut *tx).await?;
        let mut manifest = Manifest { format: FORMAT.into(), made_at, scheduled, schema, tables: Vec::new() };
        for (name, columns) in tables(&mut tx).await? {
            let mut out = std::io::BufWriter::new(File::create(work.join(&name))?);
            let from = quoted(&name);
            let rows: i64 = sqlx::query_scalar(AssertSqlSafe(format!("select count(*) from {from}"))).fetch_one(&mut *tx).await?;
            let (mut hash, mut size) = (Sha256::new(), 0);
            let mut stream = tx.copy_out_raw(&format!("copy {from} ({}) to stdout (format binary)", quoted_list(&columns))).await?;
            while let Some(bytes) = stream.next().await {
                let bytes = bytes?;
                hash.update(&bytes);
                size += bytes.len() as u64;
                out.write_all(&bytes)?;
            }
            out.flush()?;
            drop(stream);
            let sha256 = Some(hex(&hash.finalize()));
            manifest.tables.push(Table { name, columns, rows: rows as u64, bytes: Some(size), sha256 });
        }
        tx.rollback().await?;
        Ok(manifest)
    }
}

fn occupied(file: &Path) -> BackupError {
    BackupError::Unfit(format!("{} is there already, and a backup never overwrites; name another file or move that one away", file.display()))
}

/// Puts the files of the tables into one, which has its name only when it is whole; on any failure nothing of it stays.
fn pack(manifest: &Manifest, work: &Path, folder: &Path, file: &Path) -> Result<(), BackupError> {
    let unfinished = tempfile::Builder::new().prefix(UNFINISHED).permissions(Permissions::from_mode(0o600)).tempfile_in(folder)?;
    let mut tar = tar::Builder::new(GzEncoder::new(unfinished.as_file(), Compression::default()));
    let text = serde_json::to_vec_pretty(manifest).map_err(std::io::Error::from)?;
    for (name, bytes) in [(MANIFEST, &text[..]), (CHECKSUM, hex(&Sha256::digest(&text)).as_bytes())] {
        let mut head = tar::Header::new_gnu();
        head.set_size(bytes.len() as u64);
        head.set_mode(0o600);
        tar.append_data(&mut head, name, bytes)?;
    }
    for table in &manifest.tables {
        tar.append_path_with_name(work.join(&table.name), format!("tables/{}", table.name))?;
    }
    tar.into_inner()?.finish()?.sync_all()?;
    // Without replacing one that was made meanwhile.
    match unfinished.persist_noclobber(file) {
        Ok(_) => {}
        Err(e) if e.error.kind() == std::io::ErrorKind::AlreadyExists => return Err(occupied(file)),
        Err(e) => return Err(e.error.into()),
    }
    File::open(folder)?.sync_all()?;
    Ok(())
}

/// Removes what a killed process left of its backups.
fn sweep(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let old = entry.metadata().and_then(|m| m.modified()).is_ok_and(|at| SystemTime::now().duration_since(at).is_ok_and(|d| d > ABANDONED));
        if old && entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            let _ = if entry.path().is_dir() { std::fs::remove_dir_all(entry.path()) } else { std::fs::remove_file(entry.path()) };
        }
    }
}

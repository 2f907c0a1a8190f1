//! Backup and restore: every table of one moment in one file, through COPY, so that no program of Postgres is needed.
//!
//! The file is a gzipped tar: `manifest.json`, then one file per table in Postgres's own binary COPY form.

use crate::{Database, StoreError};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use sqlx::{
    AssertSqlSafe, Connection, PgConnection,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{Read, Write},
    path::Path,
};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("the backup file cannot be read or written: {0}")]
    File(#[from] std::io::Error),
    #[error("{0}")]
    Unfit(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for BackupError {
    fn from(e: sqlx::Error) -> Self {
        Self::Store(e.into())
    }
}

/// What a backup says about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Always `rapport backup 1`.
    pub format: String,
    pub made_at: String,
    /// The newest migration of the schema that the rows are of.
    pub schema: i64,
    pub tables: Vec<Table>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    pub name: String,
    pub columns: Vec<String>,
    pub rows: u64,
}

const FORMAT: &str = "rapport backup 1";

fn quoted(columns: &[String]) -> String {
    columns.iter().map(|c| format!("\"{c}\"")).collect::<Vec<_>>().join(", ")
}

/// Our tables with the columns that are stored, not reckoned.
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

impl Database {
    /// Whether the schema is older than this program, and whether anybody has data in it.
    pub async fn upgrade_ahead(&self) -> Result<bool, StoreError> {
        let known: bool = sqlx::query_scalar("select to_regclass('public._sqlx_migrations') is not null").fetch_one(&self.pool).await?;
        if !known {
            return Ok(false);
        }
        let newest: Option<i64> = sqlx::query_scalar("select max(version) from _sqlx_migrations where success").fetch_one(&self.pool).await?;
        let ours = newest_schema();
        let used: bool = match newest {
            Some(_) => sqlx::query_scalar("select exists (select from workspaces)").fetch_one(&self.pool).await?,
            None => false,
        };
        Ok(used && newest.is_some_and(|n| n < ours))
    }

    /// Writes everything as it stood at one moment. Running work goes on meanwhile.
    pub async fn backup(&self, file: &Path) -> Result<Manifest, BackupError> {
        let folder = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut conn = self.pool.acquire().await?;
        let made = self.write_backup(&mut conn, folder, file).await;
        // The snapshot ends here whatever became of it.
        sqlx::query("rollback").execute(&mut *conn).await?;
        made
    }

    async fn write_backup(&self, conn: &mut PgConnection, folder: &Path, file: &Path) -> Result<Manifest, BackupError> {
        sqlx::query("begin isolation level repeatable read read only").execute(&mut *conn).await?;
        // A login that row security applies to would read nothing and call it everything: fail instead.
        sqlx::query("set local row_security = off").execute(&mut *conn).await?;
        let schema: i64 = sqlx::query_scalar("select max(version) from _sqlx_migrations where success").fetch_one(&mut *conn).await?;
        let made_at: String =
            sqlx::query_scalar("select to_char(now() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')").fetch_one(&mut *conn).await?;
        let mut manifest = Manifest { format: FORMAT.into(), made_at, schema, tables: Vec::new() };
        let work = tempfile::tempdir_in(folder)?;
        for (name, columns) in tables(conn).await? {
            let path = work.path().join(&name);
            let mut out = std::io::BufWriter::new(File::create(&path)?);
            let rows: i64 = sqlx::query_scalar(AssertSqlSafe(format!("select count(*) from \"{name}\""))).fetch_one(&mut *conn).await?;
            let mut stream = conn.copy_out_raw(&format!("copy \"{name}\" ({}) to stdout (format binary)", quoted(&columns))).await?;
            while let Some(bytes) = stream.next().await {
                out.write_all(&bytes?)?;
            }
            out.flush()?;
            drop(stream);
            manifest.tables.push(Table { name, columns, rows: rows as u64 });
        }
        // Under another name until it is whole.
        let unfinished = file.with_extension("part");
        let mut tar = tar::Builder::new(GzEncoder::new(private(&unfinished)?, Compression::default()));
        let text = serde_json::to_vec_pretty(&manifest).map_err(std::io::Error::from)?;
        let mut head = tar::Header::new_gnu();
        head.set_size(text.len() as u64);
        head.set_mode(0o600);
        tar.append_data(&mut head, "manifest.json", &text[..])?;
        for table in &manifest.tables {
            tar.append_path_with_name(work.path().join(&table.name), format!("tables/{}", table.name))?;
        }
        tar.into_inner()?.finish()?.sync_all()?;
        std::fs::rename(&unfinished, file)?;
        Ok(manifest)
    }
}

/// It holds everything that anybody may see: nobody but the owner reads the file.
fn private(file: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    let opened = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file)?;
    opened.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    Ok(opened)
}

/// The newest migration that this program knows.
pub fn newest_schema() -> i64 {
    MIGRATIONS.iter().map(|m| m.version).max().unwrap_or(0)
}

/// Reads a backup's manifest.
pub fn read_manifest(file: &Path) -> Result<Manifest, BackupError> {
    let mut tar = tar::Archive::new(GzDecoder::new(File::open(file)?));
    let unfit = || BackupError::Unfit(format!("{} is no backup of Rapport", file.display()));
    let mut entry = tar.entries().and_then(|mut e| e.next().ok_or_else(|| std::io::Error::other("empty"))?).map_err(|_| unfit())?;
    let mut text = String::new();
    entry.read_to_string(&mut text).map_err(|_| unfit())?;
    let manifest: Manifest = serde_json::from_str(&text).map_err(|_| unfit())?;
    if manifest.format == FORMAT { Ok(manifest) } else { Err(unfit()) }
}

/// Fills the empty database behind `options` from a backup: the schema of the backup, its rows, then the newest schema.
/// `options` must be able to create tables; nothing else may be connected.
pub async fn restore(options: &PgConnectOptions, file: &Path) -> Result<Manifest, BackupError> {
    let manifest = read_manifest(file)?;
    if manifest.schema > newest_schema() {
        return Err(BackupError::Unfit("the backup was made by a newer Rapport; restore it with that one".into()));
    }
    let pool = PgPoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
    let migrated = MIGRATIONS.run_to(manifest.schema, &pool).await;
    pool.close().await;
    migrated.map_err(|e| BackupError::Store(StoreError::Database(e.into())))?;
    let mut conn = PgConnection::connect_with(options).await?;
    let occupied: bool = sqlx::query_scalar("select exists (select from workspaces)").fetch_one(&mut conn).await?;
    if occupied {
        return Err(BackupError::Unfit("the database is not empty; a backup is restored into an empty one".into()));
    }
    let mut tx = conn.begin().await?;
    // References go in circles, so they are taken off for the while and checked as a whole when they come back.
    let keys: Vec<(String, String, String)> = sqlx::query_as(
        "select conrelid::regclass::text, conname::text, pg_get_constraintdef(oid) from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace",
    )
    .fetch_all(&mut *tx)
    .await?;
    for (table, name, _) in &keys {
        sqlx::query(AssertSqlSafe(format!("alter table {table} drop constraint {name}"))).execute(&mut *tx).await?;
    }
    let mut fenced = Vec::new();
    let mut tar = tar::Archive::new(GzDecoder::new(File::open(file)?));
    for entry in tar.entries()? {
        let mut entry = entry?;
        let name = entry.path()?.strip_prefix("tables").map(|p| p.display().to_string()).unwrap_or_default();
        let Some(table) = manifest.tables.iter().find(|t| t.name == name) else { continue };
        let forced: bool =
            sqlx::query_scalar("select relforcerowsecurity from pg_class where oid = to_regclass($1)").bind(&table.name).fetch_one(&mut *tx).await?;
        if forced {
            sqlx::query(AssertSqlSafe(format!("alter table \"{name}\" no force row level security"))).execute(&mut *tx).await?;
        }
        let mut copy = tx.copy_in_raw(&format!("copy \"{name}\" ({}) from stdin (format binary)", quoted(&table.columns))).await?;
        let mut buffer = vec![0u8; 256 * 1024];
        loop {
            let read = entry.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            copy.send(&buffer[..read]).await?;
        }
        let rows = copy.finish().await?;
        if rows != table.rows {
            return Err(BackupError::Unfit(format!("{name} has {rows} rows of {}; the backup is damaged", table.rows)));
        }
        if forced {
            fenced.push(name);
        }
    }
    for (table, name, definition) in &keys {
        sqlx::query(AssertSqlSafe(format!("alter table {table} add constraint {name} {definition}"))).execute(&mut *tx).await?;
    }
    sqlx::query("select setval('outbox_position', greatest(1, (select coalesce(max(position), 0) from outbox)))").execute(&mut *tx).await?;
    // Nobody who was signed in then is signed in now, and an import that was running is run anew.
    sqlx::query("delete from sessions").execute(&mut *tx).await?;
    sqlx::query("update imports set status = 'queued' where status = 'running'").execute(&mut *tx).await?;
    sqlx::query(
        "insert into outbox (id, workspace_id, entity, entity_id, version, verb, visible_to)
         select gen_random_uuid(), workspace_id, 'import', id, 1, 'run_import', created_by from imports where status = 'queued'",
    )
    .execute(&mut *tx)
    .await?;
    for name in fenced {
        sqlx::query(AssertSqlSafe(format!("alter table \"{name}\" force row level security"))).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    conn.close().await?;
    Ok(manifest)
}

/// Makes an empty database in a private server; restore fills it, [`take_over`] puts it in the old one's place.
pub async fn create_beside(options: &PgConnectOptions, name: &str) -> Result<(), BackupError> {
    let mut conn = PgConnection::connect_with(&options.clone().database("postgres")).await?;
    sqlx::query(AssertSqlSafe(format!("drop database if exists \"{name}\""))).execute(&mut conn).await?;
    sqlx::query(AssertSqlSafe(format!("create database \"{name}\""))).execute(&mut conn).await?;
    Ok(conn.close().await?)
}

/// Puts the restored database in the old one's place; the old one stays under `aside`.
pub async fn take_over(options: &PgConnectOptions, restored: &str, name: &str, aside: &str) -> Result<(), BackupError> {
    let mut conn = PgConnection::connect_with(&options.clone().database("postgres")).await?;
    let there: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)").bind(name).fetch_one(&mut conn).await?;
    if there {
        sqlx::query(AssertSqlSafe(format!("alter database \"{name}\" rename to \"{aside}\""))).execute(&mut conn).await?;
    }
    sqlx::query(AssertSqlSafe(format!("alter database \"{restored}\" rename to \"{name}\""))).execute(&mut conn).await?;
    Ok(conn.close().await?)
}

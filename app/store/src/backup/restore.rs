//! Putting a backup into an empty database: checked whole, then schema, rows and references in one transaction. A file that
//! is refused leaves the database as it was.

use super::{
    BackupError, MIGRATIONS, Manifest,
    archive::{Archive, in_table},
    newest_schema, tables,
};
use crate::{
    StoreError,
    names::{quoted, quoted_list},
};
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions};
use std::path::Path;

/// The first schema whose reminders stand in the outbox again after a restore; older ones get them from a migration.
const REMINDERS_AGAIN: i64 = 14;

fn unfit(why: impl Into<String>) -> BackupError {
    BackupError::Unfit(why.into())
}

/// Fills the empty database behind `options` from a backup: the schema of the backup and its rows. Opening it brings it up
/// to the newest schema. `options` must be able to create tables; nothing else may be connected.
///
/// # Errors
/// `File`: the file cannot be read. `Unfit`: it is no backup, or of a newer or unknown schema, or the database is not empty.
/// `Damaged`: its contents. `Store`: the database.
pub async fn restore(options: &PgConnectOptions, file: &Path) -> Result<Manifest, BackupError> {
    let archive = Archive::open(file)?;
    let manifest = archive.check()?;
    if manifest.schema > newest_schema() {
        return Err(unfit("the backup was made by a newer Rapport; restore it with that one"));
    }
    if !MIGRATIONS.iter().any(|m| m.version == manifest.schema) {
        return Err(unfit(format!("no version of Rapport had the schema {} that the backup is of", manifest.schema)));
    }
    let mut conn = PgConnection::connect_with(options).await?;
    let mut tx = conn.begin().await?;
    refuse_occupied(&mut tx, manifest.schema).await?;
    // Inside our transaction, migrations begin savepoints: the schema too is there only once all of it is.
    MIGRATIONS.run_to(manifest.schema, &mut *tx).await.map_err(|e| StoreError::Database(e.into()))?;
    same_tables(&archive, &manifest, &mut tx).await?;
    let keys = take_keys_off(&mut tx).await?;
    let fenced = lower_fences(&mut tx).await?;
    copy_rows(&archive, &mut tx).await?;
    for (table, name, definition) in &keys {
        let text = format!("alter table {table} add constraint {} {definition}", quoted(name));
        sqlx::query(AssertSqlSafe(text)).execute(&mut *tx).await.map_err(|e| match e.as_database_error() {
            Some(_) => archive.damaged(in_table(table), format!("it refers to something that is missing ({name})")),
            None => e.into(),
        })?;
    }
    start_again(&mut tx, manifest.schema).await?;
    for table in fenced {
        sqlx::query(AssertSqlSafe(format!("alter table {table} force row level security"))).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    conn.close().await?;
    Ok(manifest)
}

/// A database that holds anything of anybody, or another schema, is not filled.
async fn refuse_occupied(tx: &mut PgConnection, schema: i64) -> Result<(), BackupError> {
    let known: bool = sqlx::query_scalar("select to_regclass('public._sqlx_migrations') is not null").fetch_one(&mut *tx).await?;
    let (newest, occupied): (Option<i64>, bool) = match known {
        true => sqlx::query_as("select (select max(version) from _sqlx_migrations), exists (select from workspaces)").fetch_one(&mut *tx).await?,
        false => (None, false),
    };
    if occupied || newest.is_some_and(|n| n > schema) {
        return Err(unfit("the database is not empty; a backup is restored into an empty one"));
    }
    Ok(())
}

/// Names are taken from the schema that was just made: a file decides about rows, never about statements.
async fn same_tables(archive: &Archive, manifest: &Manifest, tx: &mut PgConnection) -> Result<(), BackupError> {
    let place = || "in its list of contents".to_owned();
    let there = tables(tx).await?;
    for table in &manifest.tables {
        match there.get(&table.name) {
            None => return Err(archive.damaged(in_table(&table.name), "its schema has no such table")),
            Some(columns) if *columns != table.columns => {
                return Err(archive.damaged(in_table(&table.name), "its columns are not those of its schema"));
            }
            Some(_) => {}
        }
    }
    match there.keys().find(|name| !manifest.tables.iter().any(|t| t.name == **name)) {
        Some(missing) => Err(archive.damaged(place(), format!("the table “{missing}” is missing"))),
        None => Ok(()),
    }
}

/// References go in circles, so they are taken off for the while and checked as a whole when they come back.
async fn take_keys_off(tx: &mut PgConnection) -> Result<Vec<(String, String, String)>, BackupError> {
    let keys: Vec<(String, String, String)> = sqlx::query_as(
        "select conrelid::regclass::text, conname::text, pg_get_constraintdef(oid) from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace",
    )
    .fetch_all(&mut *tx)
    .await?;
    for (table, name, _) in &keys {
        // A `regclass` as text is quoted where it must be.
        sqlx::query(AssertSqlSafe(format!("alter table {table} drop constraint {}", quoted(name)))).execute(&mut *tx).await?;
    }
    Ok(keys)
}

/// Row security would hide from us what we write; it comes back before anybody else is let in. Answers which tables had it.
async fn lower_fences(tx: &mut PgConnection) -> Result<Vec<String>, BackupError> {
    let fenced: Vec<String> =
        sqlx::query_scalar("select oid::regclass::text from pg_class where relnamespace = 'public'::regnamespace and relforcerowsecurity")
            .fetch_all(&mut *tx)
            .await?;
    for table in &fenced {
        sqlx::query(AssertSqlSafe(format!("alter table {table} no force row level security"))).execute(&mut *tx).await?;
    }
    Ok(fenced)
}

async fn copy_rows(archive: &Archive, tx: &mut PgConnection) -> Result<(), BackupError> {
    let mut packed = archive.packed()?;
    let mut walk = archive.walk(&mut packed)?;
    let there = tables(tx).await?;
    while let Some(mut rows) = walk.table()? {
        let table = rows.table.clone();
        let place = || in_table(&table.name);
        // The catalog's own words, not the file's.
        let Some((name, columns)) = there.get_key_value(&table.name) else { return Err(archive.damaged(place(), "its schema has no such table")) };
        let text = format!("copy {} ({}) from stdin (format binary)", quoted(name), quoted_list(columns));
        let mut copy = tx.copy_in_raw(&text).await?;
        let refused = |e: sqlx::Error| match e.as_database_error() {
            Some(said) => archive.damaged(place(), said.message().to_owned()),
            None => e.into(),
        };
        while let Some(bytes) = rows.next()? {
            copy.send(bytes).await.map_err(refused)?;
        }
        let count = copy.finish().await.map_err(refused)?;
        if count != table.rows {
            return Err(archive.damaged(place(), format!("it has {count} rows of {}", table.rows)));
        }
    }
    drop(walk);
    archive.ends(packed)
}

/// What lies outside the tables is made again from them: the count of positions, sessions (none), jobs.
async fn start_again(tx: &mut PgConnection, schema: i64) -> Result<(), BackupError> {
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
    if schema >= REMINDERS_AGAIN {
        sqlx::query(
            "insert into outbox (id, workspace_id, entity, entity_id, version, verb, run_at)
             select gen_random_uuid(), workspace_id, 'task', id, 0, 'fire_reminder', reminds_at from tasks
             where reminds_at is not null and reminded_at is null and completed_at is null and deleted_at is null",
        )
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// Creates an empty database in a private server, in place of an earlier one of this name; restore fills it, [`take_over`]
/// renames it.
///
/// # Errors
/// Only `Store`: the database.
pub async fn create_beside(options: &PgConnectOptions, name: &str) -> Result<(), BackupError> {
    drop_beside(options, name).await?;
    let mut conn = PgConnection::connect_with(&options.clone().database("postgres")).await?;
    sqlx::query(AssertSqlSafe(format!("create database {}", quoted(name)))).execute(&mut conn).await?;
    Ok(conn.close().await?)
}

/// Drops the database `name`, if it exists, and ends its connections.
///
/// # Errors
/// Only `Store`: the database.
pub async fn drop_beside(options: &PgConnectOptions, name: &str) -> Result<(), BackupError> {
    let mut conn = PgConnection::connect_with(&options.clone().database("postgres")).await?;
    // The connection of a restore that failed may not be gone yet.
    sqlx::query(AssertSqlSafe(format!("drop database if exists {} with (force)", quoted(name)))).execute(&mut conn).await?;
    Ok(conn.close().await?)
}

/// Renames the database `name`, if it exists, to `aside`, and `restored` to `name`.
///
/// # Errors
/// Only `Store`: the database. If the second renaming fails, the old database has the name `aside`.
pub async fn take_over(options: &PgConnectOptions, restored: &str, name: &str, aside: &str) -> Result<(), BackupError> {
    let mut conn = PgConnection::connect_with(&options.clone().database("postgres")).await?;
    let there: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)").bind(name).fetch_one(&mut conn).await?;
    let (restored, name, aside) = (quoted(restored), quoted(name), quoted(aside));
    if there {
        sqlx::query(AssertSqlSafe(format!("alter database {name} rename to {aside}"))).execute(&mut conn).await?;
    }
    sqlx::query(AssertSqlSafe(format!("alter database {restored} rename to {name}"))).execute(&mut conn).await?;
    Ok(conn.close().await?)
}

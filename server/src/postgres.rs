//! Which Postgres to use: the one in the settings, the one another process runs on the folder, or our own.

use crate::{backup_files::new_file, config::Settings};
use anyhow::{Context, anyhow, bail};
use embedded_postgres::{Cluster, Connection, Options};
use std::{
    str::FromStr,
    time::{Duration, Instant},
};
use store::Database;

/// The name of our database in a private server.
pub(crate) const DATABASE: &str = "rapport";

/// A private server that runs as long as this value lives, or none if somebody else's is used.
pub struct Running {
    pub cluster: Option<Cluster>,
    pub(crate) options: PgConnectOptions,
}

pub use sqlx_options::PgConnectOptions;

/// The store's connection options, without naming the driver here.
mod sqlx_options {
    pub use store::PgConnectOptions;
}

fn private(connection: &Connection) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass().socket(&connection.socket_folder).port(5432).username(&connection.user).password(&connection.password)
}

/// How long a command waits for the server of another process that is on its way up or down.
const SETTLING: Duration = Duration::from_secs(30);

/// Finds or starts the server. Call from the main thread: a private server ends with the thread that started it.
pub fn find_or_start(settings: &Settings) -> anyhow::Result<Running> {
    if let Some(url) = &settings.database_url {
        let options = PgConnectOptions::from_str(url).map_err(|_| anyhow!("--database-url (DATABASE_URL) is not a Postgres address"))?;
        return Ok(Running { cluster: None, options });
    }
    let since = Instant::now();
    loop {
        if let Some(connection) = embedded_postgres::attach(&settings.data) {
            return Ok(Running { cluster: None, options: private(&connection) });
        }
        match Cluster::start(&Options { data: settings.data.clone(), ..Default::default() }) {
            Ok(cluster) => return Ok(own(cluster)),
            #[expect(clippy::disallowed_methods, reason = "the program starts, and nothing is served yet")]
            Err(embedded_postgres::Error::InUse { .. }) if since.elapsed() < SETTLING => std::thread::sleep(Duration::from_millis(20)),
            Err(e) => return Err(e.into()),
        }
    }
}

fn own(cluster: Cluster) -> Running {
    let options = private(cluster.connection());
    Running { cluster: Some(cluster), options }
}

/// Starts our own server; refuses when another process has the folder.
pub fn start(settings: &Settings) -> anyhow::Result<Running> {
    if settings.database_url.is_some() {
        return find_or_start(settings);
    }
    Ok(own(Cluster::start(&Options { data: settings.data.clone(), ..Default::default() })?))
}

impl Running {
    /// Connects; in a private server our database is made if it is not there. The schema is brought up to date.
    pub async fn open(&self, settings: &Settings) -> anyhow::Result<Database> {
        let options = if settings.database_url.is_some() {
            self.options.clone()
        } else {
            store::ensure_database(&self.options, DATABASE).await?;
            self.options.clone().database(DATABASE)
        };
        let db = Database::connect(options, settings.connections).await.context("the database cannot be reached")?;
        let (found, known) = (db.schema().await?.unwrap_or(0), store::newest_schema());
        if found > known {
            bail!(
                "the database was used by a newer Rapport (its schema is {found}, this program knows {known} at most); start that version again, or go back to the newest backup that this one can hold with: rapport rollback"
            );
        }
        if db.upgrade_ahead().await? {
            let file = new_file(settings, "before-upgrade");
            db.backup(&file).await.context("the backup before the upgrade could not be made")?;
            tracing::info!(file = %file.display(), "the database is older than this program; it was backed up and is upgraded now");
        }
        db.migrate().await.context("the database schema could not be brought up to date")?;
        Ok(db)
    }
}

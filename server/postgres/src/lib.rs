//! Rapport's own private Postgres under a data folder: find binaries, initialise, start, stop.
//!
//! The rules (and why each exists) are in `docs/architecture.md`, "Embedded Postgres". This crate knows nothing of
//! Rapport's schema; the server and the test harness both start it.

mod binaries;
mod cluster;
mod inspect;
mod os;
mod processes;
mod runtime;
mod settings;
mod watch;

pub use binaries::find as find_binaries;
pub use cluster::{Cluster, Connection, Options, attach};
pub use inspect::Binaries;

use std::path::PathBuf;

/// Why the embedded server could not be started. Every message is a sentence for the person who typed the command.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process holds the folder.
    #[error("the data folder {folder} is in use by process {holder}; stop that one or choose another with --data")]
    InUse { folder: PathBuf, holder: String },
    /// No usable server binaries.
    #[error("{0}")]
    NoBinaries(String),
    /// A folder made by a major version that is not installed here.
    #[error(
        "the data folder {folder} was made by PostgreSQL {major}, whose programs are not installed; install PostgreSQL {major} (Debian: apt-get install postgresql-{major}) or set DATABASE_URL"
    )]
    WrongMajor { folder: PathBuf, major: u32 },
    /// `initdb` failed.
    #[error("the database could not be initialised: {0}")]
    Init(String),
    /// The server did not come up.
    #[error("the database did not start: {reason}; the end of {log} says: {tail}")]
    Start { reason: String, log: PathBuf, tail: String },
    /// A server that ended by itself could not be brought back.
    #[error("the database ended ({how}) and could not be started again; the end of {log} says: {tail}")]
    GaveUp { how: String, log: PathBuf, tail: String },
    /// The folder is not reachable for the user that has to run Postgres.
    #[error(
        "Postgres refuses to run as root, and the user it would run as cannot reach {0}; use a data folder outside a private directory, or start Rapport as an ordinary user"
    )]
    Unreachable(PathBuf),
    /// File system trouble.
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: std::io::Error },
}

/// What the system says of a full disk, in the words Postgres logs.
pub(crate) const DISK_FULL: &str = "No space left on device";

impl Error {
    /// No room was left on the disk of the data folder.
    pub fn is_disk_full(&self) -> bool {
        match self {
            Self::Io { source, .. } => matches!(source.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded),
            Self::Start { tail, .. } | Self::GaveUp { tail, .. } => tail.contains(DISK_FULL),
            _ => false,
        }
    }
}

pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.into();
    move |source| Error::Io { path, source }
}

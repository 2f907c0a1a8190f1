//! Why the store said no.

use domain::{Invalid, Permission, Wait};
use serde::{Deserialize, Serialize};
use std::{
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

/// A field somebody else changed meanwhile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictField {
    pub field: String,
    pub label: String,
    pub theirs: String,
    pub by: Option<String>,
}

/// The request is well formed, but the state of things is against it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    #[error("This change needs the version of the record it was made from.")]
    VersionNeeded,
    #[error("{}", changed_sentence(.fields))]
    Changed { version: i64, fields: Vec<ConflictField> },
    #[error("This command id was used before for something else.")]
    CommandReused,
    #[error("This cannot be undone.")]
    NotUndoable,
    #[error("This was undone already.")]
    AlreadyUndone,
    /// The inverse of the event would change nothing: a later change did the same.
    #[error("There is nothing left to undo: a later change did the same.")]
    NothingToUndo,
    /// A worker that was taken for dead is still at it, or the other way round.
    #[error("Another worker is at this import.")]
    OtherWorker,
    #[error("{0}")]
    InUse(String),
    /// Tried too often; not carried out.
    #[error(transparent)]
    Throttled(Wait),
    #[error("{0}")]
    State(String),
}

fn changed_sentence(fields: &[ConflictField]) -> String {
    match fields.first() {
        Some(f) => format!("{} changed {} to “{}” meanwhile.", f.by.as_deref().unwrap_or("Somebody"), f.label, f.theirs),
        None => "This record was changed meanwhile.".into(),
    }
}

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Unknown, deleted, foreign or invisible: all the same to the asker.
    #[error("not found")]
    NotFound,
    #[error("not allowed")]
    Denied(Permission),
    /// The membership, the session or the token with which this was asked ended before it was written.
    #[error("The sign-in has ended.")]
    Ended,
    /// The role would do, but this is somebody else's; the sentence says whose it would have to be.
    #[error("{0}")]
    Forbidden(String),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Conflict(#[from] Conflict),
    #[error("database: {0}")]
    Database(#[source] sqlx::Error),
}

impl From<sqlx::Error> for StoreError {
    fn from(e: sqlx::Error) -> Self {
        note_loss(&e);
        Self::Database(e)
    }
}

/// Milliseconds of this process at which a connection was last found to be lost, and one more; 0: never.
static LOST: AtomicU64 = AtomicU64::new(0);

fn milliseconds() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_millis() as u64 + 1
}

/// Remembers that a connection was lost: the others were probably lost with it.
pub(crate) fn note_loss(e: &sqlx::Error) {
    if Away::of(e) == Some(Away::Unreachable) {
        LOST.store(milliseconds(), Ordering::Relaxed);
    }
}

/// Whether a connection was lost within the last ten seconds.
pub(crate) fn lost_lately() -> bool {
    let lost = LOST.load(Ordering::Relaxed);
    lost != 0 && milliseconds().saturating_sub(lost) < 10_000
}

/// The database cannot be asked at the moment: not an answer, and never a reason to throw anything away. The same request
/// may be sent again later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Away {
    /// No connection, or one that broke: the database is down, starting, stopping, or out of reach.
    Unreachable,
    /// The database cannot write because its disk is full.
    DiskFull,
    /// It answers, but takes no more on: no memory, no connections, or locks that others hold.
    Overloaded,
}

impl Away {
    /// A sentence for the person who has to wait.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Unreachable => "The database does not answer at the moment. Try again shortly.",
            Self::DiskFull => "The disk of the server is full, so nothing can be saved. Its operator has to make room.",
            Self::Overloaded => "The server is overloaded at the moment. Try again shortly.",
        }
    }

    /// What an error of the driver means, if it means that the database is away. Classes and codes of SQLSTATE are those of
    /// PostgreSQL's appendix A.
    pub fn of(error: &sqlx::Error) -> Option<Self> {
        match error {
            sqlx::Error::Io(e) if e.kind() == std::io::ErrorKind::StorageFull => Some(Self::DiskFull),
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                Some(Self::Unreachable)
            }
            // A line that was cut in the middle of a message, or of a transaction's beginning.
            sqlx::Error::Protocol(_) | sqlx::Error::BeginFailed => Some(Self::Unreachable),
            sqlx::Error::Database(d) => Self::of_state(&d.code()?),
            _ => None,
        }
    }

    fn of_state(code: &str) -> Option<Self> {
        match code {
            "53100" => Some(Self::DiskFull),
            // Insufficient resources; lock not available; cancelled; and what is still lost after it was tried again.
            c if c.starts_with("53") => Some(Self::Overloaded),
            "55P03" | "57014" | "40001" | "40P01" => Some(Self::Overloaded),
            // Connections; the operator's doing; input and output; ended for idling; a standby that takes no writes yet;
            // a login or a database that is missing while somebody changes them.
            c if ["08", "57", "58", "28"].iter().any(|class| c.starts_with(class)) => Some(Self::Unreachable),
            "25P03" | "25P04" | "25006" | "3D000" => Some(Self::Unreachable),
            _ => None,
        }
    }

    /// A session store keeps an error as a text only.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::DiskFull => "disk_full",
            Self::Overloaded => "overloaded",
        }
    }

    pub(crate) fn from_code(code: &str) -> Option<Self> {
        [Self::Unreachable, Self::DiskFull, Self::Overloaded].into_iter().find(|a| a.code() == code)
    }
}

/// A page mark of another sort order, or one made up, is the asker's mistake.
pub(crate) fn page_mark(e: sqlx::Error) -> StoreError {
    match &e {
        sqlx::Error::Database(d) if d.code().is_some_and(|c| c.starts_with("22")) => {
            Invalid::one("after", "cursor", "This page mark does not fit the sort order").into()
        }
        _ => e.into(),
    }
}

impl StoreError {
    /// Whether the database was away, and how; `None`: it answered.
    pub fn away(&self) -> Option<Away> {
        match self {
            Self::Database(e) => Away::of(e),
            _ => None,
        }
    }

    pub(crate) fn constraint(&self) -> Option<&str> {
        match self {
            Self::Database(sqlx::Error::Database(e)) => e.constraint(),
            _ => None,
        }
    }

    fn sql_state(&self) -> Option<String> {
        match self {
            Self::Database(sqlx::Error::Database(e)) => e.code().map(|c| c.into_owned()),
            _ => None,
        }
    }

    /// Lost a race that the same attempt may win: serialisation, deadlock, or a board key taken in between.
    pub(crate) fn is_retryable(&self) -> bool {
        matches!(self.sql_state().as_deref(), Some("40001" | "40P01")) || self.constraint() == Some("deals_rank")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_database_says_while_it_is_away_is_no_answer() {
        for (codes, away) in [
            (&["57P01", "57P02", "57P03", "57P05", "08006", "08000", "58030", "58P01", "25006", "25P03", "28P01", "3D000"][..], Away::Unreachable),
            (&["53100"], Away::DiskFull),
            (&["53000", "53200", "53300", "55P03", "57014", "40001", "40P01"], Away::Overloaded),
        ] {
            for code in codes {
                assert_eq!(Away::of_state(code), Some(away), "{code}");
            }
            assert_eq!(Away::from_code(away.code()), Some(away));
        }
        for code in ["22001", "23505", "42501", "42P01", "XX000", "XX001", "25P02"] {
            assert_eq!(Away::of_state(code), None, "{code}");
        }
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        for (error, away) in [
            (sqlx::Error::Io(refused), Some(Away::Unreachable)),
            (sqlx::Error::Io(std::io::ErrorKind::StorageFull.into()), Some(Away::DiskFull)),
            (sqlx::Error::PoolTimedOut, Some(Away::Unreachable)),
            (sqlx::Error::PoolClosed, Some(Away::Unreachable)),
            (sqlx::Error::RowNotFound, None),
            (sqlx::Error::ColumnNotFound("x".into()), None),
        ] {
            assert_eq!(StoreError::Database(error).away(), away);
        }
    }
}

//! Why the store said no.

use domain::{Invalid, Permission};
use serde::{Deserialize, Serialize};

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
    #[error("{0}")]
    InUse(String),
    /// Too many wrong passwords.
    #[error("Too many attempts. Wait a quarter of an hour and try again.")]
    Throttled,
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
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Conflict(#[from] Conflict),
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
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

//! What a command did, before it becomes an event, an outbox row and an outcome.

use domain::{EntityKind, EventId, Inverse, MemberId};
use serde_json::{Map, Value};
use uuid::Uuid;

/// What a command did, before it is written down.
pub(crate) struct Change {
    pub kind: EntityKind,
    pub id: Uuid,
    pub title: String,
    /// Version after the change.
    pub version: i64,
    pub verb: &'static str,
    /// Field → `{before, after}` as values, and as words where the value is an id.
    pub changes: Map<String, Value>,
    pub inverse: Option<Inverse>,
    pub rank: Option<String>,
    /// Recipients of the live message.
    pub audience: Audience,
    /// Who is told of it besides those who look.
    pub notices: Notices,
    /// `false`: the command found everything as wanted; nothing is told.
    pub changed: bool,
    pub event: EventId,
}

/// Somebody to be told, and of what kind of thing.
pub(crate) type Notice = (MemberId, &'static str);

/// Who is told, and who may see the record as the change left it.
#[derive(Default)]
pub(crate) struct Notices {
    pub to: Vec<Notice>,
    pub owner: Option<MemberId>,
    pub visibility: String,
}

/// Recipients of a change's live message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    Workspace,
    /// A member and everybody in that member's team.
    Team(MemberId),
    Member(MemberId),
}

impl Audience {
    /// Recipients at this visibility. A restricted record without an owner has no addressee: its message, which carries ids
    /// alone, goes to the workspace.
    pub fn at(visibility: &str, owner: Option<MemberId>) -> Self {
        match (visibility, owner) {
            ("private", Some(owner)) => Self::Member(owner),
            ("team", Some(owner)) => Self::Team(owner),
            _ => Self::Workspace,
        }
    }

    /// Recipients of an edit: everyone who could see the record before or after it, so that stale rows disappear.
    pub fn of(before: &Map<String, Value>, after: &Map<String, Value>) -> Self {
        let at = |row| Self::at(text(row, "visibility").unwrap_or("workspace"), text(row, "owner_id").and_then(|o| o.parse().ok()));
        match (at(before), at(after)) {
            (Self::Member(_), Self::Member(owner)) => Self::Member(owner),
            (was, is) if was.member() != is.member() => Self::Workspace,
            (Self::Workspace, _) | (_, Self::Workspace) => Self::Workspace,
            (Self::Team(owner), _) | (_, Self::Team(owner)) => Self::Team(owner),
        }
    }

    pub fn member(self) -> Option<MemberId> {
        match self {
            Self::Workspace => None,
            Self::Team(member) | Self::Member(member) => Some(member),
        }
    }

    pub fn with_team(self) -> bool {
        matches!(self, Self::Team(_))
    }
}

pub(crate) fn text<'a>(row: &'a Map<String, Value>, column: &str) -> Option<&'a str> {
    row.get(column).and_then(Value::as_str)
}

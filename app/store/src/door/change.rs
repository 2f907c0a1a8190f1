//! The result of a command, from which event, outbox row and outcome are written.

use domain::{EntityKind, EventId, ImportId, Inverse, MemberId, Subject};
use serde_json::{Map, Value};
use uuid::Uuid;

/// Result of a command, before it is recorded.
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
    /// Notifications to write.
    pub notices: Notices,
    /// `false`: nothing had to change; neither event nor message is written.
    pub changed: bool,
    pub event: EventId,
}

impl Change {
    /// A change of a record at version 1, in a new event, sent to the whole workspace, without notifications and without undo.
    pub fn of(kind: EntityKind, id: Uuid, title: impl Into<String>, verb: &'static str) -> Self {
        Self {
            kind,
            id,
            title: title.into(),
            version: 1,
            verb,
            changes: Map::new(),
            inverse: None,
            rank: None,
            audience: Audience::Workspace,
            notices: Notices::default(),
            changed: true,
            event: EventId::new(),
        }
    }

    /// A change of a share link.
    pub fn of_share(share: Uuid, title: impl Into<String>, verb: &'static str) -> Self {
        Self::of(Subject::STORED_AS, share, title, verb)
    }

    /// A change of a member's own settings, which no other member sees.
    pub fn of_settings(member: MemberId, title: impl Into<String>, verb: &'static str) -> Self {
        Self::of(Subject::STORED_AS, member.0, title, verb).audience(Audience::Member(member))
    }

    /// A change of an import as a whole; `holds` is the kind of its records.
    pub fn of_import(import: ImportId, holds: EntityKind, title: impl Into<String>, verb: &'static str) -> Self {
        Self::of(holds, import.0, title, verb)
    }

    pub fn version(self, version: i64) -> Self {
        Self { version, ..self }
    }

    pub fn changes(self, changes: Map<String, Value>) -> Self {
        Self { changes, ..self }
    }

    pub fn undone_by(self, inverse: impl Into<Inverse>) -> Self {
        Self { inverse: Some(inverse.into()), ..self }
    }

    pub fn with_inverse(self, inverse: Option<Inverse>) -> Self {
        Self { inverse, ..self }
    }

    pub fn at_rank(self, rank: Option<String>) -> Self {
        Self { rank, ..self }
    }

    pub fn audience(self, audience: Audience) -> Self {
        Self { audience, ..self }
    }

    pub fn notifying(self, notices: Notices) -> Self {
        Self { notices, ..self }
    }

    /// `false`: nothing had to change.
    pub fn changed(self, changed: bool) -> Self {
        Self { changed, ..self }
    }

    /// Uses an event id that rows of a bulk event refer to already.
    pub fn in_event(self, event: EventId) -> Self {
        Self { event, ..self }
    }
}

/// Recipient and kind of a notification.
pub(crate) type Notice = (MemberId, &'static str);

/// Recipients of notifications, and who may see the record after the change.
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

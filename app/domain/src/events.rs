//! What happened: one event per command. Timeline, feed, audit, undo and live updates all hang off it.

use crate::{EntityKind, EventId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// An event as feeds and timelines show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    pub id: EventId,
    /// `created`, `edited`, `deleted`, `restored`, `moved`, `won`, `lost`, `reopened`, `imported`, `import_undone`.
    pub verb: String,
    pub kind: EntityKind,
    pub entity_id: Uuid,
    /// Name of the record when it happened.
    pub title: String,
    /// `None`: the system, or somebody who is gone.
    pub actor: Option<String>,
    pub surface: String,
    pub recorded_at: DateTime<Utc>,
    pub occurred_at: DateTime<Utc>,
    /// Field key → (before, after) in words.
    pub changes: BTreeMap<String, (String, String)>,
    /// A later event took this one back.
    pub undone: bool,
    pub undoable: bool,
}

/// Whose doings a feed shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedBy {
    #[default]
    Everybody,
    /// The reader's team, the reader among them.
    Team,
    Me,
}

impl FeedBy {
    pub const ALL: [Self; 3] = [Self::Everybody, Self::Team, Self::Me];

    pub fn code(self) -> &'static str {
        match self {
            Self::Everybody => "everybody",
            Self::Team => "team",
            Self::Me => "me",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|b| b.code() == code)
    }
}

/// What a feed is narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedFilter {
    pub kind: Option<EntityKind>,
    #[serde(default)]
    pub by: FeedBy,
}

impl Event {
    /// What happened in one sentence, without the actor: "moved Acme renewal from Proposal to Negotiation".
    pub fn sentence(&self) -> String {
        let noun = self.kind.noun();
        let title = &self.title;
        let stage = self.changes.get("stage");
        match (self.verb.as_str(), stage) {
            ("created", _) if self.kind == EntityKind::Interaction => format!("logged {title}"),
            ("created", _) if self.kind == EntityKind::Note => format!("noted {title}"),
            ("ordered", _) => format!("put the stages of {title} into another order"),
            ("replaced", _) => format!("deleted stage {title} and put its deals into {}", self.changes.get("into").map_or("", |c| c.1.as_str())),
            ("brought_back", _) => format!("brought back stage {title} with its deals"),
            ("merged", _) => format!("merged the tag {} into {title}", self.changes.get("from").map_or("", |c| c.1.as_str())),
            ("split", _) => format!("took the tag {} out of {title} again", self.changes.get("from").map_or("", |c| c.1.as_str())),
            ("tidied", _) => "put the first steps away".into(),
            ("wished", _) => "changed what to be told of".into(),
            ("shared", _) => format!("made the share link {title}"),
            ("unshared", _) => format!("revoked the share link {title}"),
            ("created", _) => format!("added {noun} {title}"),
            ("deleted", _) => format!("deleted {noun} {title}"),
            ("restored", _) => format!("restored {noun} {title}"),
            ("won", _) => format!("won {title}"),
            ("lost", _) => match self.changes.get("closeReason") {
                Some((_, reason)) if !reason.is_empty() => format!("lost {title}: {reason}"),
                _ => format!("lost {title}"),
            },
            ("moved", Some((from, to))) if from == to => format!("reordered {title} in {to}"),
            ("moved" | "reopened", Some((from, to))) => format!("moved {title} from {from} to {to}"),
            ("snoozed", _) => match self.changes.get("until") {
                Some((_, until)) if !until.is_empty() => format!("put off {title} until {until}"),
                _ => format!("brought back {title}"),
            },
            ("handed_over", _) => format!("gave the records of {title} to {}", self.changes.get("to").map_or("", |c| c.1.as_str())),
            ("weighted", _) => "changed the weights of the suggestions".into(),
            ("imported", _) => format!("imported {title}"),
            ("import_undone", _) => format!("took back the import of {title}"),
            ("edited", _) => {
                let fields: Vec<&str> = self.changes.keys().map(|k| self.kind.field(k).map_or(k.as_str(), |f| f.label)).collect();
                format!("changed {} of {title}", if fields.is_empty() { "nothing".into() } else { fields.join(", ") })
            }
            (verb, _) => format!("{verb} {title}"),
        }
    }
}

/// One live message: something changed, look if you show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LiveMessage {
    pub position: i64,
    pub kind: EntityKind,
    pub id: Uuid,
    pub version: i64,
    pub verb: String,
    /// The command that did it, so that a browser knows its own echo.
    pub command: Option<Uuid>,
}

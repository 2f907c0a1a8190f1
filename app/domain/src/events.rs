//! What happened: one event per command. Timeline, feed, audit, undo and live updates all hang off it.

use crate::{EntityKind, EventId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// An event as feeds and timelines show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Event {
    pub id: EventId,
    /// `created`, `edited`, `deleted`, `restored`, `moved`, `won`, `lost`, `reopened`, `imported`, `import_undone`,
    /// `import_redone`.
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
    /// The reader may take it back.
    pub undoable: bool,
    /// Fewer people see the record since, and the reader is not among them: an admin hears that it happened, and when and by
    /// whom, without what the record says.
    #[serde(default)]
    pub hidden: bool,
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
    /// What happened in one phrase, without the actor: "moved Acme renewal from Proposal to Negotiation". `words` gives an
    /// English text in the language of the reader; names of people's own things stay as they are.
    pub fn phrase(&self, words: impl Fn(&str) -> String) -> String {
        let change = |key: &str| self.changes.get(key);
        let after = |key: &str| change(key).map(|c| c.1.clone()).unwrap_or_default();
        let stage = change("stage").cloned().unwrap_or_default();
        // The title of an import is a summary of its records, and the sample's is a fixed name: both are interface words. The
        // undo and redo of other imports carry the file's name, which is user text.
        let translated = self.verb == "imported" || self.title == crate::sample::NAME;
        let title = if translated { words(&self.title) } else { self.title.clone() };
        let mut parts = vec![("title", title)];
        let text = match self.verb.as_str() {
            _ if self.hidden && after("visibility") == crate::members::TO_TEAM => "made a record visible to their team only ({noun})",
            _ if self.hidden => "made a record private ({noun})",
            "ordered" => "put the stages of {title} into another order",
            "replaced" => "deleted stage {title} and put its deals into {into}",
            "brought_back" => "brought back stage {title} with its deals",
            "merged" => "merged the tag {from} into {title}",
            "split" => "took the tag {from} out of {title} again",
            "tidied" => "put the first steps away",
            "wished" => "changed what to be told of",
            "shared" => "made the share link {title}",
            "unshared" => "revoked the share link {title}",
            "created" => self.kind.spec().created,
            "deleted" => "deleted {noun} {title}",
            "restored" => "restored {noun} {title}",
            "won" => "won {title}",
            "lost" if after("closeReason").is_empty() => "lost {title}",
            "lost" => "lost {title}: {reason}",
            "moved" if change("stage").is_some() && stage.0 == stage.1 => "reordered {title} in {stage}",
            "moved" | "reopened" if change("stage").is_some() => "moved {title} from {from} to {to}",
            "snoozed" if after("until").is_empty() => "brought back {title}",
            "snoozed" => "put off {title} until {until}",
            "handed_over" => "gave the records of {title} to {to}",
            "weighted" => "changed the weights of the suggestions",
            "imported" => "imported {title}",
            "import_undone" => "took back the import of {title}",
            "import_redone" => "brought back the import of {title}",
            "edited" if self.changes.len() == 1 && change("visibility").is_some() => "changed the visibility of {title}",
            "edited" => "changed {fields} of {title}",
            verb => match self.kind.spec().phrases.iter().find(|p| p.0 == verb) {
                Some((_, phrase)) => phrase,
                None => return format!("{verb} {}", self.title),
            },
        };
        let fields = || {
            let names: Vec<String> = self.changes.keys().map(|k| self.kind.field(k).map_or_else(|| k.clone(), |f| words(f.label))).collect();
            if names.is_empty() { words("nothing") } else { names.join(", ") }
        };
        for name in ["noun", "into", "from", "to", "reason", "stage", "until", "fields"] {
            if !text.contains(&format!("{{{name}}}")) {
                continue;
            }
            let value = match (name, self.verb.as_str()) {
                ("noun", _) => words(self.kind.noun()),
                ("from", "moved" | "reopened") => stage.0.clone(),
                ("to", "moved" | "reopened") | ("stage", _) => stage.1.clone(),
                ("reason", _) => after("closeReason"),
                ("fields", _) => fields(),
                (name, _) => after(name),
            };
            parts.push((name, value));
        }
        // One pass: a title may look like a part.
        let mut out = String::new();
        let own = words(text);
        let mut left = own.as_str();
        while let Some((before, rest)) = left.split_once('{') {
            let (name, after) = rest.split_once('}').unwrap_or((rest, ""));
            out.push_str(before);
            out.push_str(parts.iter().find(|p| p.0 == name).map_or("", |p| p.1.as_str()));
            left = after;
        }
        out + left
    }

    /// The same in English.
    pub fn sentence(&self) -> String {
        self.phrase(str::to_owned)
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

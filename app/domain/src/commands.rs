//! The one door for changes: every change of business data is a [`Command`] in an [`Envelope`].

use crate::{
    CommandId, DealId, EntityKind, EventId, FieldMap, ImportId, MemberId, Permission, PipelineId, StageId,
    deals::{Place, Was},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A change somebody wants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Makes a record under an id chosen by the caller.
    Create {
        kind: EntityKind,
        id: Uuid,
        set: FieldMap,
    },
    /// Sets fields; others stay as they are. `null` empties a field.
    Edit {
        kind: EntityKind,
        id: Uuid,
        set: FieldMap,
    },
    /// Puts a record into the bin, from where it can be restored for 30 days.
    Delete {
        kind: EntityKind,
        id: Uuid,
    },
    Restore {
        kind: EntityKind,
        id: Uuid,
    },
    /// Moves a deal within or between stages; into a won or lost stage it closes the deal.
    MoveDeal {
        deal: DealId,
        stage: StageId,
        place: Place,
        reason: Option<String>,
    },
    /// Puts the stages of a pipeline into this order; all of them must be named.
    OrderStages {
        pipeline: PipelineId,
        stages: Vec<StageId>,
    },
    /// Puts the deals of a stage into another of the same pipeline and outcome, and deletes it.
    ReplaceStage {
        stage: StageId,
        into: StageId,
    },
    /// Hides a record from the sender's Today until a day of theirs; `None` brings it back.
    Snooze {
        kind: EntityKind,
        id: Uuid,
        until: Option<NaiveDate>,
    },
    /// How much warmth and time weigh in the sender's suggestions, in hundredths.
    SetWeights {
        warmth: i32,
        time: i32,
    },
    /// Puts the records of one tag under another and takes the first away.
    MergeTags {
        from: Uuid,
        into: Uuid,
    },
    /// Marks notifications of the sender as read: these, or all.
    ReadNotifications {
        ids: Vec<Uuid>,
    },
    /// How the sender wants to hear of a kind of thing.
    SetNotification {
        kind: String,
        in_app: bool,
        by_mail: bool,
        #[serde(default = "crate::notifications::yes")]
        by_push: bool,
    },
    /// Makes a link under which a dashboard can be seen without signing in. The token itself is never stored.
    CreateShare {
        share: Uuid,
        title: String,
        shows: Vec<String>,
        expires_at: Option<DateTime<Utc>>,
        /// SHA-256 of the token, in hex.
        token_hash: String,
    },
    RevokeShare {
        share: Uuid,
    },
    /// Puts the sender's list of first steps away, or brings it back.
    CloseFirstSteps {
        closed: bool,
    },
    /// Adds the sample data, as an import that is taken back as a whole.
    AddSample {
        import: ImportId,
    },
    /// Takes back everything an import made, except records that people changed since.
    UndoImport {
        import: ImportId,
    },
}

impl Command {
    /// Name of each variant, for the test that every one has a REST and a page caller.
    pub const NAMES: [&'static str; 17] = [
        "create",
        "edit",
        "delete",
        "restore",
        "move_deal",
        "order_stages",
        "replace_stage",
        "snooze",
        "set_weights",
        "merge_tags",
        "read_notifications",
        "set_notification",
        "create_share",
        "revoke_share",
        "close_first_steps",
        "add_sample",
        "undo_import",
    ];

    pub fn permission(&self) -> Permission {
        match self {
            Self::Create { kind, .. } | Self::Edit { kind, .. } => kind.edit_permission(),
            Self::Delete { kind, .. } | Self::Restore { kind, .. } => kind.delete_permission(),
            Self::MoveDeal { .. } | Self::Snooze { .. } | Self::SetWeights { .. } => Permission::EditRecords,
            Self::OrderStages { .. } | Self::ReplaceStage { .. } | Self::MergeTags { .. } => Permission::EditSetup,
            Self::ReadNotifications { .. } | Self::SetNotification { .. } | Self::CloseFirstSteps { .. } => Permission::ViewRecords,
            Self::CreateShare { .. } | Self::RevokeShare { .. } => Permission::Share,
            Self::AddSample { .. } | Self::UndoImport { .. } => Permission::Import,
        }
    }

    pub fn entity(&self) -> (EntityKind, Uuid) {
        match self {
            Self::Create { kind, id, .. } | Self::Edit { kind, id, .. } | Self::Delete { kind, id } | Self::Restore { kind, id } => (*kind, *id),
            Self::MoveDeal { deal, .. } => (EntityKind::Deal, deal.0),
            Self::OrderStages { pipeline, .. } => (EntityKind::Pipeline, pipeline.0),
            Self::ReplaceStage { stage, .. } => (EntityKind::Stage, stage.0),
            Self::Snooze { kind, id, .. } => (*kind, *id),
            Self::SetWeights { .. } => (EntityKind::Member, Uuid::nil()),
            Self::MergeTags { into, .. } => (EntityKind::Tag, *into),
            Self::ReadNotifications { .. } | Self::SetNotification { .. } | Self::CloseFirstSteps { .. } => (EntityKind::Member, Uuid::nil()),
            Self::CreateShare { share, .. } | Self::RevokeShare { share } => (EntityKind::Member, *share),
            Self::AddSample { import } => (EntityKind::Deal, import.0),
            Self::UndoImport { import } => (EntityKind::Contact, import.0),
        }
    }

    /// A field edit without a base version would overwrite what the sender has not seen.
    pub fn needs_base_version(&self) -> bool {
        matches!(self, Self::Edit { .. })
    }
}

/// Commands internal to the store: the inverses behind undo, and steps of removing a member. They restore past state or
/// transfer ownership, so they are a separate type that no request deserialises into.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Inner {
    /// Puts a deal back where it was, as it was.
    #[serde(rename = "move_deal")]
    MoveBack {
        deal: DealId,
        stage: StageId,
        place: Was,
        /// Always null; events written before this type was one of its own have it.
        #[serde(default)]
        reason: (),
    },
    /// Takes a replacing back.
    BringBackStage { stage: StageId, into: StageId, event: EventId },
    /// Takes a merging back.
    SplitTags { from: Uuid, into: Uuid, event: EventId },
    /// Transfers a leaving member's records to another member: a step of removing a member.
    HandOver { from: MemberId, to: MemberId },
    /// Brings back what taking an import back removed; `event` is that of the taking back.
    RedoImport { import: ImportId, event: EventId },
    /// Restores a record's visibility after it was narrowed, for an admin who can no longer see the record.
    Widen { kind: EntityKind, id: Uuid, visibility: String },
}

impl Inner {
    pub fn permission(&self) -> Permission {
        match self {
            Self::MoveBack { .. } => Permission::EditRecords,
            Self::BringBackStage { .. } | Self::SplitTags { .. } => Permission::EditSetup,
            Self::HandOver { .. } => Permission::ManageMembers,
            Self::RedoImport { .. } => Permission::Import,
            Self::Widen { .. } => Permission::Oversee,
        }
    }
}

/// What takes an event back: written with the event, carried out by undo alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Inverse {
    Inner(Inner),
    /// What anybody with the right to it may ask for as well.
    Command(Command),
}

impl From<Command> for Inverse {
    fn from(command: Command) -> Self {
        Self::Command(command)
    }
}

impl From<Inner> for Inverse {
    fn from(inner: Inner) -> Self {
        Self::Inner(inner)
    }
}

/// Where a change came through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Surface {
    Web,
    Api,
    Cli,
    Import,
    /// Rapport itself, making a workspace.
    Setup,
}

impl Surface {
    pub fn code(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Api => "api",
            Self::Cli => "cli",
            Self::Import => "import",
            Self::Setup => "setup",
        }
    }
}

/// A command on its way. The same id sent twice does the thing once and answers the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "Read")]
pub struct Envelope {
    pub id: CommandId,
    /// The version of the record the sender looked at.
    pub base_version: Option<i64>,
    pub command: Command,
}

/// An envelope as it arrives. When something happened is for the store to say: history comes in by imports, which send no
/// commands. Browsers of earlier versions send an empty `occurredAt`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Read {
    id: CommandId,
    base_version: Option<i64>,
    command: Command,
    #[serde(default)]
    occurred_at: Option<serde::de::IgnoredAny>,
}

impl TryFrom<Read> for Envelope {
    type Error = &'static str;

    fn try_from(read: Read) -> Result<Self, Self::Error> {
        match read.occurred_at {
            None => Ok(Self { id: read.id, base_version: read.base_version, command: read.command }),
            Some(_) => Err("occurredAt comes with imports only"),
        }
    }
}

impl Envelope {
    pub fn new(command: Command, base_version: Option<i64>) -> Self {
        Self { id: CommandId::new(), base_version, command }
    }
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    pub kind: EntityKind,
    pub id: Uuid,
    /// The record's version after the change.
    pub version: i64,
    /// The event that tells of it; undo names it. `None` when nothing changed.
    pub event: Option<EventId>,
    /// Board key after a move or a creation of a deal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<String>,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const ID: &str = "01980000-0000-7000-8000-000000000001";

    /// The inverses as they stand in the events of every version so far.
    fn stored() -> Vec<(Value, bool)> {
        let place = json!({"at": "restore", "rank": "a0", "probability": 3, "probability_is_manual": true, "closed_at": "2026-02-03T00:00:00Z", "close_reason": "lost"});
        let open = json!({"at": "restore", "rank": "a0", "probability": 3, "probability_is_manual": false, "closed_at": null, "close_reason": null});
        vec![
            (json!({"do": "move_deal", "deal": ID, "stage": ID, "place": place, "reason": null}), true),
            (json!({"do": "move_deal", "deal": ID, "stage": ID, "place": open, "reason": null}), true),
            (json!({"do": "split_tags", "from": ID, "into": ID, "event": ID}), true),
            (json!({"do": "bring_back_stage", "stage": ID, "into": ID, "event": ID}), true),
            (json!({"do": "hand_over", "from": ID, "to": ID}), true),
            (json!({"do": "redo_import", "import": ID, "event": ID}), true),
            (json!({"do": "widen", "kind": "deal", "id": ID, "visibility": "workspace"}), true),
            (json!({"do": "edit", "kind": "deal", "id": ID, "set": {"title": null, "value": "1.50", "tags": ["a"]}}), false),
            (json!({"do": "delete", "kind": "contact", "id": ID}), false),
            (json!({"do": "restore", "kind": "contact", "id": ID}), false),
            (json!({"do": "order_stages", "pipeline": ID, "stages": [ID]}), false),
            (json!({"do": "replace_stage", "stage": ID, "into": ID}), false),
            (json!({"do": "snooze", "kind": "deal", "id": ID, "until": null}), false),
            (json!({"do": "set_weights", "warmth": 1, "time": 2}), false),
            (json!({"do": "merge_tags", "from": ID, "into": ID}), false),
            (json!({"do": "set_notification", "kind": "mention", "in_app": true, "by_mail": false, "by_push": true}), false),
            (json!({"do": "close_first_steps", "closed": true}), false),
            (json!({"do": "revoke_share", "share": ID}), false),
            (json!({"do": "undo_import", "import": ID}), false),
        ]
    }

    #[test]
    fn stored_inverses_are_read_and_written_as_they_always_were() {
        for (text, inner) in stored() {
            let read: Inverse = serde_json::from_value(text.clone()).unwrap();
            assert_eq!(matches!(read, Inverse::Inner(_)), inner, "{text}");
            assert_eq!(serde_json::to_value(&read).unwrap(), text);
        }
    }

    #[test]
    fn no_request_can_be_read_as_what_only_the_store_says() {
        let envelope = |command: &Value, more: Value| {
            let mut whole = json!({"id": ID, "baseVersion": null, "command": command});
            whole.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
            serde_json::from_value::<Envelope>(whole)
        };
        for (text, inner) in stored() {
            assert_eq!(envelope(&text, json!({})).is_err(), inner, "{text}");
        }
        let plain = json!({"do": "delete", "kind": "contact", "id": ID});
        assert!(envelope(&plain, json!({"occurredAt": null})).is_ok(), "as browsers of earlier versions send it");
        for time in [json!("1999-01-01T00:00:00Z"), json!(0), json!("")] {
            assert!(envelope(&plain, json!({"occurredAt": time})).is_err(), "{time}");
        }
    }
}

//! The one door for changes: every change of business data is a [`Command`] in an [`Envelope`].

use crate::{CommandId, DealId, EntityKind, EventId, FieldMap, ImportId, MemberId, Permission, PipelineId, StageId, deals::Place};
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
    /// Takes a replacing back: made by undo only.
    BringBackStage {
        stage: StageId,
        into: StageId,
        event: EventId,
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
    /// Takes a merging back: made by undo only.
    SplitTags {
        from: Uuid,
        into: Uuid,
        event: EventId,
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
    /// Gives what somebody owns to somebody else when they leave: a part of removing a member, refused on its own.
    HandOver {
        from: MemberId,
        to: MemberId,
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
    pub const NAMES: [&'static str; 20] = [
        "create",
        "edit",
        "delete",
        "restore",
        "move_deal",
        "order_stages",
        "replace_stage",
        "bring_back_stage",
        "snooze",
        "set_weights",
        "merge_tags",
        "split_tags",
        "read_notifications",
        "set_notification",
        "close_first_steps",
        "create_share",
        "revoke_share",
        "hand_over",
        "add_sample",
        "undo_import",
    ];

    pub fn permission(&self) -> Permission {
        match self {
            Self::Create { kind, .. } | Self::Edit { kind, .. } => kind.edit_permission(),
            Self::Delete { kind, .. } | Self::Restore { kind, .. } => kind.delete_permission(),
            Self::MoveDeal { .. } | Self::Snooze { .. } | Self::SetWeights { .. } => Permission::EditRecords,
            Self::OrderStages { .. } | Self::ReplaceStage { .. } | Self::BringBackStage { .. } | Self::MergeTags { .. } | Self::SplitTags { .. } => {
                Permission::EditSetup
            }
            Self::ReadNotifications { .. } | Self::SetNotification { .. } | Self::CloseFirstSteps { .. } => Permission::ViewRecords,
            Self::CreateShare { .. } | Self::RevokeShare { .. } => Permission::Share,
            Self::HandOver { .. } => Permission::ManageMembers,
            Self::AddSample { .. } | Self::UndoImport { .. } => Permission::Import,
        }
    }

    pub fn entity(&self) -> (EntityKind, Uuid) {
        match self {
            Self::Create { kind, id, .. } | Self::Edit { kind, id, .. } | Self::Delete { kind, id } | Self::Restore { kind, id } => (*kind, *id),
            Self::MoveDeal { deal, .. } => (EntityKind::Deal, deal.0),
            Self::OrderStages { pipeline, .. } => (EntityKind::Pipeline, pipeline.0),
            Self::ReplaceStage { stage, .. } | Self::BringBackStage { stage, .. } => (EntityKind::Stage, stage.0),
            Self::Snooze { kind, id, .. } => (*kind, *id),
            Self::SetWeights { .. } => (EntityKind::Member, Uuid::nil()),
            Self::MergeTags { into, .. } | Self::SplitTags { into, .. } => (EntityKind::Tag, *into),
            Self::ReadNotifications { .. } | Self::SetNotification { .. } | Self::CloseFirstSteps { .. } => (EntityKind::Member, Uuid::nil()),
            Self::CreateShare { share, .. } | Self::RevokeShare { share } => (EntityKind::Member, *share),
            Self::HandOver { from, .. } => (EntityKind::Member, from.0),
            Self::AddSample { import } => (EntityKind::Deal, import.0),
            Self::UndoImport { import } => (EntityKind::Contact, import.0),
        }
    }

    /// A field edit without a base version would overwrite what the sender has not seen.
    pub fn needs_base_version(&self) -> bool {
        matches!(self, Self::Edit { .. })
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
#[serde(rename_all = "camelCase")]
pub struct Envelope {
    pub id: CommandId,
    /// The version of the record the sender looked at.
    pub base_version: Option<i64>,
    pub command: Command,
    /// When it happened, if not now (an imported history).
    #[serde(default)]
    pub occurred_at: Option<DateTime<Utc>>,
}

impl Envelope {
    pub fn new(command: Command, base_version: Option<i64>) -> Self {
        Self { id: CommandId::new(), base_version, command, occurred_at: None }
    }
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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

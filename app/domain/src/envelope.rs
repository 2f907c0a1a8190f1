//! The envelope around a command, and its outcome.

use crate::{Command, CommandId, EntityKind, EventId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

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

/// A command with its idempotency key: the same id sent twice is carried out once and answered the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "Read")]
pub struct Envelope {
    pub id: CommandId,
    /// Version of the record that the sender has seen.
    pub base_version: Option<i64>,
    pub command: Command,
}

/// An envelope as received. The store sets the time of an event: history arrives through imports, which send no
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
    pub fn new(command: impl Into<Command>, base_version: Option<i64>) -> Self {
        Self { id: CommandId::new(), base_version, command: command.into() }
    }
}

/// Outcome of a command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    pub kind: EntityKind,
    pub id: Uuid,
    /// The record's version after the change.
    pub version: i64,
    /// Event of the change, for undo; `None` when nothing changed.
    pub event: Option<EventId>,
    /// Board key after a move or a creation of a deal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<String>,
}

//! The subject of a command or an event: a record, or something that is not one.

use crate::{EntityKind, ImportId};
use uuid::Uuid;

/// Subject of a command or an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    Record(EntityKind, Uuid),
    Share(Uuid),
    /// An import with its records, or the sample data.
    Import(ImportId),
    /// The acting member's own settings.
    Settings,
}

/// Verbs of events about imports; `entity_id` is the import's id.
pub const IMPORT_VERBS: [&str; 3] = ["imported", "import_undone", "import_redone"];
/// Verbs of events that only the acting member sees.
pub const OWN_VERBS: [&str; 4] = ["snoozed", "weighted", "wished", "tidied"];

impl Subject {
    /// Subject of an event. Events store a kind of record for every subject: settings and share links are stored as a member,
    /// imports as the kind of their records. The verb tells them apart.
    pub fn of_event(verb: &str, kind: EntityKind, id: Uuid) -> Self {
        match verb {
            "shared" | "unshared" => Self::Share(id),
            "weighted" | "wished" | "tidied" => Self::Settings,
            verb if IMPORT_VERBS.contains(&verb) => Self::Import(ImportId(id)),
            _ => Self::Record(kind, id),
        }
    }

    /// Id of the subject; `None` for settings.
    pub fn id(self) -> Option<Uuid> {
        match self {
            Self::Record(_, id) | Self::Share(id) => Some(id),
            Self::Import(import) => Some(import.0),
            Self::Settings => None,
        }
    }

    /// Kind under which events and outcomes store subjects other than records and imports.
    pub const STORED_AS: EntityKind = EntityKind::Member;
}

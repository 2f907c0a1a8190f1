//! Commands on imports.

use crate::{
    EventId, ImportId, Permission, Subject,
    commands::{SliceCommand, SliceInternal},
};
use serde::{Deserialize, Serialize};

/// Commands on imports.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum ImportCommand {
    /// Adds the sample data as an import, which can be undone as a whole.
    AddSample { import: ImportId },
    /// Removes everything that an import created, except records that were changed since.
    UndoImport { import: ImportId },
}

impl SliceCommand for ImportCommand {
    const NAMES: &'static [&'static str] = &["add_sample", "undo_import"];

    fn permission(&self) -> Permission {
        Permission::Import
    }

    fn subject(&self) -> Subject {
        match self {
            Self::AddSample { import } | Self::UndoImport { import } => Subject::Import(*import),
        }
    }
}

/// Internal commands on imports.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum ImportInternal {
    /// Restores the records that the undo of an import removed; `event` is that of the undo.
    RedoImport { import: ImportId, event: EventId },
}

impl SliceInternal for ImportInternal {
    const NAMES: &'static [&'static str] = &["redo_import"];

    fn permission(&self) -> Permission {
        Permission::Import
    }
}

//! An import as people and programs see it, and what they may decide.

use super::{ColumnMapping, ImportKind};
use crate::{EntityKind, EventId, ImportId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What happens to a row whose record is there already (by its id in the other system, else e-mail or name).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum KnownRows {
    /// The record gets what it lacks; what it has stays. A deal is left as it is.
    #[default]
    Fill,
    /// The record is left as it is.
    Skip,
    /// Another record is made.
    Create,
}

impl KnownRows {
    pub const ALL: [Self; 3] = [Self::Fill, Self::Skip, Self::Create];

    pub fn label(self) -> &'static str {
        match self {
            Self::Fill => "Fill in what they lack",
            Self::Skip => "Leave them as they are",
            Self::Create => "Add them once more",
        }
    }
}

/// What a person decided where the file leaves it open.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ImportOptions {
    pub known: KnownRows,
    /// Product names of the file, each with the name it is taken as; its own name stands for a new product.
    pub products: BTreeMap<String, String>,
}

/// One of the first rows of a file, as it would be taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PreviewRow {
    pub number: i64,
    /// One per column of the file.
    pub cells: Vec<String>,
    /// Why it would not be taken; empty: it would.
    pub problems: Vec<String>,
}

/// How far an import is, for pages and the command line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ImportView {
    pub id: ImportId,
    pub file_name: String,
    pub kind: ImportKind,
    /// `draft`, `queued`, `running`, `done`, `failed`, `undone`.
    pub status: String,
    pub mapping: Vec<ColumnMapping>,
    pub options: ImportOptions,
    pub rows_total: i64,
    pub rows_done: i64,
    pub created: i64,
    pub matched: i64,
    pub failed: i64,
    pub error: Option<String>,
    pub findings: Vec<FindingView>,
    pub created_at: DateTime<Utc>,
    /// The reader may take it back: it is theirs, or their role may take back what others brought.
    #[serde(default)]
    pub may_undo: bool,
    /// The event by which it was taken back, as long as that can be undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undone_by: Option<EventId>,
}

/// What taking an import back does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UndoPreview {
    /// Records that go, by kind.
    pub goes: Vec<(EntityKind, i64)>,
    /// Records of the import that undo leaves in place, because they were edited since or other records refer to them.
    pub stays: i64,
    /// One English sentence per record or value that undo leaves in place, at most [`Self::KEPT`] of them.
    #[serde(default)]
    pub kept: Vec<String>,
    /// Records that were there before and lose what the import filled in.
    pub put_back: i64,
}

impl UndoPreview {
    /// Most sentences in [`Self::kept`].
    pub const KEPT: usize = 5;
}

/// The sample data, as one member sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SampleView {
    pub import: ImportId,
    /// Some of its people are the reader's own.
    pub some_mine: bool,
    /// Who added it, if it was somebody else.
    pub added_by: Option<String>,
    pub may_remove: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct FindingView {
    pub row_number: i64,
    pub field: String,
    pub message: String,
    pub severity: String,
    /// A name of the file that is like one we know, for a person to choose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<Suggestion>,
}

impl FindingView {
    /// `field` of findings that list what undo left in place; their row number only orders them.
    pub const UNDO: &'static str = "undo";

    pub fn is_about_undo(&self) -> bool {
        self.field == Self::UNDO
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ImportSuggestion"))]
#[serde(rename_all = "camelCase")]
pub struct Suggestion {
    /// As the file has it.
    pub name: String,
    /// The product that is there.
    pub like: String,
    /// What happens unless somebody says otherwise: taken as the other.
    pub taken: bool,
}

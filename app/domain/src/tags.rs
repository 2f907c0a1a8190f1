//! Tags: words of one's own on people, companies, deals and tasks (SPEC §2.13, TAG-01..03, C-27).

use crate::{
    EntityKind, EventId, FieldKind as K, FieldSpec, KindSpec, Permission, Subject,
    commands::{SliceCommand, SliceInternal},
    fields::DefaultValue as D,
    kind_spec::ByName,
    paths,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Each is a pair of tokens that keeps the contrast in light and dark.
pub const COLORS: &[(&str, &str)] = &[
    ("grey", "Grey"),
    ("red", "Red"),
    ("orange", "Orange"),
    ("yellow", "Yellow"),
    ("green", "Green"),
    ("teal", "Teal"),
    ("blue", "Blue"),
    ("purple", "Purple"),
    ("pink", "Pink"),
];

pub const FIELDS: &[FieldSpec] = &[
    FieldSpec::new("name", "name", "Name", K::Text(60)).required(),
    FieldSpec::new("category", "category", "Category", K::Text(60)).quick(),
    FieldSpec::new("color", "color", "Colour", K::Choice(COLORS)).quick().default(D::Text("grey")),
];

pub const KIND: KindSpec = KindSpec::setup("tag", "tags", Permission::EditSetup).listed_at(paths::TAGS).icon("tag").by_name(ByName::WithReferrer);

/// A tag as its page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct TagRow {
    pub id: Uuid,
    pub version: i64,
    pub name: String,
    pub category: Option<String>,
    pub color: String,
    /// Records that carry it and that the asker may see.
    pub count: i64,
}

/// Commands on tags.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum TagCommand {
    /// Moves the records of one tag to another and deletes the first.
    MergeTags { from: Uuid, into: Uuid },
}

impl SliceCommand for TagCommand {
    const NAMES: &'static [&'static str] = &["merge_tags"];

    fn permission(&self) -> Permission {
        Permission::EditSetup
    }

    fn subject(&self) -> Subject {
        let Self::MergeTags { into, .. } = self;
        Subject::Record(EntityKind::Tag, *into)
    }
}

/// Internal commands on tags.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum TagInternal {
    /// Reverts a merge; `event` is that of the merge.
    SplitTags { from: Uuid, into: Uuid, event: EventId },
}

impl SliceInternal for TagInternal {
    const NAMES: &'static [&'static str] = &["split_tags"];

    fn permission(&self) -> Permission {
        Permission::EditSetup
    }
}

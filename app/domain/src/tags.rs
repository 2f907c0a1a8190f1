//! Tags: words of one's own on people, companies, deals and tasks (SPEC §2.13, TAG-01..03, C-27).

use crate::{FieldKind as K, FieldSpec, KindSpec, Permission, fields::DefaultValue as D, kind_spec::ByName, paths};
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

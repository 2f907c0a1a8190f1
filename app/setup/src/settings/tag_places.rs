//! Tags in the settings and in the palette.

use crate::place::{Finder, Setting};
use domain::{EntityKind, paths};

pub const SETTING: Setting = Setting::new("Tags", "Colours, categories, merging", paths::TAGS, "label colour category merge");

pub const FINDER: Finder = Finder { prefix: '#', kind: EntityKind::Tag, about: "People with this tag", page: Some((paths::PEOPLE, "tag")) };

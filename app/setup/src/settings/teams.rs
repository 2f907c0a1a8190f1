//! Teams in the settings.

use crate::place::Setting;
use domain::EntityKind;

pub const SETTING: Setting =
    Setting::new("Teams", "Who works with whom", "/settings#teams", "office manager visibility").lists(EntityKind::Team, &["office"]);

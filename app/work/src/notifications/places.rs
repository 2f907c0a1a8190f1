//! Places of notifications in navigation and settings.

use crate::place::{Place, Setting};
use domain::paths;

pub const PLACES: &[Place] = &[Place::page("notifications", paths::NOTIFICATIONS, "Notifications", "bell").keys("g n").sidebar(50).badge()];

pub const SETTING: Setting = Setting::new(
    "Notifications",
    "What you hear of, in the app and by mail",
    paths::NOTIFICATION_SETTINGS,
    "mention reminder alert mail e-mail bell",
);

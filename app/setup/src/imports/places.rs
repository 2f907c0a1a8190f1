//! Places of imports in navigation and settings.

use crate::place::{Place, Setting};
use domain::{Permission, paths};

pub const PLACES: &[Place] = &[Place::page("import", paths::IMPORT, "Import", "upload").sidebar(90).needs(Permission::Import)];

pub const SETTING: Setting =
    Setting::new("Import and sample data", "Bring files, add or remove the sample", paths::IMPORT, "csv upload undo example demo")
        .needs(Permission::Import);

//! Area of the setup: settings, imports.
#![recursion_limit = "256"]

#[macro_use]
extern crate base;
extern crate records;
extern crate work;

pub mod imports;
pub mod settings;

/// Places of the area in the navigation.
pub const PLACES: &[&[Place]] = &[imports::places::PLACES, settings::places::PLACES];

/// Pages of the area, besides those of records.
pub const ROUTES: &[PageRoute] = &[
    PageRoute::new::<imports::ImportsPage>("import"),
    PageRoute::new::<imports::ImportPage>("import/:id"),
    PageRoute::new::<settings::SettingsPage>("settings"),
    PageRoute::new::<settings::MembershipsPage>("settings/people"),
    PageRoute::new::<settings::TagsPage>("settings/tags"),
    PageRoute::new::<settings::WorkspacePage>("settings/workspace"),
    PageRoute::new::<settings::SharesPage>("settings/shares"),
    PageRoute::new::<settings::TokensPage>("settings/tokens"),
    PageRoute::new::<settings::ProfilePage>("settings/profile"),
];

use page_table::PageRoute;
use place::Place;

// Names of the layer below under the paths that they have in every area.
#[cfg(feature = "ssr")]
use base::{Answer, context};
use base::{AppError, cookies, failed, flash, format, i18n, latest, page, page_table, place, session, settings_frame, sync, tabs};

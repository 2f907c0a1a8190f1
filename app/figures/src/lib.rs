//! Area of the figures: analytics, the dashboard, the page behind a share link.
#![recursion_limit = "256"]

#[macro_use]
extern crate base;

pub mod analytics;
pub mod dashboard;
#[cfg(feature = "ssr")]
pub mod shares;

/// Places of the area in the navigation.
pub const PLACES: &[&[Place]] = &[dashboard::places::PLACES, analytics::places::PLACES];

/// Pages of the area; the shell has that of the dashboard.
pub const ROUTES: &[PageRoute] = &[PageRoute::new::<analytics::AnalyticsPage>("analytics")];

use page_table::PageRoute;
use place::Place;

// Names of the layer below under the paths that they have in every area.
#[cfg(feature = "ssr")]
use base::{Answer, context, title};
use base::{AppError, failed, format, i18n, latest, page, page_table, place, query_form, session, sync};

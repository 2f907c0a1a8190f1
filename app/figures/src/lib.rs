//! Area of the figures: analytics, the dashboard, the page behind a share link.
#![recursion_limit = "256"]

#[macro_use]
extern crate base;

pub mod analytics;
pub mod dashboard;
#[cfg(feature = "ssr")]
pub mod shares;

// Names of the layer below under the paths that they have in every area.
#[cfg(feature = "ssr")]
use base::{Answer, context, title};
use base::{AppError, failed, format, i18n, latest, page, place, query_form, session, sync};

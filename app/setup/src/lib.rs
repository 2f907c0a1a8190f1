//! Area of the setup: settings, imports.
#![recursion_limit = "256"]

#[macro_use]
extern crate base;
extern crate records;
extern crate work;

pub mod imports;
pub mod settings;

// Names of the layer below under the paths that they have in every area.
#[cfg(feature = "ssr")]
use base::{Answer, context};
use base::{AppError, cookies, failed, flash, format, i18n, latest, page, place, session, settings_frame, sync, tabs};

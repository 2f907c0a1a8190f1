//! Area of daily work: Today, tasks, quick capture, the feed, notifications, the sample data.
#![recursion_limit = "256"]

#[macro_use]
extern crate base;
extern crate records;

pub mod capture;
pub mod feed;
pub mod notifications;
pub mod sample;
pub mod tasks;
pub mod today;

// Names of the layer below under the paths that they have in every area.
#[cfg(feature = "ssr")]
use base::{Answer, context};
use base::{AppError, browser_store, failed, flash, format, hydration, i18n, latest, page, place, session, settings_frame, sync};
use records::interactions;
#[cfg(feature = "ssr")]
use records::prefetched;

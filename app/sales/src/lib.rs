//! Area of sales: deals, their board, list and forecast.
#![recursion_limit = "256"]

#[macro_use]
extern crate base;
extern crate records;
extern crate work;

pub mod deals;

// Names of the layer below under the paths that they have in every area.
#[cfg(feature = "ssr")]
use base::{Answer, context};
use base::{AppError, failed, format, hydration, i18n, latest, lazy, page, place, query_form, session, sync};
use records::interactions;
#[cfg(feature = "ssr")]
use records::prefetched;
use work::tasks;

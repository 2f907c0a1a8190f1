//! Area of people: contacts and companies.
#![recursion_limit = "256"]

#[macro_use]
extern crate base;
extern crate records;
extern crate sales;
extern crate work;

pub mod companies;
pub mod contacts;

// Names of the layer below under the paths that they have in every area.
#[cfg(feature = "ssr")]
use base::{Answer, context};
use base::{AppError, format, i18n, page, place, session, sync};
use records::interactions;
#[cfg(feature = "ssr")]
use records::prefetched;
use sales::deals;
use work::tasks;

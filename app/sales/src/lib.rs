//! Area of sales: deals with their board, list and forecast; leads.
#![recursion_limit = "256"]

#[macro_use]
extern crate base;
#[macro_use]
extern crate records;
extern crate work;

pub mod deals;
pub mod leads;

/// Places of the area in the navigation.
pub const PLACES: &[&[Place]] = &[deals::places::PLACES, leads::places::PLACES];

/// Pages of the area, besides those of records.
pub const ROUTES: &[PageRoute] = &[PageRoute::new::<deals::DealsPage>("deals"), PageRoute::new::<leads::LeadsPage>("leads")];

// Record pages with parts of their own.
record_pages!(deals::DealData, leads::LeadData);

/// Help on the area.
#[cfg(feature = "ssr")]
pub const HELP: &[base::help::Article] = articles!("/../../docs/help/": "leads");

/// Prefetches what the area shows first.
#[cfg(feature = "ssr")]
pub async fn prefetch(set: &mut prefetched::Prefetched, member: domain::MemberId) -> Result<(), AppError> {
    deals::prefetch(set, member).await?;
    leads::prefetch(set).await
}

use page_table::PageRoute;
use place::Place;

// Names of the layer below under the paths that they have in every area.
#[cfg(feature = "ssr")]
use base::{Answer, context};
use base::{AppError, failed, format, hydration, i18n, latest, lazy, page, page_table, place, query_form, session, sync};
use records::interactions;
#[cfg(feature = "ssr")]
use records::prefetched;
use work::tasks;

//! Area of people: contacts and companies.
#![recursion_limit = "256"]

#[macro_use]
extern crate base;
#[macro_use]
extern crate records;
extern crate sales;
extern crate work;

pub mod companies;
pub mod contacts;

/// Places of the area in the navigation.
pub const PLACES: &[&[Place]] = &[contacts::places::PLACES, companies::places::PLACES];

/// Pages of the area, besides those of records.
pub const ROUTES: &[PageRoute] = &[PageRoute::new::<contacts::PeoplePage>("people"), PageRoute::new::<companies::CompaniesPage>("companies")];

// Record pages with parts of their own.
record_pages!(contacts::ContactData, companies::CompanyData);

/// Prefetches what the area shows first.
#[cfg(feature = "ssr")]
pub async fn prefetch(set: &mut prefetched::Prefetched) -> Result<(), AppError> {
    contacts::prefetch(set).await?;
    companies::prefetch(set).await
}

use page_table::PageRoute;
use place::Place;

// Names of the layer below under the paths that they have in every area.
#[cfg(feature = "ssr")]
use base::{Answer, context};
use base::{AppError, format, i18n, page, page_table, place, session, sync};
use records::interactions;
#[cfg(feature = "ssr")]
use records::prefetched;
use sales::deals;
use work::tasks;

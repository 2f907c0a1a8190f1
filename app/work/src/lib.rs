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

/// Places of the area in the navigation.
pub const PLACES: &[&[Place]] = &[today::places::PLACES, tasks::places::PLACES, feed::places::PLACES, notifications::places::PLACES];

/// Pages of the area, besides those of records.
pub const ROUTES: &[PageRoute] = &[
    PageRoute::new::<today::TodayPage>(""),
    PageRoute::new::<tasks::TasksPage>("tasks"),
    PageRoute::new::<feed::FeedPage>("feed"),
    PageRoute::new::<notifications::NotificationsPage>("notifications"),
    PageRoute::new::<notifications::NotificationSettingsPage>("settings/notifications"),
];

/// Prefetches what the area shows first.
#[cfg(feature = "ssr")]
pub async fn prefetch(set: &mut prefetched::Prefetched) -> Result<(), AppError> {
    today::prefetch(set).await?;
    tasks::prefetch(set).await?;
    notifications::prefetch(set).await
}

use page_table::PageRoute;
use place::Place;

// Names of the layer below under the paths that they have in every area.
#[cfg(feature = "ssr")]
use base::{Answer, context};
use base::{AppError, browser_store, failed, flash, format, hydration, i18n, latest, page, page_table, place, session, settings_frame, sync};
use records::interactions;
#[cfg(feature = "ssr")]
use records::prefetched;

//! Pages, parts and server functions, rendered on the server and hydrated in the browser.
#![recursion_limit = "256"]

#[macro_use]
extern crate base;

mod capture;
mod companies;
mod contacts;
mod dashboard;
mod deals;
mod feed;
#[cfg(feature = "ssr")]
pub mod help;
mod imports;
mod interactions;
mod kit;
mod lazy_parts;
mod notes;
mod notifications;
#[cfg(feature = "ssr")]
mod offline_page;
mod palette;
mod peek;
pub mod places;
mod prefetch;
#[cfg(feature = "ssr")]
mod prefetched;
mod record_pages;
pub mod records;
mod routes;
mod settings;
#[cfg(feature = "ssr")]
mod shell;
mod shell_parts;
#[cfg(feature = "ssr")]
pub mod sign_in;
#[cfg(feature = "hydrate")]
mod start;
mod tabs;
mod tasks;
mod toasts;
mod today;

// Names of the layer below under the paths that they have in every area.
#[cfg(feature = "ssr")]
pub use base::{Answer, context, reference};
pub use base::{
    AppError, SessionInfo, Whose, browser_store, cookies, failed, format, hydration, i18n, latest, lazy, page, page_table, pause, place,
    scroll_memory, session, sync, title, values,
};
#[cfg(feature = "ssr")]
pub use figures::shares;
#[cfg(feature = "ssr")]
pub use imports::ImportReading;
#[cfg(feature = "ssr")]
pub use offline_page::offline_page;
pub use routes::App;
#[cfg(feature = "ssr")]
pub use shell::shell;
#[cfg(feature = "hydrate")]
pub use start::{hydrate, start_offline};

//! Pages, parts and server functions, rendered on the server and hydrated in the browser.
#![recursion_limit = "256"]

#[macro_use]
extern crate base;
extern crate records;

mod dashboard;
#[cfg(feature = "ssr")]
pub mod help;
mod kit;
mod lazy_parts;
#[cfg(feature = "ssr")]
mod offline_page;
mod palette;
mod peek;
pub mod places;
mod prefetch;
mod record_pages;
mod routes;
#[cfg(feature = "ssr")]
mod shell;
mod shell_parts;
#[cfg(feature = "ssr")]
pub mod sign_in;
#[cfg(feature = "hydrate")]
mod start;
mod toasts;

// Names of the layer below under the paths that they have in every area.
#[cfg(feature = "ssr")]
pub use base::{Answer, context, reference};
pub use base::{
    AppError, SessionInfo, Whose, browser_store, cookies, failed, format, hydration, i18n, latest, lazy, page, page_table, pause, place,
    scroll_memory, session, sync, tabs, title, values,
};
#[cfg(feature = "ssr")]
pub use figures::shares;
#[cfg(feature = "ssr")]
pub use offline_page::offline_page;
#[cfg(feature = "ssr")]
use records::prefetched;
pub use routes::App;
use sales::deals;
#[cfg(feature = "ssr")]
pub use setup::imports::ImportReading;
use setup::settings;
#[cfg(feature = "ssr")]
pub use shell::shell;
#[cfg(feature = "hydrate")]
pub use start::{hydrate, start_offline};
use work::{capture, notifications, tasks};

//! Pages, parts and server functions, rendered on the server and hydrated in the browser.
#![recursion_limit = "256"]

#[macro_use]
mod later;
mod analytics;
mod browser_store;
mod capture;
mod companies;
mod contacts;
#[cfg(feature = "ssr")]
pub mod context;
mod cookies;
mod dashboard;
mod deals;
mod error;
mod failed;
mod feed;
pub mod format;
#[cfg(feature = "ssr")]
pub mod help;
mod hydration;
pub mod i18n;
mod imports;
mod interactions;
mod kit;
mod latest;
mod lazy_parts;
mod notes;
mod notifications;
#[cfg(feature = "ssr")]
mod offline_page;
mod page;
mod palette;
mod pause;
mod peek;
mod place;
pub mod places;
mod prefetch;
#[cfg(feature = "ssr")]
mod prefetched;
mod record_pages;
pub mod records;
mod routes;
mod scroll_memory;
mod session;
mod settings;
#[cfg(feature = "ssr")]
mod settled;
#[cfg(feature = "ssr")]
pub mod shares;
#[cfg(feature = "ssr")]
mod shell;
mod shell_parts;
#[cfg(feature = "ssr")]
pub mod sign_in;
#[cfg(feature = "hydrate")]
mod start;
mod sync;
mod tabs;
mod tasks;
mod title;
mod toasts;
mod today;
mod values;
mod whose;

pub use error::AppError;
#[cfg(feature = "ssr")]
pub use error::{Answer, reference};
#[cfg(feature = "ssr")]
pub use offline_page::offline_page;
pub use routes::App;
pub use session::SessionInfo;
#[cfg(feature = "ssr")]
pub use shell::shell;
#[cfg(feature = "hydrate")]
pub use start::{after_words, start_offline};
pub use whose::Whose;

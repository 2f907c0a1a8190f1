//! What pages of every area need and what knows no slice: language, session, the command queue and live stream of the browser,
//! the context of a request. Areas are built on it (decision 0027).
#![recursion_limit = "256"]

pub mod browser_store;
#[cfg(feature = "ssr")]
pub mod context;
pub mod cookies;
pub mod error;
pub mod failed;
pub mod flash;
pub mod format;
#[cfg(feature = "ssr")]
pub mod help;
pub mod hydration;
pub mod i18n;
pub mod latest;
pub mod lazy;
pub mod page;
pub mod page_table;
pub mod pause;
pub mod place;
pub mod query_form;
pub mod scroll_memory;
pub mod session;
pub mod settings_frame;
#[cfg(feature = "ssr")]
pub mod settled;
pub mod sync;
pub mod tabs;
pub mod title;
pub mod values;
pub mod whose;

pub use error::AppError;
#[cfg(feature = "ssr")]
pub use error::{Answer, reference};
pub use session::SessionInfo;
pub use whose::Whose;

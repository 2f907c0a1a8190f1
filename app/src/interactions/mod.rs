//! Interactions: logging them from anywhere (SPEC INT-03: all on one screen).

mod address;
mod composer;
mod log_page;

pub use address::log_path;
pub use composer::{About, LogComposer};
pub use log_page::LogPage;

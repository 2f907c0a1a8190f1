//! Interactions: logging them from anywhere (SPEC INT-03: all on one screen).

mod composer;
mod log_page;
pub mod places;

pub use composer::{About, LogComposer};
pub use log_page::LogPage;

//! Deals: board, list, and the stepper of the deal page.

mod address;
mod board;
mod board_view;
mod card;
mod columns;
mod deals_page;
mod empty;
mod filters;
mod forecast;
mod groups;
mod list;
pub mod places;
mod server_fns;
mod stepper;

pub use deals_page::DealsPage;
#[cfg(feature = "ssr")]
pub use server_fns::{ReadBoard, read_board};
pub use stepper::StageStepper;

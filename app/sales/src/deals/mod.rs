//! Deals: board, list, and their page.

mod address;
mod board;
mod board_view;
mod card;
mod columns;
mod deal_page;
mod deals_page;
mod empty;
mod filters;
mod forecast;
mod groups;
mod list;
mod list_view;
mod lost_reason;
mod of_record;
pub mod places;
mod server_fns;
mod stage_menu;
mod stepper;

pub use deal_page::DealData;
pub use deals_page::DealsPage;
pub use lost_reason::LostReason;
pub use of_record::DealsOf;
#[cfg(feature = "ssr")]
pub use server_fns::prefetch;

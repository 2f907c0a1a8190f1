//! Leads: their list, their page, and their conversion.

mod convert;
mod lead_page;
mod leads_page;
pub mod places;
#[cfg(feature = "ssr")]
mod prefetch;

pub use lead_page::LeadData;
pub use leads_page::LeadsPage;
#[cfg(feature = "ssr")]
pub use prefetch::prefetch;

//! Companies.

mod companies_page;
pub mod places;

pub use companies_page::CompaniesPage;
#[cfg(feature = "ssr")]
pub use companies_page::{ListCompanies, list_companies};

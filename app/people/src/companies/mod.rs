//! Companies.

mod companies_page;
mod company_page;
pub mod places;
#[cfg(feature = "ssr")]
mod prefetch;

pub use companies_page::CompaniesPage;
pub use company_page::CompanyData;
#[cfg(feature = "ssr")]
pub use prefetch::prefetch;

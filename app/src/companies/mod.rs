//! Companies.

mod companies_page;
mod company_of;
mod company_page;
pub mod places;
mod server_fns;

pub use companies_page::CompaniesPage;
pub use company_of::CompanyOf;
pub use server_fns::CompanyView;
#[cfg(feature = "ssr")]
pub use server_fns::prefetch;

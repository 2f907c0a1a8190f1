//! Companies.

mod companies_page;
pub use companies_page::CompaniesPage;

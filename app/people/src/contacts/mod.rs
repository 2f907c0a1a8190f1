//! People.

mod contact_page;
mod people_page;
pub mod places;
#[cfg(feature = "ssr")]
mod prefetch;

pub use contact_page::ContactData;
pub use people_page::PeoplePage;
#[cfg(feature = "ssr")]
pub use prefetch::prefetch;

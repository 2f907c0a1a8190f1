//! People.

mod people_page;
pub mod places;

pub use people_page::PeoplePage;
#[cfg(feature = "ssr")]
pub use people_page::{ListContacts, list_contacts};

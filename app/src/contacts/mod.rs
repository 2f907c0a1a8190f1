//! People.

mod people_page;
pub use people_page::PeoplePage;

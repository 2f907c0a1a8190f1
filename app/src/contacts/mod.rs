//! People.

mod add_contact;
mod contact_page;
mod people_page;
pub mod places;
mod server_fns;

pub use add_contact::AddContact;
pub use people_page::PeoplePage;
pub use server_fns::ContactView;
#[cfg(feature = "ssr")]
pub use server_fns::prefetch;

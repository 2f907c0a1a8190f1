//! Members of the workspace.

mod member_page;

pub use member_page::MemberPage;

//! The import wizard: choose a file, check what its columns mean, let it run, take it back.

mod import_page;
mod imports_page;
mod mapping_step;
mod sample;
mod server_fns;
mod take_back;

pub use import_page::ImportPage;
pub use imports_page::ImportsPage;
pub use sample::SampleButton;

//! The import wizard: choose a file, check what its columns mean, let it run, take it back.

mod import_page;
mod imports_page;
mod mapping_step;
pub mod places;
#[cfg(feature = "ssr")]
mod reading;
mod server_fns;

pub use import_page::ImportPage;
pub use imports_page::ImportsPage;
#[cfg(feature = "ssr")]
pub use reading::ImportReading;

/// Name of an import in the reader's language: the sample's is an interface word, a file's is user text.
fn shown_name(file_name: &str) -> String {
    if file_name == domain::sample::NAME { crate::i18n::t("Sample data").to_owned() } else { file_name.to_owned() }
}

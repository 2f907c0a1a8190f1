//! Reading uploaded files: upload in parts, sniff, describe, dry run, run.

mod quotes;
mod reader;
mod run;
mod sniff;
mod upload;

pub use reader::{CsvReader, Record as CsvRecord};
pub use run::{dry_run, dry_run_later, preview_later, run, runner};
pub use sniff::{describe, describe_later};
pub use upload::{draft, failed_csv, upload};

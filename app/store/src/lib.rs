//! The only crate that talks to Postgres. SQL lives here and nowhere else.
//!
//! Reads and writes of a workspace go through [`TenantTx`]; changes of business data through [`Database::dispatch`].

mod analytics;
mod backup;
mod children;
mod companies;
mod contacts;
mod database;
mod deals;
mod derived;
mod door;
mod errors;
mod events;
mod import_apply;
mod import_undo;
mod imports;
mod jobs;
mod linked;
mod live;
mod members;
mod moves;
mod people;
mod pipelines;
mod purge;
mod record_reads;
mod records;
mod references;
mod sample;
mod sessions;
mod sign_in;
mod snoozes;
mod today;

pub use analytics::analytics;
pub use backup::{BackupError, Manifest, create_beside, newest_schema, read_manifest, restore, take_over};
pub use companies::list as list_companies;
pub use contacts::list as list_contacts;
pub use database::{Actor, Database, TenantTx, ensure_database};
pub use deals::{board, cards, column, deals_of, list as list_deals, stage_history};
pub use errors::{Conflict, ConflictField, StoreError};
pub use events::{feed, timeline};
pub use import_apply::{Batch, BatchResult, ImportRow};
pub use imports::{Finding, Import, ImportSummary, NewImport};
pub use jobs::{JobRunner, RunImport, work};
pub use linked::{Linked, list as list_linked};
pub use live::{Addressed, LiveHub, position as live_position};
pub use pipelines::list as list_pipelines;
pub use purge::Purged;
pub use record_reads::{get as get_record, options, simple_list};
pub use sessions::{PgSessionStore, session_hash};
pub use sign_in::{Account, SignInError, Token};
pub use sqlx::{Error as DatabaseError, postgres::PgConnectOptions};
pub use today::{day_of, suggestions, today};

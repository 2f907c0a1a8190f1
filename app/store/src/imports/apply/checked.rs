//! Validated rows of a batch, and the records that it created or updated.

use crate::event_rows::RowChange;
use domain::{EntityKind, fields::Assignment, imports::MappedRow};
use uuid::Uuid;

/// A validated row.
pub(super) struct CheckedRow {
    pub(super) number: i64,
    pub(super) row: MappedRow,
    pub(super) hash: String,
    pub(super) set: Vec<Assignment>,
    pub(super) cells: Vec<String>,
}

/// Records created or updated by this batch.
#[derive(Default)]
pub(super) struct Affected {
    pub(super) created: Vec<(EntityKind, Uuid)>,
    pub(super) touched: Vec<RowChange>,
}

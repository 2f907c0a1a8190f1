//! Hooks: the part that a slice adds to the generic writing of records. Every default does nothing.

use crate::{
    StoreError, TenantTx,
    records::rows::{NewRow, Row, Transition},
    searched::Searched,
};
use domain::{EventId, fields::Assignment};
use uuid::Uuid;

pub(crate) trait Hooks {
    /// How its records are found by search; `None`: they are not.
    const SEARCHED: Option<&'static Searched> = None;

    /// Condition on `t` under which a record is in use besides references by fields, and the noun of its users for the message.
    const NEEDED: Option<(&'static str, &'static str)> = None;

    /// Statements that detach records `$2` of workspace `$1` from rows without a field, before they are purged.
    const DETACH: &'static [&'static str] = &[];

    /// Whether `follow` needs the rows of new records; reading them back costs an import time.
    const FOLLOWS_CREATION: bool = false;

    /// Adds values that follow from those of a new record, or of an edit; they appear in the event like the others.
    async fn derive(_tx: &mut TenantTx, _new: bool, _set: &mut Vec<Assignment>) -> Result<(), StoreError> {
        Ok(())
    }

    /// Sets columns without a field in a new row.
    async fn start(_tx: &mut TenantTx, _set: &[Assignment], _row: &mut NewRow) -> Result<(), StoreError> {
        Ok(())
    }

    /// Sets columns without a field in an edit of these fields.
    fn edit(_set: &[Assignment], _columns: &mut Row) {}

    /// Verb of an edit with a meaning of its own.
    fn verb(_before: &Row, _after: &Row) -> Option<&'static str> {
        None
    }

    /// Columns to set when a record returns from the bin.
    async fn restore(_tx: &mut TenantTx, _id: Uuid, _row: &Row) -> Result<Row, StoreError> {
        Ok(Row::new())
    }

    /// Updates other rows after a change; `event` is that of the change. One row, or a batch.
    async fn follow(_tx: &mut TenantTx, _event: EventId, _rows: &[Transition<'_>]) -> Result<(), StoreError> {
        Ok(())
    }
}

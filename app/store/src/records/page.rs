//! Data that all record pages share. Pages of slices read more in the same transaction.

use crate::{LinkedRecords, StoreError, TenantTx, activities, events, records::reads, tags};
use domain::{EntityKind, Record, events::Event};
use uuid::Uuid;

/// A record and what refers to it.
#[derive(Debug)]
pub struct RecordPage {
    pub record: Record,
    /// Newest first.
    pub events: Vec<Event>,
    /// Empty for kinds that no activities are logged about.
    pub linked: LinkedRecords,
    /// Name and colour of its tags.
    pub tags: Vec<(String, String)>,
}

/// Reads the shared data of a record page.
///
/// # Errors
/// `NotFound`: the record does not exist or the actor cannot see it. `Database`.
pub async fn read(tx: &mut TenantTx, kind: EntityKind, id: Uuid) -> Result<RecordPage, StoreError> {
    let record = reads::get(tx, kind, id).await?;
    let events = events::timeline(tx, kind, id).await?;
    let linked = match kind.has_activities() {
        true => activities::around(tx, kind, id).await?,
        false => LinkedRecords::default(),
    };
    let tags = if kind.is_tagged() { tags::of_record(tx, kind, id).await? } else { Vec::new() };
    Ok(RecordPage { record, events, linked, tags })
}

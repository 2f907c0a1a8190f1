//! Data of record pages.

use crate::notes::NoteView;
use domain::{Record, events::Event};
use serde::{Deserialize, Serialize};

/// A record with the data of its page. One type for all kinds: a resource, its loader and its JSON code per kind were a tenth of
/// what a record page loads (decision 0029).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordView {
    pub record: Record,
    pub events: Vec<Event>,
    /// The latest interactions about the record, newest first.
    pub interactions: Vec<Record>,
    /// Its open tasks, most pressing first.
    pub tasks: Vec<Record>,
    /// Notes about it, pinned ones first.
    pub notes: Vec<NoteView>,
    /// Name and colour of its tags.
    pub tags: Vec<(String, String)>,
    pub now: chrono::DateTime<chrono::Utc>,
    /// Data that the kind's slice adds, as the JSON of its [`super::PageData`]; empty: nothing.
    #[serde(default)]
    pub own: String,
}

#[cfg(feature = "ssr")]
impl RecordView {
    /// Renders the notes of a page that the store read; `own`: the slice's data as JSON.
    pub async fn of(tx: &mut store::TenantTx, page: store::RecordPage, own: String) -> Result<Self, store::StoreError> {
        let store::RecordPage { record, events, linked, tags } = page;
        let notes = crate::notes::note_views(tx, linked.notes).await?;
        Ok(Self { record, events, interactions: linked.interactions, tasks: linked.tasks, notes, tags, now: chrono::Utc::now(), own })
    }
}

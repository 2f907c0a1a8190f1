//! Data of record pages: the part that all kinds share, and the part that a slice adds.

use crate::{AppError, notes::NoteView};
use domain::{EntityKind, Record, events::Event};
use leptos::{
    prelude::*,
    server_fn::{ServerFn, serde::de::DeserializeOwned},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A record with the data that the pages of all kinds share.
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
}

/// Whatever the page of a record reads with one request, which is also its entry in the offline cache.
pub trait PageView: Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The kind whose slice has a page of its own; `None`: all others.
    const KIND: Option<EntityKind>;
    /// The server function of `read`.
    type Read: ServerFn;

    fn read(kind: EntityKind, id: Uuid) -> impl Future<Output = Result<Self, AppError>> + Send;

    /// The body of that request.
    fn request(_kind: EntityKind, id: Uuid) -> String {
        format!("id={id}")
    }

    fn common(&self) -> &RecordView;
}

impl PageView for RecordView {
    const KIND: Option<EntityKind> = None;
    type Read = ReadRecord;

    fn read(kind: EntityKind, id: Uuid) -> impl Future<Output = Result<Self, AppError>> + Send {
        read_record(kind, id)
    }

    fn request(kind: EntityKind, id: Uuid) -> String {
        format!("kind={}&id={id}", kind.noun())
    }

    fn common(&self) -> &RecordView {
        self
    }
}

#[cfg(feature = "ssr")]
impl RecordView {
    /// Renders the notes of a page that the store read.
    pub async fn of(tx: &mut store::TenantTx, page: store::RecordPage) -> Result<Self, store::StoreError> {
        let store::RecordPage { record, events, linked, tags } = page;
        let notes = crate::notes::note_views(tx, linked.notes).await?;
        Ok(Self { record, events, interactions: linked.interactions, tasks: linked.tasks, notes, tags, now: chrono::Utc::now() })
    }
}

#[server(prefix = "/fn", endpoint = "records/view", client = crate::sync::Kept)]
pub async fn read_record(kind: EntityKind, id: Uuid) -> Result<RecordView, AppError> {
    use crate::{Answer, context};
    async {
        let mut tx = context::tenant_generic(domain::Permission::ViewRecords).await?;
        let page = store::record_page(&mut tx, kind, id).await?;
        Ok::<_, AppError>(RecordView::of(&mut tx, page).await?)
    }
    .await
    .answer()
}

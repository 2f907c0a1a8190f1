//! The part of a record page that a slice adds.

use super::open_record::OpenRecord;
use domain::EntityKind;
use leptos::{prelude::*, server_fn::serde::de::DeserializeOwned};
use serde::Serialize;
#[cfg(feature = "ssr")]
use uuid::Uuid;

/// Data that a slice adds to the page of its kind, and the page.
pub trait PageData: Clone + Default + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static {
    const KIND: EntityKind;

    /// Reads the shared data and the slice's own in one transaction.
    #[cfg(feature = "ssr")]
    fn read(tx: &mut store::TenantTx, id: Uuid) -> impl Future<Output = Result<(store::RecordPage, Self), store::StoreError>> + Send;

    fn page(open: OpenRecord) -> AnyView;
}

impl OpenRecord {
    /// The slice's own data; its default where the answer has none.
    pub fn own<D: PageData>(self) -> Memo<D> {
        Memo::new(move |_| self.view.with(|v| serde_json::from_str(&v.own).unwrap_or_default()))
    }
}

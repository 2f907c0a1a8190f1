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

/// The shared data of a record's page, and the slice's own as JSON.
///
/// # Errors
/// `NotFound`: the record does not exist or the actor cannot see it. `Database`.
#[cfg(feature = "ssr")]
pub async fn read_own<D: PageData>(tx: &mut store::TenantTx, id: Uuid) -> Result<(store::RecordPage, String), crate::AppError> {
    let (page, own) = D::read(tx, id).await?;
    Ok((page, serde_json::to_string(&own).map_err(|_| crate::AppError::unreadable())?))
}

/// Declares the pages of an area's records that have parts of their own: `record_pages!(DealData, LeadData)`. A slice adds its
/// type to the line of its area.
#[macro_export]
macro_rules! record_pages {
    ($($own:ty),* $(,)?) => {
        /// The page of a record of this area; `None` for other kinds.
        pub fn record_page(open: $crate::OpenRecord) -> Option<leptos::prelude::AnyView> {
            $(if open.kind == <$own as $crate::PageData>::KIND {
                return Some(<$own as $crate::PageData>::page(open));
            })*
            None
        }

        /// The data of a record's page with that of its slice as JSON; `None` for other kinds.
        ///
        /// # Errors
        /// `NotFound`: the record does not exist or the actor cannot see it. `Database`.
        #[cfg(feature = "ssr")]
        pub async fn read_page(
            tx: &mut store::TenantTx,
            kind: domain::EntityKind,
            id: uuid::Uuid,
        ) -> Result<Option<(store::RecordPage, String)>, $crate::AppError> {
            $(if kind == <$own as $crate::PageData>::KIND {
                return $crate::read_own::<$own>(tx, id).await.map(Some);
            })*
            Ok(None)
        }
    };
}

//! The pages of records: areas whose slices have their own, and the plain one for all other kinds. Parts outside the page read a record
//! through this, so that they share its entry in the offline cache.

#[cfg(feature = "ssr")]
use crate::prefetched::Prefetched;
use crate::{
    AppError,
    records::{OpenRecord, RecordView, plain_page, record_page},
};
use domain::EntityKind;
use leptos::prelude::*;
use uuid::Uuid;

/// Reads a record with the data of its page.
#[server(prefix = "/fn", endpoint = "records/view", protocol = crate::sync::Cached)]
pub async fn read_record(kind: EntityKind, id: Uuid) -> Result<RecordView, AppError> {
    use crate::{Answer, context};
    async {
        let mut tx = context::tenant_generic(domain::Permission::ViewRecords).await?;
        let own = match people::read_page(&mut tx, kind, id).await? {
            None => sales::read_page(&mut tx, kind, id).await?,
            found => found,
        };
        let (page, own) = match own {
            Some(found) => found,
            None => (store::record_page(&mut tx, kind, id).await?, String::new()),
        };
        Ok::<_, AppError>(RecordView::of(&mut tx, page, own).await?)
    }
    .await
    .answer()
}

/// Prefetches the page of a record, once.
#[cfg(feature = "ssr")]
pub async fn prefetch(set: &mut Prefetched, kind: EntityKind, id: Uuid) {
    if set.takes(id)
        && let Ok(view) = read_record(kind, id).await
    {
        set.add::<ReadRecord>(&format!("kind={}&id={id}", kind.noun()), &view);
    }
}

/// Page of the record that the address names, whatever its kind.
pub struct RecordPages;

lazy_page!(RecordPages, record_pages, records);

impl RecordPages {
    fn show() -> AnyView {
        record_page(|kind, id| Box::pin(read_record(kind, id)), body)
    }
}

fn body(open: OpenRecord) -> AnyView {
    people::record_page(open).or_else(|| sales::record_page(open)).unwrap_or_else(|| plain_page(open))
}

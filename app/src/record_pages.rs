//! The pages of records: slices that have one of their own, and the plain one for all others. Parts outside the page read a record
//! through this, so that they share its entry in the offline cache.

#[cfg(feature = "ssr")]
use crate::prefetched::Prefetched;
use crate::{
    AppError,
    companies::CompanyData,
    contacts::ContactData,
    deals::DealData,
    records::{OpenRecord, PageData, RecordView, plain_page, record_page},
};
use domain::EntityKind;
use leptos::prelude::*;
use uuid::Uuid;

/// Evaluates `$then` with `$data` as the slice's data of the kind, or `$plain` for a kind without. A new page adds one type here.
macro_rules! data_of {
    ($kind:expr, $data:ident => $then:expr, $plain:expr) => {
        data_of!($kind, $data => $then, $plain; ContactData, CompanyData, DealData)
    };
    ($kind:expr, $data:ident => $then:expr, $plain:expr; $($own:ty),*) => {
        match $kind {
            $(kind if kind == <$own as PageData>::KIND => {
                type $data = $own;
                $then
            })*
            _ => $plain,
        }
    };
}

/// Reads a record with the data of its page.
#[server(prefix = "/fn", endpoint = "records/view", protocol = crate::sync::Cached)]
pub async fn read_record(kind: EntityKind, id: Uuid) -> Result<RecordView, AppError> {
    use crate::{Answer, context};
    async {
        let mut tx = context::tenant_generic(domain::Permission::ViewRecords).await?;
        let (page, own) = data_of!(kind, Data => {
            let (page, data) = Data::read(&mut tx, id).await?;
            (page, serde_json::to_string(&data).map_err(|_| AppError::unreadable())?)
        }, (store::record_page(&mut tx, kind, id).await?, String::new()));
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
    data_of!(open.kind, Data => Data::page(open), plain_page(open))
}

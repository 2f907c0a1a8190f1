//! The page of each kind of record: slices that have one of their own, and the plain one for all others. Parts outside the
//! page read a record through this, so that they share its entry in the offline cache.

#[cfg(feature = "ssr")]
use crate::prefetched::Prefetched;
use crate::{
    AppError,
    companies::CompanyView,
    contacts::ContactView,
    deals::DealView,
    records::{PageView, RecordPage, RecordView},
};
use domain::{EntityKind, paths};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use uuid::Uuid;

/// Evaluates `$then` with `$view` as the data type of the kind's page. A new page adds one type.
macro_rules! page_of {
    ($kind:expr, $view:ident => $then:expr) => {
        page_of!($kind, $view => $then, ContactView, CompanyView, DealView,)
    };
    ($kind:expr, $view:ident => $then:expr,) => {{
        type $view = RecordView;
        $then
    }};
    ($kind:expr, $view:ident => $then:expr, $own:ty $(, $more:ty)* $(,)?) => {
        if <$own as PageView>::KIND == Some($kind) {
            type $view = $own;
            $then
        } else {
            page_of!($kind, $view => $then, $($more),*)
        }
    };
}

/// Reads the part of a record page that all kinds share.
pub async fn read_common(kind: EntityKind, id: Uuid) -> Result<RecordView, AppError> {
    page_of!(kind, View => View::read(kind, id).await.map(|view| view.common().clone()))
}

/// Reads the page of a record ahead, once.
#[cfg(feature = "ssr")]
pub async fn prefetch(set: &mut Prefetched, kind: EntityKind, id: Uuid) {
    if set.takes(id) {
        page_of!(kind, View => {
            if let Ok(view) = View::read(kind, id).await {
                set.add::<<View as PageView>::Read>(&View::request(kind, id), &view);
            }
        })
    }
}

/// Page of the record that the address names. One lazily loaded page for all kinds: each page of its own would add its route's
/// code to the first file.
pub struct RecordPages;

lazy_page!(RecordPages, record_pages, records);

impl RecordPages {
    fn show() -> AnyView {
        let path = use_location().pathname.get_untracked();
        match paths::record_of(path.trim_end_matches('/')) {
            Some((kind, _)) => page_of!(kind, View => View::draw()),
            None => RecordView::draw(),
        }
    }
}

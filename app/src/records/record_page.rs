//! The page of a record whose slice has nothing of its own to show.

use super::{
    open_record::{OpenRecord, record_page},
    record_details::Details,
    record_head::{RecordHead, TagChips},
    record_panes::TimelinePane,
    record_view::RecordView,
};
use leptos::prelude::*;

pub struct RecordPage;

lazy_page!(RecordPage, plain_record_page, records);

impl RecordPage {
    fn show() -> AnyView {
        record_page::<RecordView>(|open, _| plain_page(open, &[]))
    }
}

/// Head, fields and timeline; `own`: fields that the reader may edit whatever their role.
pub fn plain_page(open: OpenRecord, own: &'static [&'static str]) -> AnyView {
    view! {
        <section class="page record">
            <RecordHead open=open/>
            <TagChips open=open/>
            <div class="record__panes">
                <Details open=open own=own/>
                <TimelinePane open=open/>
                <div class="stack pane--related"></div>
            </div>
        </section>
    }
    .into_any()
}

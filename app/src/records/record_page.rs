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
        record_page::<RecordView>(|open, _| page(open))
    }
}

/// Head, fields and timeline.
fn page(open: OpenRecord) -> AnyView {
    view! {
        <section class="page record">
            <RecordHead open=open/>
            <TagChips open=open/>
            <div class="record__panes">
                <Details open=open/>
                <TimelinePane open=open/>
                <div class="stack pane--related"></div>
            </div>
        </section>
    }
    .into_any()
}

//! Pages of records, and the one for kinds whose slice has nothing of its own to show.

use super::{
    open_record::{OpenRecord, record_page},
    record_details::Details,
    record_head::{RecordHead, TagChips},
    record_panes::TimelinePane,
    record_view::{PageView, RecordView},
};
use leptos::prelude::*;

/// The page of a kind of record, rendered from its data.
pub trait RecordPage: PageView {
    fn draw() -> AnyView;
}

impl RecordPage for RecordView {
    fn draw() -> AnyView {
        record_page::<Self>(|open, _| page(open))
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

//! The page of kinds whose slice adds nothing.

use super::{
    open_record::OpenRecord,
    record_details::Details,
    record_head::{RecordHead, TagChips},
    record_panes::TimelinePane,
};
use leptos::prelude::*;

/// Head, fields and timeline.
pub fn plain_page(open: OpenRecord) -> AnyView {
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

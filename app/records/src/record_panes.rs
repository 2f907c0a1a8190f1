//! The panes of a record's page: a narrow screen shows one of them, chosen by tabs.

use super::{inline_field::InlineField, open_record::OpenRecord, record_timeline::Timeline};
use crate::{
    i18n::t,
    interactions::{About, LogComposer},
    notes::NoteComposer,
};
use domain::paths;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// Codes of the panes, in the query of the page.
const TABS: [&str; 3] = ["timeline", "details", "related"];

/// The tabs and, as children, the three panes.
#[component]
pub fn RecordPanes(
    open: OpenRecord,
    /// The tab of the pane with related records.
    related: &'static str,
    children: Children,
) -> impl IntoView {
    let query = use_query_map();
    let tab = Memo::new(move |_| TABS.into_iter().find(|t| query.get().get("tab").as_deref() == Some(*t)).unwrap_or(TABS[0]));
    let page = paths::record(open.kind, open.id);
    view! {
        <nav class="tabs" aria-label=t("Parts of this page")>
            {TABS.into_iter().zip([t("Timeline"), t("Details"), related]).map(|(code, words)| {
                let href = paths::with_query(&page, &[("tab", if code == TABS[0] { "" } else { code })]);
                view! { <a href=href class="tabs__item" aria-current=move || (tab.get() == code).then_some("true") data-noscroll="">{words}</a> }
            }).collect_view()}
        </nav>
        <div class="record__panes" data-tab=move || tab.get()>{children()}</div>
    }
}

/// The fields of the next step, above the panes.
#[component]
pub fn ComingUp(open: OpenRecord, keys: &'static [&'static str]) -> impl IntoView {
    let fields = open.kind.fields().iter().filter(|spec| keys.contains(&spec.key));
    view! {
        <dl class="facts card coming-up">
            {fields.map(|spec| view! { <InlineField spec=spec record=open.record editable=open.editable/> }).collect_view()}
        </dl>
    }
}

/// The pane of what happened, with the forms to log more.
#[component]
pub fn TimelinePane(
    open: OpenRecord,
    /// Subjects of the activities logged here; `None`: the kind has no activities.
    #[prop(optional)]
    about: Option<About>,
) -> impl IntoView {
    view! {
        <div class="stack pane--timeline">
            {about.filter(|_| open.editable).map(|about| view! {
                <section class="card stack" aria-label=t("Log")>
                    <LogComposer about=about.clone() on_logged=open.reload/>
                    <details class="composer__more">
                        <summary>{t("Write a note")}</summary>
                        <NoteComposer about=about on_saved=open.reload/>
                    </details>
                </section>
            })}
            <Timeline open=open/>
        </div>
    }
}

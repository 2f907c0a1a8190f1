//! The timeline of a record's page, with pending activities of this browser.

use super::{open_record::OpenRecord, timeline::EventLine};
use crate::{
    i18n::t,
    notes::{NoteCard, NoteView},
    sync::Queue,
};
use domain::{EntityKind, events::Event};
use leptos::prelude::*;
use serde_json::Value;
use ui::{EmptyState, PendingDot};

/// Unsaved activities about the record: those of kinds that the page lists apart, or all others.
#[component]
pub fn Unsaved(open: OpenRecord, own_list: bool) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let all = RwSignal::new(Vec::new());
    Effect::new(move |_| {
        queue.pending.track();
        queue.aside.track();
        crate::hydration::when_hydrated(move || {
            all.try_set(queue.waiting_about(open.id).into_iter().filter(|(kind, _)| kind.spec().own_list == own_list).collect());
        });
    });
    move || {
        let all = all.get();
        (!all.is_empty()).then(|| {
            view! {
                <ul class="events">{all.into_iter().map(|(kind, set)| view! {
                    <li class="event"><div class="event__body"><p><strong>{t(label(kind, &set))}</strong>" "<PendingDot/></p><p class="event__words">{text(&set)}</p></div></li>
                }).collect_view()}</ul>
            }
        })
    }
}

/// A kind whose records must have a type is called by that.
fn label(kind: EntityKind, set: &Value) -> &'static str {
    let code = set["type"].as_str().unwrap_or_default();
    let of_type = kind.field("type").filter(|f| f.required).and_then(|f| f.kind.words(code));
    of_type.unwrap_or(kind.spec().label)
}

fn text(set: &Value) -> String {
    let mut texts = ["title", "description", "body", "subject"].iter().filter_map(|key| set[*key].as_str());
    texts.find(|text| !text.is_empty()).unwrap_or_default().to_owned()
}

/// What happened, newest first, filtered by kind on demand.
#[component]
pub fn Timeline(open: OpenRecord) -> impl IntoView {
    let only = RwSignal::new("");
    let chip = move |code: &'static str, words: &'static str| {
        view! { <button type="button" class="chip chip--toggle" aria-pressed=move || (only.get() == code).to_string() on:click=move |_| only.set(code)>{words}</button> }
    };
    view! {
        <section class="card" aria-label=t("Timeline")>
            <h2>{t("Timeline")}</h2>
            <div class="filters">{chip("", t("Everything"))}{chip("interaction", t("Interactions"))}{chip("note", t("Notes"))}{chip("task", t("Tasks"))}{chip("changes", t("Changes"))}</div>
            <Unsaved open=open own_list=false/>
            {move || {
                let v = open.view.get();
                let wanted = only.get();
                let fits = |e: &&Event| match wanted {
                    "" => true,
                    "changes" => !e.kind.is_activity(),
                    noun => e.kind.noun() == noun,
                };
                let events: Vec<Event> = v.events.iter().filter(fits).cloned().collect();
                // Pinned notes are on top; all others where they were written.
                let notes = v.notes.clone();
                let card = move |note: NoteView| view! { <NoteCard note=note on_change=open.reload/> };
                let only_notes = notes.first().is_some_and(|n| n.record.kind.noun() == wanted);
                let pinned = (wanted.is_empty() || only_notes).then(|| notes.iter().filter(|n| n.record.text("pinned") == "yes").cloned().map(card).collect_view());
                if only_notes {
                    return v.notes.iter().cloned().map(card).collect_view().into_any();
                }
                if events.is_empty() && v.notes.is_empty() {
                    return view! { <EmptyState text=t("Nothing has happened here yet.")/> }.into_any();
                }
                let body = |e: &Event| v.interactions.iter().find(|i| e.verb == "created" && i.id == e.entity_id).cloned();
                view! {
                    {pinned}
                    <ol class="events">{events.into_iter().map(|e| {
                        let (about, elsewhere) = (body(&e), e.entity_id != v.record.id);
                        let note = notes.iter().find(|n| e.verb == "created" && n.record.id == e.entity_id && n.record.text("pinned") != "yes").cloned();
                        view! { <EventLine event=e now=v.now body=about linked=elsewhere>{note.map(card)}</EventLine> }
                    }).collect_view()}</ol>
                }.into_any()
            }}
        </section>
    }
}

//! A record looked at beside the list it stands in: Space on a row opens it, the next row takes its place, Escape closes it.
//! For wide screens; on the phone a row opens its page.

use crate::{
    i18n::{t, tf},
    record_pages::read_record,
    records::{EventLine, RecordView, shown},
    sync::Queue,
};
use domain::{EntityKind, Record, changes::Versioned, paths};
use leptos::prelude::*;
use leptos_router::components::A;
use ui::{ErrorBox, Icon, Skeleton};
use uuid::Uuid;
use wasm_bindgen::JsCast;

/// What is being looked at, if anything.
#[derive(Clone, Copy)]
pub struct Peek(pub RwSignal<Option<(EntityKind, Uuid)>>);

/// Room for a third column (the style sheet says the same).
const WIDE: f64 = 1024.0;

/// The record whose row has the focus.
fn focused() -> Option<(EntityKind, Uuid)> {
    let link = document().active_element().filter(|e| e.closest(".peek").ok().flatten().is_none())?;
    let link = if link.tag_name() == "A" { link } else { link.closest("tr, li").ok()??.query_selector("a[href]").ok()?? };
    paths::record_of(&link.get_attribute("href")?)
}

impl Peek {
    /// Opens what has the focus, or closes it again; answers whether there was anything.
    pub fn toggle(self) -> bool {
        let wide = window().inner_width().ok().and_then(|w| w.as_f64()).is_some_and(|w| w >= WIDE);
        let Some(found) = focused().filter(|_| wide) else { return false };
        self.0.update(|now| *now = if *now == Some(found) { None } else { Some(found) });
        true
    }
}

/// Closes the panel; who was in it is back on the row.
fn leave(open: RwSignal<Option<(EntityKind, Uuid)>>) {
    let Some((kind, id)) = open.get_untracked() else { return };
    let inside = document().active_element().is_some_and(|e| e.closest(".peek").ok().flatten().is_some());
    open.set(None);
    let row = document().query_selector(&format!("main a[href='{}']", paths::record(kind, id))).ok().flatten();
    if let Some(row) = row.filter(|_| inside).and_then(|r| r.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = row.focus();
    }
}

/// The panel; nothing as long as nothing is looked at.
#[component]
pub fn PeekPanel() -> impl IntoView {
    let Peek(open) = expect_context::<Peek>();
    // The panel follows the focus over the list, and goes with the list.
    let path = leptos_router::hooks::use_location().pathname;
    Effect::new(move |before: Option<String>| {
        let now = path.get();
        if before.is_some_and(|b| b != now) {
            open.set(None);
        }
        now
    });
    Effect::new(move |_| {
        let follow = window_event_listener(leptos::ev::focusin, move |_| {
            if open.get_untracked().is_some()
                && let Some(found) = focused().filter(|f| open.get_untracked() != Some(*f))
            {
                open.set(Some(found));
            }
        });
        let close = window_event_listener(leptos::ev::keydown, move |ev| {
            // Escape closes what lies on top first.
            if document().query_selector("dialog[open], :popover-open").ok().flatten().is_some() {
                return;
            }
            let typing = ev
                .target()
                .and_then(|x| x.dyn_into::<web_sys::Element>().ok())
                .is_some_and(|e| e.matches("input, textarea, select").unwrap_or(false));
            if ev.key() == "Escape" && !ev.default_prevented() && !typing && open.try_get_untracked().flatten().is_some() {
                leave(open);
            }
        });
        on_cleanup(move || {
            follow.remove();
            close.remove();
        });
    });
    view! {
        <Show when=move || open.get().is_some()>
            <aside class="peek" aria-label=t("Beside the list")>
                {move || open.get().map(|(kind, id)| view! { <Looked kind=kind id=id open=open/> })}
            </aside>
        </Show>
    }
}

#[component]
fn Looked(kind: EntityKind, id: Uuid, open: RwSignal<Option<(EntityKind, Uuid)>>) -> impl IntoView {
    // Asked for by hand and not by a resource: the page around waits for nobody's look.
    let found = RwSignal::new(None::<Result<RecordView, crate::AppError>>);
    leptos::task::spawn_local(async move {
        let answer = read_record(kind, id).await;
        found.try_set(Some(answer));
    });
    view! {
        {move || match found.get() {
            None => view! { <Skeleton rows=6/> }.into_any(),
            Some(Err(e)) => view! { <ErrorBox text=e.to_string()/> }.into_any(),
            Some(Ok(view)) => view! { <Facts view=view/> }.into_any(),
        }}
        <div class="row peek__foot">
            <A href=paths::record(kind, id) attr:class="button button--primary">{t("Open")}</A>
            <button type="button" class="button button--quiet" on:click=move |_| leave(open)>{t("Close")}</button>
        </div>
    }
}

#[component]
fn Facts(view: RecordView) -> impl IntoView {
    let RecordView { record, events, now, tasks, .. } = view;
    let record = expect_context::<Queue>().changes.one(record.clone(), Record::apply).unwrap_or(record);
    let facts = record
        .kind
        .fields()
        .iter()
        .filter(|f| !matches!(f.key, "visibility" | "currency" | "title" | "name" | "firstName" | "lastName"))
        .map(|f| (t(f.label), shown(f, &record)))
        .filter(|(_, value)| !value.is_empty())
        .take(12)
        .map(|(label, value)| view! { <div class="fact"><dt class="fact__label">{label}</dt><dd class="fact__value"><span class="fact__text">{value}</span></dd></div> })
        .collect_view();
    let open_tasks = (!tasks.is_empty()).then(|| tf("{n} open tasks", &[("n", &tasks.len().to_string())]));
    view! {
        <p class="visually-hidden" role="status">{record.title.clone()}</p>
        <div class="peek__head"><Icon name=record.kind.spec().icon/><h2>{record.title.clone()}</h2></div>
        <dl class="facts">{facts}</dl>
        {open_tasks.map(|words| view! { <p class="muted">{words}</p> })}
        <ul class="events">{events.into_iter().take(5).map(|event| view! { <EventLine event=event now=now/> }).collect_view()}</ul>
    }
}

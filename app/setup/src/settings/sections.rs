//! Sections of the settings page.

use crate::{
    i18n::t,
    place::{Listing, Setting},
    session::may,
};
use domain::{EntityKind, Record, paths};
use leptos::prelude::*;
use leptos_router::components::A;
use ui::Icon;

/// Heading of a section, with a button to add a record.
#[component]
pub fn Head(kind: EntityKind, words: &'static str) -> impl IntoView {
    view! {
        <div class="card__head">
            <h2>{words}</h2>
            {may(kind.edit_permission()).then(|| view! { <A href=paths::create(kind) attr:class="icon-button" attr:aria-label=t("Add")><Icon name="plus"/></A> })}
        </div>
    }
}

/// The records of a kind.
#[component]
pub fn RecordsSection(setting: &'static Setting, listing: Listing, records: Memo<Vec<Record>>) -> impl IntoView {
    let Listing { kind, note } = listing;
    let line = move |r: Record| {
        let note = note.iter().map(|key| r.text(key)).collect::<Vec<_>>().join(" ");
        view! { <li><A href=paths::record(kind, r.id)>{r.title}</A><span class="muted">{note}</span></li> }
    };
    view! {
        <section class="card" id=kind.plural()>
            <Head kind=kind words=t(setting.title)/>
            <ul class="links">{move || records.get().into_iter().map(line).collect_view()}</ul>
        </section>
    }
}

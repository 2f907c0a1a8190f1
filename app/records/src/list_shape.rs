//! How a list is shown: without which columns, and in which groups. Both are in the address.

use super::{SelectGap, Selection};
use crate::i18n::{t, tf};
use domain::{EntityKind, FieldKind, FieldSpec, groups, lists};
use leptos::prelude::*;

/// Which columns a table has: each is left out or shown by a link.
#[component]
pub fn Columns(
    /// Codes of those that are left out.
    hide: Memo<String>,
    columns: &'static [(&'static str, &'static str)],
    /// The address with another `hide`.
    link: Callback<String, String>,
) -> impl IntoView {
    view! {
        <details class="columns">
            <summary class="chip chip--toggle">{t("Columns")}</summary>
            <ul class="columns__list">
                {columns.iter().map(|(code, words)| {
                    let shown = move || lists::shows(&hide.get(), code);
                    view! {
                        <li><a class="columns__item" href=move || link.run(lists::toggled(&hide.get(), code, columns)) data-noscroll="" aria-label=move || tf(if shown() { "Leave out {column}" } else { "Show {column}" }, &[("column", t(words))])>
                            <span class="columns__mark" aria-hidden="true">{move || if shown() { "✓" } else { "" }}</span>{t(words)}
                        </a></li>
                    }
                }).collect_view()}
            </ul>
        </details>
    }
}

/// Closes the list of choices: what was chosen is seen in the list of records.
fn close(ev: leptos::ev::MouseEvent) {
    use wasm_bindgen::JsCast;
    let details = ev.target().and_then(|x| x.dyn_into::<web_sys::Element>().ok()).and_then(|e| e.closest("details").ok().flatten());
    if let Some(details) = details {
        let _ = details.remove_attribute("open");
    }
}

/// One choice of a list that is open above the records.
fn choice(on: impl Fn() -> bool + Copy + Send + 'static, href: impl Fn() -> String + Send + 'static, label: &'static str) -> impl IntoView {
    view! {
        <li><a class="columns__item" href=href aria-current=move || on().then_some("true") on:click=close>
            <span class="columns__mark" aria-hidden="true">{move || if on() { "✓" } else { "" }}</span>{t(label)}
        </a></li>
    }
}

/// Which status the records have; nothing for kinds without one.
#[component]
pub fn StatusFilter(
    kind: EntityKind,
    now: Memo<Option<String>>,
    /// The address with another `status`.
    link: Callback<String, String>,
) -> impl IntoView {
    let choices = lists::statuses(kind);
    let words = move || now.with(|now| choices.iter().find(|c| now.as_deref() == Some(c.0)).map_or(t("Status"), |c| t(c.1)));
    let item = move |code: &'static str, label: &'static str| {
        choice(move || now.with(|now| now.as_deref().unwrap_or_default() == code), move || link.run(code.to_owned()), label)
    };
    (!choices.is_empty()).then(|| {
        view! {
            <details class="columns columns--always">
                <summary class="chip chip--toggle" aria-current=move || now.with(Option::is_some).then_some("true")>{words}</summary>
                <ul class="columns__list">
                    {item("", "Any status")}
                    {choices.iter().map(|(code, label)| item(code, label)).collect_view()}
                </ul>
            </details>
        }
    })
}

/// In which groups records stand.
#[component]
pub fn GroupBy(
    kind: EntityKind,
    /// Key of the field; empty: none.
    by: Memo<String>,
    /// What it is called when no field is chosen.
    none: &'static str,
    /// The address with another `group`.
    link: Callback<String, String>,
) -> impl IntoView {
    let now = Memo::new(move |_| groups::field(kind, &by.get()));
    let words = move || match now.get() {
        Some(spec) => tf("By {field}", &[("field", t(spec.label))]),
        None => t("Group by").to_owned(),
    };
    let item =
        move |key: &'static str, label: &'static str| choice(move || now.get().map_or("", |s| s.key) == key, move || link.run(key.to_owned()), label);
    view! {
        <details class="columns columns--always">
            <summary class="chip chip--toggle" aria-current=move || now.get().is_some().then_some("true")>{words}</summary>
            <ul class="columns__list">
                {item("", none)}
                {groups::fields(kind).map(|f| item(f.key, f.label)).collect_view()}
            </ul>
        </details>
    }
}

/// What a group is called: the value its records have, or the name of the record it refers to.
pub fn group_words(spec: &FieldSpec, key: &str, name: &str) -> String {
    match spec.kind {
        _ if key.is_empty() => tf("Without {field}", &[("field", t(spec.label))]),
        FieldKind::Ref(_) if name.is_empty() => t("Not visible to you").into(),
        FieldKind::Ref(_) => name.to_owned(),
        kind => kind.words(key).map_or_else(|| key.to_owned(), |words| t(words).to_owned()),
    }
}

/// The line above the rows of a group, where one begins.
pub fn group_head(
    kind: EntityKind,
    filter: &lists::ListFilter,
    columns: &[(&str, &str)],
    above: &mut Option<String>,
    row: Option<&lists::RowGroup>,
    selection: Selection,
) -> Option<AnyView> {
    let (spec, group) = groups::field(kind, &filter.group).zip(row)?;
    let across = 1 + columns.iter().filter(|c| filter.shows(c.0)).count();
    if above.as_ref() == Some(&group.key) {
        return None;
    }
    *above = Some(group.key.clone());
    let words = group_words(spec, &group.key, &group.name);
    Some(view! { <tr class="table__group"><SelectGap selection=selection/><th scope="rowgroup" colspan=across>{words}{group.count.map(|n| view! { " "<span class="muted">{crate::format::count(n)}</span> })}</th></tr> }.into_any())
}

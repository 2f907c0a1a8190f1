//! What narrows board and list: chips for the everyday ones, a sheet for the rest. All of it is in the address.

use super::address::{FILTERS, SHOWN, address};
use crate::query_form::QueryForm;
use crate::{
    format,
    i18n::{t, tf},
    lazy::Later,
    records::{Columns, GroupBy, Picker, SearchBox},
    session::use_session,
};
use domain::{EntityKind, lists::DEAL_COLUMNS, paths};
use leptos::prelude::*;
use leptos_router::{components::A, params::ParamsMap};
use std::sync::LazyLock;
use ui::{Icon, Sheet};

/// Pairs of days: words, first parameter, last parameter.
const DAYS: [(&str, &str, &str); 3] =
    [("Opened", "openedFrom", "openedTo"), ("Closed", "closedFrom", "closedTo"), ("Expected to close", "expectedFrom", "expectedTo")];

#[component]
pub fn Filters(query: Memo<ParamsMap>) -> impl IntoView {
    let me = use_session().member;
    let open = RwSignal::new(false);
    #[cfg(target_arch = "wasm32")]
    crate::lazy::prefetch_parts(fetch_filter);
    let value = move |key: &str| query.get().get(key).filter(|v| !v.is_empty());
    let mine = move || value("owner").is_some_and(|o| o == me.to_string());
    let without = move |keys: &[&str]| address(&query.get(), &keys.iter().map(|k| (*k, "")).collect::<Vec<_>>());
    // What the sheet set, each to be taken away by a tap.
    let set = move || {
        let mut chips: Vec<(String, String)> = Vec::new();
        for (words, from, to) in DAYS {
            let day = |key: &str| value(key).map(|d| d.parse().map_or(d, format::day));
            let text = match (day(from), day(to)) {
                (None, None) => continue,
                (Some(a), Some(b)) => tf("{what} {a} – {b}", &[("what", t(words)), ("a", &a), ("b", &b)]),
                (Some(a), None) => tf("{what} from {a}", &[("what", t(words)), ("a", &a)]),
                (None, Some(b)) => tf("{what} until {b}", &[("what", t(words)), ("b", &b)]),
            };
            chips.push((text, without(&[from, to])));
        }
        if value("owner").is_some() && !mine() {
            chips.push((t("One owner").to_owned(), without(&["owner"])));
        }
        for (key, words) in [("company", "One company"), ("stage", "One stage"), ("reached", "Reached a stage"), ("nextStep", "Without a next step")]
        {
            if value(key).is_some() {
                chips.push((t(words).to_owned(), without(&[key])));
            }
        }
        if let Some(tag) = value("tag") {
            chips.push((format!("#{tag}"), without(&["tag"])));
        }
        chips
    };
    view! {
        <div class="filters">
            <SearchBox path=paths::DEALS label=t("Search deals and companies") keep=KEPT.as_slice()/>
            <a class="chip chip--toggle" aria-current=move || mine().then_some("true") href=move || {
                let me = me.to_string();
                address(&query.get(), &[("owner", if mine() { "" } else { me.as_str() })])
            }>{t("My deals")}</a>
            {["open", "won", "lost"].into_iter().map(|status| {
                let words = match status { "open" => t("Open"), "won" => t("Won"), _ => t("Lost") };
                let on = move || value("status").as_deref() == Some(status);
                view! { <a class="chip chip--toggle" aria-current=move || on().then_some("true") href=move || address(&query.get(), &[("status", if on() { "" } else { status })])>{words}</a> }
            }).collect_view()}
            {move || set().into_iter().map(|(words, href)| view! {
                <a class="chip chip--toggle" aria-current="true" href=href>{words}<span class="visually-hidden">{t("remove this filter")}</span>" ×"</a>
            }).collect_view()}
            <button type="button" class="chip chip--toggle" data-filter="" on:click=move |_| open.set(true)><Icon name="filter"/>{t("Filter")}</button>
            {move || (value("as").as_deref() != Some("forecast")).then(|| view! { <GroupBy kind=EntityKind::Deal by=Memo::new(move |_| value("group").unwrap_or_default()) none="Stage" link=Callback::new(move |key: String| address(&query.get(), &[("group", &key)]))/> })}
            {move || (value("as").as_deref() == Some("list")).then(|| view! { <Columns hide=Memo::new(move |_| value("hide").unwrap_or_default()) columns=&DEAL_COLUMNS link=Callback::new(move |hide: String| address(&query.get(), &[("hide", &hide)]))/> })}
            {move || FILTERS.iter().any(|f| value(f).is_some()).then(|| view! {
                <a class="chip" href=move || paths::with_query(paths::DEALS, &[("as", &value("as").unwrap_or_default())])>{t("Clear filters")}</a>
            })}
        </div>
        <Sheet open=open title=t("Filter deals")><Later wanted=open part=move || filter_part(query, open)/></Sheet>
    }
}

lazy_part!(bulk, filter_part(query: Memo<ParamsMap>, open: RwSignal<bool>), fetch_filter, view! { <FilterForm query=query open=open/> }.into_any());

/// What stays in the address while one searches.
static KEPT: LazyLock<Vec<&'static str>> = LazyLock::new(|| ["as"].into_iter().chain(FILTERS).chain(SHOWN).filter(|k| *k != "q").collect());

#[component]
fn FilterForm(query: Memo<ParamsMap>, open: RwSignal<bool>) -> impl IntoView {
    let now = query.get_untracked();
    let value = move |key: &str| now.get(key).unwrap_or_default();
    let owner = RwSignal::new((value("owner"), String::new()));
    let choosing = RwSignal::new(false);
    let shown: Vec<&str> = DAYS.iter().flat_map(|d| [d.1, d.2]).chain(["owner", "tag"]).collect();
    let hidden: Vec<(&str, String)> =
        ["as"].into_iter().chain(FILTERS).chain(SHOWN).filter(|k| !shown.contains(k)).map(|k| (k, value(k))).filter(|(_, v)| !v.is_empty()).collect();
    view! {
        <QueryForm action=paths::DEALS class="stack form" on_submit=move |()| open.set(false)>
            {hidden.into_iter().map(|(k, v)| view! { <input type="hidden" name=k value=v/> }).collect_view()}
            <input type="hidden" name="owner" value=move || owner.get().0/>
            <div class="stack">
                <span class="field__label">{t("Owner")}</span>
                {move || {
                    let (id, name) = owner.get();
                    if let Some(kind) = EntityKind::Deal.picked_for("ownerId").filter(|_| choosing.get()) {
                        let choose = move |m: Option<(uuid::Uuid, String)>| {
                            owner.set(m.map(|(i, n)| (i.to_string(), n)).unwrap_or_default());
                            choosing.set(false);
                        };
                        view! { <Picker kind=kind id="filter-owner" label=t("Owner") on_choose=Callback::new(choose) on_cancel=Callback::new(move |()| choosing.set(false))/> }.into_any()
                    } else {
                        let words = match (id.is_empty(), name.is_empty()) {
                            (true, _) => t("Everybody").to_owned(),
                            (false, true) => t("One owner").to_owned(),
                            _ => name,
                        };
                        view! { <div><button type="button" class="chip chip--toggle" aria-pressed=(!id.is_empty()).to_string() on:click=move |_| choosing.set(true)>{words}</button></div> }.into_any()
                    }
                }}
            </div>
            {DAYS.into_iter().map(|(words, from, to)| view! {
                <fieldset class="days">
                    <legend class="field__label">{t(words)}</legend>
                    <input class="input" type="date" name=from value=value(from) aria-label=tf("{what} from", &[("what", t(words))])/>
                    <span aria-hidden="true">"–"</span>
                    <input class="input" type="date" name=to value=value(to) aria-label=tf("{what} until", &[("what", t(words))])/>
                </fieldset>
            }).collect_view()}
            <div class="row">
                <button type="submit" class="button button--primary">{t("Show deals")}</button>
                <A href=paths::DEALS attr:class="button" on:click=move |_| open.set(false)>{t("Clear all")}</A>
            </div>
        </QueryForm>
    }
}
